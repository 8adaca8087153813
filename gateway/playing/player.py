"""One conversation file against the house: what was typed goes in as a provider sends it, screens are compared."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from adapters.channel import Closed, Handset, Rejected, Reply, Request
from adapters.discover import handset
from flows.faults import suggest
from flows.life import HAPPENINGS
from flows.loading.conversations import STRANGER, Conversation, Happens, Shown, Sms, Turn, Typed
from flows.people import SamplePerson
from gateway.build import House
from gateway.gate import Line
from gateway.inviting import inviting
from gateway.playing.desk import address_language, case_number, close_case, code_for, drain, happened, register
from gateway.playing.switched import Switched
from gateway.playing.transcripts import NOBODY, Screen, same
from gateway.playing.wallet import NothingAsked, Wallet
from gateway.record.tables import outbox
from gateway.resolving import expire
from gateway.store.keys import state_key
from gateway.turn import close, turn

UNITS = {"second": 1, "minute": 60, "min": 60, "hour": 3600, "day": 86400, "week": 604800}
OTHER_PIN, WRONG_PIN, WRONG_CODE, WRONG_NUMBER = "8264", "1379", "000000", "99999"


class Unplayable(Exception):
    """What a file asks for cannot be played here; the message says why."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a conversation went another way than its file says. ``after``: the line of the file that led there.

    ``why``: it could not be played on from here (``shown`` says the same).
    """

    file: str
    line: int
    expected: Screen
    shown: Screen
    after: str = ""
    why: str = field(default="", compare=False)

    def __str__(self) -> str:
        expected, shown = "\n".join(self.expected), "\n".join(self.shown)
        return f"{self.file}, line {self.line}: the screen is another one.\n-- expected\n{expected}\n-- shown\n{shown}"


def unplayable(file: str, line: int, written: str, why: object) -> Difference:
    """A line that cannot be played."""
    return Difference(file, line, (written,), (str(why),), why=str(why))


async def play(house: House, conversation: Conversation, people: Mapping[str, SamplePerson]) -> Difference | None:
    """Plays to the end, or to the first difference."""
    try:
        player = Player(house, conversation, people)
    except Unplayable as why:
        header = f"{conversation.person}, {conversation.channel}, {conversation.language}"
        return unplayable(conversation.file, 1, header, why)
    await player.begin()
    try:
        for item in conversation.turns:
            difference = await player.do(item)
            if difference is not None:
                return difference
    finally:
        player.world.free()
    return None


class Player:
    """Plays item by item. ``shown`` is the screen that is on the phone now."""

    def __init__(self, house: House, conversation: Conversation, people: Mapping[str, SamplePerson]) -> None:
        """Raises Unplayable."""
        self.house, self.conversation, self.people = house, conversation, {**people, STRANGER: NOBODY}
        self.person = self.people[conversation.person]
        self.line = _line(house, conversation.channel)
        settings = house.stores.settings.channels[self.line.name]
        self.service = settings.service_codes[0]
        phone = handset(settings.adapter, self.service, self.person.phone)
        if phone is None:
            raise Unplayable(f"The channel {self.line.name} cannot be played yet.")
        self.phone: Handset = phone
        self.shown: Reply | None = None
        self.code = WRONG_CODE
        self.texts: dict[str, int] = {}
        self.world = Switched(house.gate.world)
        self._after = ""
        self._called = False
        house.gate.world = self.world

    async def begin(self) -> None:
        if self.person.language:
            await address_language(self.house, self.person.phone, self.conversation.language)

    @property
    def screen(self) -> Screen:
        """The lines on the phone. An empty one cannot be written down, and is left out."""
        return tuple(line for line in self.shown.text.split("\n") if line) if self.shown else ()

    async def do(self, item: Turn) -> Difference | None:
        """Types, lets happen, or compares."""
        match item:
            case Shown():
                return self._compare(item.line, item.lines, self.screen)
            case Sms():
                found = await self.next_text(item)
                return self._compare(item.line, (item.text,), (found,) if found else ())
            case Typed():
                self._after = f"> ({item.secret})" if item.secret else f"> {item.text}"
                return await self._done(item, self._typed(item))
            case Happens():
                self._after = f"@{item.event} {item.rest}".rstrip()
                return await self._done(item, self._happens(item))
        return None

    async def _done(self, item: Typed | Happens, doing: Awaitable[None]) -> Difference | None:
        """Does it; what cannot be done here is a difference, and ends this conversation only."""
        try:
            await doing
        except (NothingAsked, Unplayable) as why:
            return unplayable(self.conversation.file, item.line, self._after, why)
        except Rejected as why:
            said = f"No phone can send this ({why}). Begin with > {self.service}"
            return unplayable(self.conversation.file, item.line, self._after, said)
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
        meant = meanings[typed.secret] if typed.secret else typed.text
        if typed.secret and not meant:
            name = self.conversation.person
            raise Unplayable(f"{name} has no {typed.secret} in people.yaml. Give them one, or let somebody else talk.")
        return meant

    async def _typed(self, item: Typed) -> None:
        text = await self._meant(item)
        dials = text.startswith(self.service.removesuffix("#")) and text.endswith("#")
        if not dials and not self._called:
            raise Unplayable(f"Nothing was dialled yet. The code here is {self.service}: begin with > {self.service}")
        await self._send(self._dialled(text) if dials else self.phone.type(text))

    def _dialled(self, text: str) -> Request:
        try:
            return self.phone.dial(text)
        except ValueError as wrong:
            raise Unplayable(f"This code is not served here. Dial > {self.service}") from wrong

    async def _send(self, request: Request) -> None:
        self._called = True
        hop = self.line.adapter.receive(request)
        self.shown = self.phone.read(self.line.adapter.answer(await turn(self.house.gate, self.line, hop)))

    def _compare(self, line: int, expected: Screen, shown: Screen) -> Difference | None:
        if same(expected, shown):
            return None
        return Difference(self.conversation.file, line, expected, shown, self._after)

    async def next_text(self, sms: Sms) -> str:
        """The next text that this handset (or another's) got and that was not looked at yet; "" for none."""
        to = self.people[sms.to].phone if sms.to else self.person.phone
        texts, at = await self._texts(to), self.texts.get(to, 0)
        self.texts[to] = at + 1
        return texts[at] if at < len(texts) else ""

    async def new_texts(self) -> list[str]:
        """All texts that this handset got and that were not looked at yet."""
        to = self.person.phone
        texts, at = await self._texts(to), self.texts.get(to, 0)
        self.texts[to] = len(texts)
        return texts[at:]

    async def _texts(self, to: str) -> list[str]:
        await drain(self.house)
        query = sa.select(outbox.c.text).where(outbox.c.to == to).order_by(outbox.c.created_at, outbox.c.ref)
        async with self.house.stores.db.read() as conn:
            return list(await conn.scalars(query))

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
            case "bank down" | "bank slow" | "bank up" | "record down" | "record up":
                self.world.switch(*item.event.split(" "))
            case "activate":
                self.code = await code_for(self.house, self.person)
            case "wallet":
                await Wallet(self.house, self.person.phone).does(item.rest)
            case "event":
                self._check_event(item.rest)
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
            case _:
                raise Unplayable("This cannot be played yet. Take the line out.")

    def _check_event(self, name: str) -> None:
        """What never happens invites nobody: the word is misspelt."""
        if name not in HAPPENINGS:
            raise Unplayable(f'"{name}" is nothing that happens to a client. {suggest(name, HAPPENINGS)}')

    def _advance(self, rest: str) -> None:
        count, unit = re.fullmatch(r"\+(\d+) (\w+?)s?", rest.strip()).groups()  # type: ignore[union-attr]
        self.house.stores.clock.offset += int(count) * UNITS[unit]


def _line(house: House, channel: str) -> Line:
    """The channel of this kind. Raises Unplayable."""
    line = next((one for one in house.gate.lines.values() if one.kind == channel), None)
    if line is None:
        raise Unplayable(f"There is no channel for {channel} that a conversation can be played on.")
    return line
