"""One of them on the phone: presses what they mean, whatever the screen asks, a little slower than a machine."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import cast

from adapters.channel import Handset, Request
from adapters.discover import handset
from flows import asking
from flows import session as sessions
from flows.model import Ask, Choose, Confirm, Menu
from flows.session import Frame, Session
from flows.talk import Talk
from gateway.build import House
from gateway.gate import Line
from gateway.resolving import expire
from gateway.store.keys import state_key
from gateway.turn import close, turn
from worker.past.cast import Character

MOST = 24  # screens of one call
RECALL = "1"  # what a call before had begun: go on with it


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody calls for.

    ``path``: the flows to open from the main menu, one below the other. ``says``: by flow and step an option's name, or
    what is typed; a wish that says nothing there hangs up. ``stops``: after so many answers (0: never), by hanging up
    or by ``silence``. ``slips``: at the answer of this number a wrong key comes first. ``misses``: wrong PINs.
    """

    path: tuple[str, ...]
    says: Mapping[str, str] = field(default_factory=dict)
    stops: int = 0
    silence: bool = False
    slips: int = 0
    misses: int = 0


@dataclass(slots=True)
class Phone:
    """The phone of ``who``, on the first line of the house that can be dialled."""

    house: House
    who: Character
    pin: str
    dice: random.Random
    line: Line = field(init=False)
    service: str = field(init=False)
    handset: Handset = field(init=False)

    def __post_init__(self) -> None:
        self.line = next(iter(self.house.gate.lines.values()))
        settings = self.house.stores.settings.channels[self.line.name]
        self.service = settings.service_codes[0]
        self.handset = cast("Handset", handset(settings.adapter, self.service, self.who.phone))

    async def call(self, wish: Wish) -> str:
        """The flow that the call was in last; "" if it never came to one. The end notice follows."""
        answered, last = 0, ""
        more = await self._send(self.handset.dial(self.service))
        while more and answered < MOST and not (wish.stops and answered >= wish.stops):
            session = await self._session()
            text = self._text(session, wish)
            if text is None:
                break
            last = session.frames[-1].flow
            if answered + 1 == wish.slips:
                text, wish = "7*", replace(wish, slips=0)
            elif session.frames[-1].gate == "pin" and wish.misses:
                text, wish = "1379", replace(wish, misses=wish.misses - 1)
            more, answered = await self._send(self.handset.type(text)), answered + 1
        await self._end(silent=more and wish.silence)
        return last

    async def _end(self, *, silent: bool) -> None:
        clock = self.house.stores.clock
        if silent:
            clock.offset += self.line.profile.idle_seconds + 60
            await expire(self.house.gate, state_key(self.line.kind, self.service, self.who.phone))
            return
        clock.offset += 1.0
        await close(self.house.gate, self.line, self.line.adapter.closed(self.handset.hang_up()))

    async def _send(self, request: Request) -> bool:
        """Whether the session stays open. Somebody reads and types for a few seconds before each request."""
        self.house.stores.clock.offset += self.dice.uniform(3.0, 13.0)
        hop = self.line.adapter.receive(request)
        reply = self.handset.read(self.line.adapter.answer(await turn(self.house.gate, self.line, hop)))
        return reply.more

    async def _session(self) -> Session:
        held = await self.house.gate.sessions.load(self.line.kind, self.service, self.who.phone)
        if held.state is None:
            raise LookupError("there is no call")
        return sessions.decode(held.state.told.talk)

    def _text(self, session: Session, wish: Wish) -> str | None:
        """What is typed at this screen; None: they hang up."""
        frame, releases = session.frames[-1], self.house.releases
        if session.asks_redial:
            return RECALL
        if frame.gate:
            return {"pin": self.pin, "number": self.who.number}.get(frame.gate, self.who.number)
        release = releases.current
        talk = Talk(release, session, self.house.stores.clock.today(), True, self.service)
        said = wish.says.get(f"{frame.flow}.{frame.step}")
        match release.flows[frame.flow].steps[frame.step]:
            case Menu(lists=str(menu)):
                return next((key for key, flow in asking.listed(talk, menu).items() if flow.name in wish.path), None)
            case Menu(options=options) if said is not None:
                names = [option.name for option in options]
                return asking.numbers(talk, len(names))[names.index(said)] if said in names else said
            case Choose() as step:
                return self._chosen(talk, frame, step, said)
            case Ask() if said is not None:
                return said
            case Confirm():
                return said or "1"
        return said

    def _chosen(self, talk: Talk, frame: Frame, step: Choose, said: str | None) -> str | None:
        """The line whose record has this word anywhere in it; without a word, the first."""
        rows = frame.lists.get(step.name) or []
        at = next((n for n, row in enumerate(rows) if said in map(str, row.values())), 0) if said else 0
        keys = asking.numbers(talk, len(rows) or 1)
        return keys[at]
