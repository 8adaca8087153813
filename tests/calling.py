"""Calls to a stage, each request through one of two processes, and what may befall it on the way."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from typing import Any

from hazards import account, another_kind, crash, cut_connections
from hypothesis import strategies as st
from staging import CODE, PHONE, REQUEST, Cut, Happening, Pace, Remembering, Stage, World, answer_lost, killed
from witness import Witness

from adapters.channel import Closed, Reply
from gateway.deadline import Deadline
from gateway.gate import Gate
from gateway.resolving import StillUnknown, expire
from gateway.store.state import State
from gateway.turn import close
from worker import timers

PIN, WRONG = "90713462", "90713468"
SLIP = "9071346"  # of both: what was nearly typed must not be kept either
RESERVED = ("0", "00", "98")
ODD = ("", "*", "7*", "abc", "77", SLIP, PIN)
SHOPS = ("Duka", "Shamba", "Ng'ombe", "Kuku", "Samaki", "Mahindi", "Nguo", "Viatu", "Maziwa", "Chai", "Sukari", "Unga")
LIFE = 450.0  # seconds that a process remembers what it wrote
HELD = 0.02  # seconds that anybody waits for an effect that is held up


class Unhurried(Deadline):
    """No time passes in a turn but for an effect that is held up: else a run would not go the same way twice."""

    def left(self, effect: bool) -> float:
        return HELD if effect and self._hard - self.began < 1 else 60.0

    def over(self) -> bool:
        return False

    async def breathe(self) -> None:
        """Whoever takes Valkey away here waits until it is back."""


@dataclass
class Call:
    """One call as the provider sees it. ``nth``: how often its session id was used from the start."""

    session: str
    text: str
    open: bool = True
    nth: int = 0
    taken: bool = False  # whether we ever answered it

    def asks(self, text: str) -> str:
        """What makes a request one and the same thing that somebody wants."""
        return f"{self.session}.{self.nth} {text}"

    def types(self, typed: str) -> str:
        """The text of the next request."""
        return f"{self.text}*{typed}" if self.text else typed


class Caller:
    """Somebody who calls again and again."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.loop = asyncio.new_event_loop()
        self.do = self.loop.run_until_complete
        self.do(self._begin())

    async def _begin(self) -> None:
        self.stage = Stage(self.url, World(pin=PIN, own=[account(shop) for shop in SHOPS]))
        await self.stage.redis.flushall()
        self.stage.published.current = another_kind("r1")
        self.witness = Witness(self.stage, (SLIP,), SHOPS)
        self.processes: list[Gate] = []
        self.memories = [Remembering(LIFE), Remembering(LIFE)]  # of the processes that answer requests
        self.balancing = cycle((0,))  # which of them answers next
        self.answering = 0
        self.calls: list[Call] = []
        self.past: list[str] = []  # the texts of the last call, oldest first
        self.forgotten = 0  # calls that the store has forgotten

    def leave(self) -> None:
        self.do(self.let_go())
        self.do(self.stage.close())
        self.loop.close()

    @property
    def call(self) -> Call:
        return self.calls[-1]

    # -- asking -----------------------------------------------------------------------------------------------------

    def gate(self) -> Gate:
        """The process whose turn it is. While effects are held up, it waits only shortly for one."""
        self.answering = next(self.balancing)
        gate = self.stage.another_gate(self.memories[self.answering])
        self.processes.append(gate)
        if self.stage.world.hold:
            gate.lines["ussd"] = self.stage.line(answer_seconds=HELD, target_seconds=HELD)
        return gate

    async def hop(self, call: Call, text: str, gate: Gate) -> Reply:
        REQUEST.set(call.asks(text))
        return await self.stage.hop(text, call.session, gate)

    async def ask(self, call: Call, text: str, at: dict[int, Happening] | None = None) -> Reply | None:
        """One request, with what happens on its way; None if its process was killed."""
        pace, gate = Pace(), self.gate()
        if not at:
            return await self._answered(call, text, await self.hop(call, text, gate))
        self._watch(pace, gate, 0)
        (reply,) = await pace.run([self.hop(call, text, gate)], [], at)
        await self.stage.disconnect()  # whether any is dead is a matter of chance
        if not isinstance(reply, Cut):
            return await self._answered(call, text, reply)
        self.memories[self.answering] = Remembering(LIFE)
        for effect in gate.finishing:
            effect.cancel()  # with its process
        return await self._answered(call, text, None)

    def _watch(self, pace: Pace, gate: Gate, who: int) -> None:
        """While effects are held up, nothing else of the world stops: its time must not run out then."""
        pace.watch(gate, who, world=self.stage.world.hold is None)

    async def _answered(self, call: Call, text: str, reply: Reply | None) -> Reply | None:
        """One reply and one entry for a turn; without an entry it is a repeat, or a refusal."""
        turns = await self.witness.new_turns()
        assert len(turns) <= 1
        call.taken = call.taken or bool(turns)
        if reply is not None and turns:
            assert reply.text.startswith("Sorry") or (reply.text, reply.more) == (turns[0].told, turns[0].more)
        elif reply is not None and not self.witness.refused(reply):
            state = await self.state()
            assert (reply.text, reply.more) == (state.told.text, state.told.more)
            assert state.told.at.digest == self.stage.gate.mark(call.session, text)
        return reply

    async def both(self, calls: Sequence[Call], texts: Sequence[str], order: list[int]) -> list[Reply]:
        """Two requests whose awaits take turns; each hears its own turn, what was told last, or a refusal."""
        pace, gates = Pace(), [self.gate(), self.gate()]
        for who, gate in enumerate(gates):
            self._watch(pace, gate, who)
        hops = [self.hop(call, text, gate) for call, text, gate in zip(calls, texts, gates, strict=True)]
        replies: list[Reply] = await pace.run(hops, order)
        turns = await self.witness.new_turns()
        assert len(turns) <= 2
        told = {(turn.told, turn.more) for turn in turns}
        assert all(self.witness.refused(reply) or (reply.text, reply.more) in told for reply in replies)
        return replies

    async def dial(self, call: Call, at: dict[int, Happening] | None = None) -> None:
        """The first request of a call."""
        if call not in self.calls:
            self.calls.append(call)
        self.past = [call.text]
        reply = await self.ask(call, call.text, at)
        call.open = reply is not None and reply.more

    async def type_next(self, typed: str, at: dict[int, Happening] | None = None) -> Reply | None:
        call = self.call
        call.text = call.types(typed)
        self.past.append(call.text)
        reply = await self.ask(call, call.text, at)
        call.open = reply is not None and reply.more
        return reply

    def new_call(self, text: str = "") -> Call:
        return Call(f"S{len(self.calls) + 1}", text)

    async def state(self) -> State:
        found = await self.witness.state()
        assert found is not None, "nothing was kept"
        return found[0]

    def draw_typed(self, data: st.DataObject) -> str:
        """A key of the screen more often than not."""
        found = self.do(self.witness.state())
        screen = found[0].told.text if found else ""
        keys: Sequence[str] = re.findall(r"^(\d+) ", screen, re.MULTILINE)
        if " PIN" in screen:
            keys = [PIN, PIN, PIN, WRONG]
        odd = [typed for typed in ODD if typed or self.call.text]  # an empty first answer is the first request again
        kinds = [kind for kind in (keys, keys, RESERVED, odd) if kind]
        return str(data.draw(st.sampled_from(data.draw(st.sampled_from(kinds)))))

    # -- what happens on the way, and at any other time ---------------------------------------------------------------

    def draw_happening(self, data: st.DataObject) -> dict[int, Happening]:
        named: dict[str, Happening] = {
            "killed": killed,
            "answer lost": answer_lost,
            "connections cut": partial(_quietly, partial(cut_connections, self.url)),
            "scripts forgotten": partial(_quietly, self.stage.redis.script_flush),
            "crashed": partial(_quietly, partial(crash, self.url)),
            "timer": partial(_quietly, partial(self.wait, 60)),
            "hung up": partial(_quietly, self.hang_up),
        }
        return {data.draw(st.integers(0, 9)): named[data.draw(st.sampled_from(sorted(named)))]}

    async def hang_up(self) -> None:
        call = self.call
        closed = Closed(PHONE, CODE, call.session, "left" if call.open else "completed", cost="KES 1.00")
        await close(self.stage.gate, self.stage.gate.lines["ussd"], closed)

    async def wait(self, seconds: float) -> None:
        """Time goes by, and the timers that come due are seen to."""
        self.stage.world.clock.advance(seconds)
        now = self.stage.world.clock.seconds()
        for state in await timers.claim(self.stage.redis, now):
            try:
                await expire(self.gate(), state)
            except StillUnknown:
                continue
            await timers.done(self.stage.redis, state, now)

    async def let_go(self) -> None:
        """Effects that were held up finish."""
        if self.stage.world.hold:
            self.stage.world.hold.set()
        for effect in [effect for gate in self.processes for effect in gate.finishing]:
            await asyncio.wait([effect])
        self.stage.world.hold, self.processes = None, []


async def _quietly(happens: Callable[[], Awaitable[Any]]) -> None:
    await happens()
