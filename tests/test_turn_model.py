"""The turn against everything that can happen to it, on a real Valkey: hypothesis tries orders, ``Witness`` watches."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from hazards import account, another_kind, crash, cut_connections, mortal_valkey
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from staging import CODE, PHONE, REQUEST, Cut, Happening, Pace, Stage, World, answer_lost, killed
from witness import STATE, Witness

import gateway.turn as turns
from adapters.channel import Closed, Reply
from gateway import resolving
from gateway.deadline import Deadline
from gateway.gate import Gate
from gateway.resolving import StillUnknown, expire
from gateway.store.state import SUPERSEDED
from gateway.turn import close
from worker import timers

PIN, WRONG = "90713462", "90713468"
SLIP = "9071346"  # of both: what was nearly typed must not be kept either
DEEP = ("", "", "5", "5*1", f"2*{PIN}", f"8*3*{PIN}*1*1", f"2*{WRONG}", "9", SLIP)
WAYS = (
    *((one,) for one in DEEP),
    ("", "5"),
    ("", "2", PIN, "98"),
    ("", "8", "3", PIN, "1"),
    ("8*3", PIN, "1"),
    ("", "8", "1", "2"),
)
RESERVED = ("0", "00", "98")
ODD = ("", "*", "7*", "abc", "77", SLIP, PIN)
SHOPS = ("Duka", "Shamba", "Ng'ombe", "Kuku", "Samaki", "Mahindi", "Nguo", "Viatu", "Maziwa", "Chai", "Sukari", "Unga")
ORDER = st.lists(st.integers(0, 1), max_size=20)


HELD = 0.02  # seconds that anybody waits for an effect that is held up


class Unhurried(Deadline):
    """No time passes in a turn but for an effect that is held up: else a run would not go the same way twice."""

    def left(self, effect: bool) -> float:
        return HELD if effect and self._hard - self.began < 1 else 60.0

    def over(self) -> bool:
        return False

    async def breathe(self) -> None:
        """Whoever takes Valkey away in this test waits until it is back."""


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


class Turns(RuleBasedStateMachine):
    url = ""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.do = self.loop.run_until_complete
        self.do(self._begin())

    async def _begin(self) -> None:
        world = World(pin=PIN, own=[account(shop) for shop in SHOPS])
        self.stage = Stage(self.url, world)
        await self.stage.redis.flushall()
        self.stage.published.current = another_kind("r1")
        self.witness = Witness(self.stage, (SLIP,), SHOPS)
        self.processes: list[Gate] = []
        self.calls: list[Call] = []
        self.past: list[tuple[str, str]] = []  # requests of the call that is the last one, oldest first
        self.forgotten = 0  # calls that the store has forgotten

    def teardown(self) -> None:
        self.do(self._end())
        self.loop.close()

    async def _end(self) -> None:
        self.stage.world.hold = self.stage.world.hold or asyncio.Event()
        await self.let_go()
        await self.stage.redis.aclose()

    # -- asking -----------------------------------------------------------------------------------------------------

    @property
    def call(self) -> Call:
        return self.calls[-1]

    def gate(self) -> Gate:
        """Another process. While effects are held up, it waits only shortly for one."""
        gate = self.stage.another_gate()
        self.processes.append(gate)
        if self.stage.world.hold:
            gate.lines["ussd"] = self.stage.line(answer_seconds=HELD, target_seconds=HELD)
        return gate

    async def hop(self, call: Call, text: str, gate: Gate | None = None) -> Reply:
        REQUEST.set(call.asks(text))
        return await self.stage.hop(text, call.session, gate or self.gate())

    async def ask(self, call: Call, text: str, at: dict[int, Happening] | None = None) -> Reply | None:
        """One request, with what happens on its way; None if its process was killed."""
        pace, gate = Pace(), self.gate()
        if not at:
            return await self._answered(call, text, await self.hop(call, text, gate))
        pace.watch(gate, 0)
        (reply,) = await pace.run([self.hop(call, text, gate)], [], at)
        if not isinstance(reply, Cut):
            return await self._answered(call, text, reply)
        for effect in gate.finishing:
            effect.cancel()  # with its process
        return await self._answered(call, text, None)

    async def _answered(self, call: Call, text: str, reply: Reply | None) -> Reply | None:
        """One reply and one entry for a turn; without an entry it is a repeat, or a refusal."""
        turns = await self.witness.new_turns()
        assert len(turns) <= 1
        call.taken = call.taken or bool(turns)
        if reply is None:
            call.open = False
        elif turns:
            assert reply.text.startswith("Sorry") or (reply.text, reply.more) == (turns[0].told, turns[0].more)
        elif not self.witness.refused(reply):
            state, _ = await self.witness.state() or pytest.fail("a reply out of nothing")
            assert (reply.text, reply.more) == (state.told.text, state.told.more)
            assert state.told.at.digest == self.stage.gate.mark(call.session, text)
        return reply

    async def first(self, call: Call, at: dict[int, Happening] | None = None) -> None:
        self.past = [(call.session, call.text)]
        reply = await self.ask(call, call.text, at)
        call.open = reply is not None and reply.more

    async def next(self, typed: str, at: dict[int, Happening] | None = None) -> None:
        call = self.call
        call.text = f"{call.text}*{typed}" if call.text else typed
        self.past.append((call.session, call.text))
        reply = await self.ask(call, call.text, at)
        call.open = reply is not None and reply.more

    def shown(self) -> str:
        found = self.do(self.witness.state())
        return found[0].told.text if found else ""

    def typed(self, data: st.DataObject) -> str:
        """A key of the screen most of the time."""
        screen = self.shown()
        keys = re.findall(r"^(\d+) ", screen, re.MULTILINE)
        if " PIN" in screen:
            keys = [PIN, PIN, PIN, WRONG]
        odd = [typed for typed in ODD if typed or self.call.text]  # an empty first answer is the first request again
        kinds = [kind for kind in (keys, keys, RESERVED, odd) if kind]
        return str(data.draw(st.sampled_from(data.draw(st.sampled_from(kinds)))))

    # -- what happens on the way ------------------------------------------------------------------------------------

    def happening(self, data: st.DataObject) -> dict[int, Happening]:
        at = data.draw(st.integers(0, 9))
        named: dict[str, Happening] = {
            "killed": killed,
            "answer lost": answer_lost,
            "connections cut": partial(self._quietly, partial(cut_connections, self.url)),
            "scripts forgotten": partial(self._quietly, self.stage.redis.script_flush),
            "crashed": partial(self._quietly, partial(crash, self.url)),
            "timer": partial(self._quietly, partial(self.wait, 60)),
            "hung up": partial(self._quietly, self.hang_up),
        }
        return {at: named[data.draw(st.sampled_from(sorted(named)))]}

    async def _quietly(self, happens: Callable[[], Awaitable[Any]]) -> None:
        await happens()

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

    # -- rules ------------------------------------------------------------------------------------------------------

    @rule(way=st.sampled_from(WAYS))
    def call_for_something(self, way: tuple[str, ...]) -> None:
        """A new call, whatever became of the one before, as far as it takes one."""
        self.calls.append(Call(f"S{len(self.calls) + 1}", way[0]))
        self.do(self.first(self.call))
        for typed in way[1:]:
            if self.call.open:
                self.do(self.next(typed))
                self.holds()

    @rule(deep=st.sampled_from(DEEP), data=st.data(), again=st.booleans())
    def dial_in_trouble(self, deep: str, data: st.DataObject, again: bool) -> None:
        self.calls.append(Call(f"S{len(self.calls) + 1}", deep))
        self.do(self.first(self.call, self.happening(data)))
        if again:
            self.repeat()

    @precondition(lambda self: self.calls and self.call.open)
    @rule(data=st.data(), most=st.integers(1, 5))
    def type(self, data: st.DataObject, most: int) -> None:
        for _ in range(most):
            if self.call.open:
                self.do(self.next(self.typed(data)))
                self.holds()

    @precondition(lambda self: self.calls and self.call.open)
    @rule(data=st.data(), again=st.booleans())
    def type_in_trouble(self, data: st.DataObject, again: bool) -> None:
        self.do(self.next(self.typed(data), self.happening(data)))
        if again:
            self.repeat()

    @precondition(lambda self: self.calls)
    @rule()
    def repeat(self) -> None:
        """The last request again: the same reply, and the same once more."""
        _, text = self.past[-1]
        first = self.do(self.ask(self.call, text))
        entries = len(self.witness.entries)
        again = self.do(self.ask(self.call, text))
        assert first is not None and again is not None
        if not self.witness.refused(first):
            assert again == first and len(self.witness.entries) == entries
        self.call.open = again.more

    @precondition(lambda self: self.calls and self.call.text and not self.past[0][1])
    @rule()
    def redial_in_the_same_session(self) -> None:
        self.call.text, self.call.nth = "", self.call.nth + 1
        self.do(self.first(self.call))

    @precondition(lambda self: self.calls and self.call.open and self.call.text and not self.past[0][1])
    @rule(data=st.data())
    def late_first_request(self, data: st.DataObject) -> None:
        """What looks like a redial in the same session is none: the call goes on where it stood."""
        typed, state = self.typed(data), self.do(self.witness.state())
        self.do(self.ask(self.call, ""))
        self.do(self.next(typed))
        if state and not state[0].closed and self.past[-2][1] == self.call.text.removesuffix(f"*{typed}"):
            assert self.witness.entries[-1].conversation == state[1].conversation

    @precondition(lambda self: len(self.past) > 2)
    @rule(data=st.data())
    def late(self, data: st.DataObject) -> None:
        """An older request of this call comes late, and is refused; the call goes on."""
        _, text = data.draw(st.sampled_from(self.past[1:-1]))
        reply = self.do(self.ask(self.call, text))
        assert reply is not None and (self.witness.refused(reply) or self.shown() == reply.text)

    @precondition(lambda self: any(call.taken for call in self.calls[self.forgotten : -1]))
    @rule(data=st.data(), more=st.sampled_from(["", "*1", "*5*1"]))
    def late_from_a_call_before(self, data: st.DataObject, more: str) -> None:
        before = [call for call in self.calls[self.forgotten : -1] if call.taken][-SUPERSEDED:]
        call, entries = data.draw(st.sampled_from(before)), len(self.witness.entries)
        reply = self.do(self.ask(call, f"{call.text}{more}".lstrip("*")))
        assert reply is not None and self.witness.refused(reply) and len(self.witness.entries) == entries

    @precondition(lambda self: self.calls)
    @rule()
    def end_notice(self) -> None:
        self.do(self.hang_up())
        self.call.open = False

    @precondition(lambda self: self.calls and self.call.open)
    @rule(data=st.data(), order=ORDER, same=st.booleans())
    def two_at_once(self, data: st.DataObject, order: list[int], same: bool) -> None:
        one = self.typed(data)
        other = one if same else self.typed(data)
        before = self.call.text
        texts = [f"{before}*{typed}" if before else typed for typed in (one, other)]
        if not same:
            self.witness.loose |= {self.call.asks(text) for text in texts}
        replies = self.do(self.both([self.call, self.call], texts, order))
        assert one != other or replies[0] == replies[1]
        state, _ = self.do(self.witness.state()) or pytest.fail("nothing was kept")
        self.call.text = next(
            (t for t in texts if self.stage.gate.mark(self.call.session, t) == state.told.at.digest), before
        )
        self.past.append((self.call.session, self.call.text))
        self.call.open = state.told.more and not state.closed

    @precondition(lambda self: self.calls and self.call.open)
    @rule(data=st.data(), order=ORDER)
    def redial_while_the_old_call_goes_on(self, data: st.DataObject, order: list[int]) -> None:
        old, new = self.call, Call(f"S{len(self.calls) + 1}", "")
        typed = self.typed(data)
        old.text = f"{old.text}*{typed}" if old.text else typed
        replies = self.do(self.both([old, new], [old.text, ""], order))
        self.calls.append(new)
        self.past = [(new.session, "")]
        new.taken, new.open = True, replies[1].more
        state, _ = self.do(self.witness.state()) or pytest.fail("nothing was kept")
        assert self.witness.refused(replies[1]) or state.provider == new.session

    async def both(self, calls: Sequence[Call], texts: Sequence[str], order: list[int]) -> list[Reply]:
        """Two requests whose awaits take turns; each hears its own turn, what was told last, or a refusal."""
        pace, gates = Pace(), [self.gate(), self.gate()]
        for who, gate in enumerate(gates):
            pace.watch(gate, who)
        hops = [self.hop(call, text, gate) for call, text, gate in zip(calls, texts, gates, strict=True)]
        replies: list[Reply] = await pace.run(hops, order)
        told = {(turn.told, turn.more) for turn in await self.witness.new_turns()}
        assert len(told) <= 2
        assert all(self.witness.refused(reply) or (reply.text, reply.more) in told for reply in replies)
        return replies

    @rule(seconds=st.sampled_from([20, 60, 300]))
    def time_passes(self, seconds: int) -> None:
        self.do(self.wait(seconds))
        if self.calls and seconds > 45:
            self.call.open = False  # the provider has hung up, whether it says so or not

    @rule(swept=st.booleans())
    def a_quarter_of_an_hour_passes(self, swept: bool) -> None:
        """The store forgets the conversation, as its expiry says; perhaps before anybody saw to its timer."""
        self.stage.world.clock.advance(901)
        if swept:
            self.do(self.wait(0))
        self.do(self.stage.redis.delete(STATE))
        self.forgotten = len(self.calls)
        for call in self.calls[-1:]:
            call.open, call.nth = False, call.nth + 1

    @rule(what=st.sampled_from(["effects", "record", "release", "old releases", "crash", "scripts", "connections"]))
    def world_changes(self, what: str) -> None:
        published, world = self.stage.published, self.stage.world
        match what:
            case "effects" if world.hold:
                self.do(self.let_go())
            case "effects":
                world.hold = asyncio.Event()
            case "record":
                world.down = not world.down
            case "release":
                published.publish(another_kind(f"r{len(published.old) + 2}"))
            case "old releases":
                published.lost = not published.lost
            case "crash":
                self.do(crash(self.url))
            case "scripts":
                self.do(self.stage.redis.script_flush())
            case "connections":
                self.do(cut_connections(self.url))

    async def let_go(self) -> None:
        """Effects that were held up finish."""
        assert self.stage.world.hold
        self.stage.world.hold.set()
        for effect in [effect for gate in self.processes for effect in gate.finishing]:
            await asyncio.wait([effect])
        self.stage.world.hold, self.processes = None, []

    @invariant()
    def holds(self) -> None:
        self.do(self.witness.look())


def test_every_order_of_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "Deadline", Unhurried)
    monkeypatch.setattr(resolving, "Deadline", Unhurried)
    monkeypatch.setattr(resolving, "PATIENCE", HELD)
    with mortal_valkey() as url:
        machine = type("Turns", (Turns,), {"url": url})
        health = [HealthCheck.too_slow, HealthCheck.filter_too_much]
        run_state_machine_as_test(
            machine,
            settings=settings(max_examples=60, stateful_step_count=40, deadline=None, suppress_health_check=health),
        )
