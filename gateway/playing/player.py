"""One conversation file against the house: what was typed goes in as a provider sends it, screens are compared."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from adapters.channel import Closed, Handset, Reply, Request
from adapters.discover import handset
from flows.loading.conversations import Conversation, Happens, Shown, Sms, Typed
from flows.people import SamplePerson
from gateway.build import House
from gateway.gate import Line
from gateway.inviting import inviting
from gateway.playing.desk import address_language, case_number, close_case, code_for, drain, happened, register
from gateway.playing.switched import Switched
from gateway.playing.wallet import NothingAsked, Wallet
from gateway.record.tables import outbox
from gateway.resolving import expire
from gateway.store.keys import state_key
from gateway.turn import close, turn

NOBODY = SamplePerson(
    short_name="Somebody", name="", number="", phone="+254700000999", language="", about="a number nobody is known by"
)
UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}
ANYTHING = "…"
OTHER_PIN, WRONG_PIN, WRONG_CODE, WRONG_NUMBER = "8264", "1379", "000000", "99999"


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a conversation went another way than its file says."""

    file: str
    line: int
    expected: tuple[str, ...]
    shown: tuple[str, ...]

    def __str__(self) -> str:
        expected, shown = "\n".join(self.expected), "\n".join(self.shown)
        return f"{self.file}, line {self.line}: the screen is another one.\n-- expected\n{expected}\n-- shown\n{shown}"


def same(expected: tuple[str, ...], shown: tuple[str, ...]) -> bool:
    """Whether two screens are the same; ``…`` stands for anything in a line (a number that is new every time)."""
    if len(expected) != len(shown):
        return False
    forms = (".*".join(re.escape(part) for part in line.split(ANYTHING)) for line in expected)
    return all(re.fullmatch(form, line) for form, line in zip(forms, shown, strict=True))


async def play(house: House, conversation: Conversation, people: Mapping[str, SamplePerson]) -> Difference | None:
    """Plays to the end, or to the first difference."""
    player = _Player(house, conversation, people)
    await player.begin()
    for item in conversation.turns:
        difference = await player.do(item)
        if difference is not None:
            return difference
    return None


async def rewritten(house: House, conversation: Conversation, people: Mapping[str, SamplePerson], text: str) -> str:
    """The file's text with every screen as it is shown now; what was typed, noted and still fits stays."""
    player, lines = _Player(house, conversation, people), text.split("\n")
    await player.begin()
    shown: dict[int, list[str]] = {}
    last, dropped = 0, set[int]()
    for item in conversation.turns:
        if isinstance(item, Shown):
            dropped |= set(range(item.line, item.line + len(item.lines)))
            if same(item.lines, tuple(shown.get(last, ()))):
                shown[last] = list(item.lines)
        elif isinstance(item, Sms):
            text_now = await player.next_text(item)
            lines[item.line - 1] = lines[item.line - 1].split(":")[0] + f": {text_now}"
        else:
            player.shown, last = None, item.line
            await player.do(item)
            shown[item.line] = player.shown.text.split("\n") if player.shown else []
    kept = [[line, *shown.get(n, [])] for n, line in enumerate(lines, 1) if n not in dropped]
    return "\n".join(line for group in kept for line in group)


class _Player:
    def __init__(self, house: House, conversation: Conversation, people: Mapping[str, SamplePerson]) -> None:
        self.house, self.conversation, self.people = house, conversation, {**people, NOBODY.short_name: NOBODY}
        person = self.person = self.people[conversation.person]
        self.line: Line = next(ln for ln in house.gate.lines.values() if ln.kind == conversation.channel)
        settings = house.stores.settings.channels[self.line.name]
        self.service = settings.service_codes[0]
        phone = handset(settings.adapter, self.service, person.phone)
        if phone is None:
            raise ValueError(f"The channel {self.line.name} cannot be played.")
        self.phone: Handset = phone
        self.shown: Reply | None = None
        self.code = WRONG_CODE
        self.texts: dict[str, int] = {}
        self.world = Switched(house.gate.world)
        house.gate.world = self.world

    async def begin(self) -> None:
        if self.person.language:
            await address_language(self.house, self.person.phone, self.conversation.language)

    async def do(self, item: Typed | Shown | Happens | Sms) -> Difference | None:
        match item:
            case Typed():
                await self._typed(await self._meant(item))
            case Shown():
                return self._compare(item.line, item.lines, tuple(self.shown.text.split("\n")) if self.shown else ())
            case Sms():
                return await self._sms(item)
            case Happens():
                try:
                    await self._happens(item)
                except NothingAsked as nothing:
                    return Difference(
                        self.conversation.file, item.line, (f"@{item.event} {item.rest}",), (str(nothing),)
                    )
        return None

    async def _meant(self, typed: Typed) -> str:
        """What stands for a secret, as it is typed."""
        meanings = {
            "PIN": self.person.pin,
            "wrong PIN": WRONG_PIN,
            "new PIN": OTHER_PIN,
            "code": self.code,
            "wrong code": WRONG_CODE,
            "number": self.person.number,
            "wrong number": WRONG_NUMBER,
        }
        if typed.secret == "case":  # noqa: S105 - what is asked for, no secret
            return await case_number(self.house, self.person.phone)
        return meanings[typed.secret] if typed.secret else typed.text

    async def _typed(self, text: str) -> None:
        dials = text.startswith(self.service.removesuffix("#")) and text.endswith("#")
        await self._send(self.phone.dial(text) if dials else self.phone.type(text))

    async def _send(self, request: Request) -> None:
        hop = self.line.adapter.receive(request)
        self.shown = self.phone.read(self.line.adapter.answer(await turn(self.house.gate, self.line, hop)))

    def _compare(self, line: int, expected: tuple[str, ...], shown: tuple[str, ...]) -> Difference | None:
        return None if same(expected, shown) else Difference(self.conversation.file, line, expected, shown)

    async def _sms(self, sms: Sms) -> Difference | None:
        found = await self.next_text(sms)
        return self._compare(sms.line, (sms.text,), (found,) if found else ())

    async def next_text(self, sms: Sms) -> str:
        """The next text that this handset (or another's) got and that was not looked at yet; "" for none."""
        await drain(self.house)
        to = self.people[sms.to].phone if sms.to else self.person.phone
        query = sa.select(outbox.c.text).where(outbox.c.to == to).order_by(outbox.c.created_at, outbox.c.ref)
        async with self.house.stores.db.read() as conn:
            texts = list(await conn.scalars(query))
        at = self.texts.get(to, 0)
        self.texts[to] = at + 1
        return texts[at] if at < len(texts) else ""

    async def _happens(self, item: Happens) -> None:
        match item.event:
            case "clock":
                await drain(self.house)  # by then it has long been written
                self._advance(item.rest)
            case "hang up":
                closed: Closed = self.line.adapter.closed(self.phone.hang_up())
                await close(self.house.gate, self.line, closed)
            case "time out":
                self.house.stores.clock.offset += self.line.profile.idle_seconds + 60
                await expire(self.house.gate, state_key(self.line.kind, self.service, self.person.phone))
            case "redial":
                await self._send(self.phone.dial(self.service))
            case "bank down" | "bank up" | "record down" | "record up":
                what, how = item.event.split(" ")
                self.world.switch(what, how == "down")
            case "activate":
                self.code = await code_for(self.house, self.person)
            case "wallet":
                await Wallet(self.house, self.person.phone).does(item.rest)
            case "event":
                await happened(self.house, self.person, item.rest)
                await inviting(self.house).sweep()
            case "wait":
                await drain(self.house)
                self._advance(f"+{item.rest}")
                await inviting(self.house).sweep()
            case "registered":
                await register(self.house, self.person)
            case "staff" if item.rest == "closes the case":
                await close_case(self.house, self.person.phone)
            case other:
                raise NotImplementedError(f"@{other} cannot be played yet")

    def _advance(self, rest: str) -> None:
        count, unit = re.fullmatch(r"\+(\d+) (\w+?)s?", rest.strip()).groups()  # type: ignore[union-attr]
        self.house.stores.clock.offset += int(count) * UNITS[unit]
