"""The turn against everything that can happen to it, on a real Valkey: hypothesis tries orders, ``Witness`` watches."""

from __future__ import annotations

import asyncio
from itertools import cycle

import pytest
from calling import HELD, PIN, SLIP, WRONG, Call, Caller, Unhurried
from hazards import another_kind, crash, cut_connections, mortal_valkey
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from witness import STATE

import gateway.turn as turns
from gateway import resolving
from gateway.store.state import SUPERSEDED

DEEP = ("", "", "5", "5*1", f"2*{PIN}", f"8*3*{PIN}*1*1", f"2*{WRONG}", "9", SLIP)
WAYS = (
    *((one,) for one in DEEP),
    ("", "5"),
    ("", "2", PIN, "98"),
    ("", "2", PIN, "98", "00"),
    ("", "8", "3", PIN, "1"),
    ("8*3", PIN, "1"),
    ("8*3", PIN, "1", "1"),
    ("", PIN),
    ("", "8", "1", "2"),
)
ORDER = st.lists(st.integers(0, 1), max_size=20)

calling = precondition(lambda self: bool(self.calls))
in_a_call = precondition(lambda self: bool(self.calls) and self.call.open)
dialled_plainly = precondition(lambda self: bool(self.past) and not self.past[0] and bool(self.call.text))


class Turns(Caller, RuleBasedStateMachine):
    url = ""

    def __init__(self) -> None:
        RuleBasedStateMachine.__init__(self)
        Caller.__init__(self, self.url)

    def teardown(self) -> None:
        self.leave()

    @invariant()
    def holds(self) -> None:
        self.do(self.witness.look())

    # -- what callers and providers do ------------------------------------------------------------------------------

    @rule(way=st.sampled_from(WAYS))
    def call_for_something(self, way: tuple[str, ...]) -> None:
        """A new call, whatever became of the one before, as far as it takes one."""
        self.do(self.dial(self.new_call(way[0])))
        self._type_on(way[1:])

    @rule(deep=st.sampled_from(DEEP), data=st.data(), again=st.booleans())
    def call_in_trouble(self, deep: str, data: st.DataObject, again: bool) -> None:
        call = self.new_call(deep)
        self.calls.append(call)
        self.do(self.dial(call, self.draw_happening(data)))
        if again:
            self.repeat()

    def _type_on(self, way: tuple[str, ...]) -> None:
        for typed in way:
            if self.call.open:
                self.do(self.type_next(typed))
                self.holds()

    @in_a_call
    @rule(data=st.data(), most=st.integers(1, 5))
    def type(self, data: st.DataObject, most: int) -> None:
        for _ in range(most):
            if self.call.open:
                self._type_on((self.draw_typed(data),))

    @in_a_call
    @rule(data=st.data(), again=st.booleans())
    def type_in_trouble(self, data: st.DataObject, again: bool) -> None:
        self.do(self.type_next(self.draw_typed(data), self.draw_happening(data)))
        if again:
            self.repeat()

    @calling
    @rule()
    def repeat(self) -> None:
        """The last request again: the same reply, and the same once more."""
        text = self.past[-1]
        first = self.do(self.ask(self.call, text))
        entries = len(self.witness.entries)
        again = self.do(self.ask(self.call, text))
        assert first is not None and again is not None
        if not self.witness.refused(first):
            assert again == first and len(self.witness.entries) == entries
        self.call.open = again.more

    @dialled_plainly
    @rule()
    def redial_in_the_same_session(self) -> None:
        self.call.text, self.call.nth = "", self.call.nth + 1
        self.do(self.dial(self.call))

    @in_a_call
    @dialled_plainly
    @rule(data=st.data())
    def late_first_request(self, data: st.DataObject) -> None:
        """What looks like a redial in the same session is none: the call goes on where it stood."""
        typed, found = self.draw_typed(data), self.do(self.witness.state())
        self.do(self.ask(self.call, ""))
        self.do(self.type_next(typed))
        last = self.witness.entries[-1]
        if found and found[0].provider == self.call.session and not found[0].closed and last.event == "said":
            frame = found[1].frames[-1]
            assert (last.heard_flow, last.heard_step) == (frame.flow, frame.gate or frame.step)

    @precondition(lambda self: len(self.past) > 2)
    @rule(data=st.data())
    def late(self, data: st.DataObject) -> None:
        """An older request of this call comes late, and is refused; or it was the last one that we had."""
        reply = self.do(self.ask(self.call, data.draw(st.sampled_from(self.past[1:-1]))))
        found = self.do(self.witness.state())
        assert reply is not None
        assert self.witness.refused(reply) or (found is not None and found[0].told.text == reply.text)

    @precondition(lambda self: bool(self.calls) and self.call.taken and self.forgotten < len(self.calls) - 1)
    @rule(data=st.data(), more=st.sampled_from(["", "*1", "*5*1"]))
    def late_from_a_call_before(self, data: st.DataObject, more: str) -> None:
        before = [call for call in self.calls[self.forgotten : -1] if call.taken][-SUPERSEDED:]
        entries = len(self.witness.entries)
        for call in before and [data.draw(st.sampled_from(before))]:
            reply = self.do(self.ask(call, f"{call.text}{more}".lstrip("*")))
            assert reply is not None and self.witness.refused(reply) and len(self.witness.entries) == entries

    @precondition(lambda self: bool(self.calls) and not self.call.open)
    @rule(data=st.data())
    def words_after_the_end(self, data: st.DataObject) -> None:
        found, entries = self.do(self.witness.state()), len(self.witness.entries)
        over = found is not None and found[0].closed and found[0].provider == self.call.session
        reply = self.do(self.type_next(data.draw(st.sampled_from(["1", PIN, "00"]))))
        assert reply is not None
        assert not over or (self.witness.refused(reply) and len(self.witness.entries) == entries)

    @calling
    @rule()
    def end_notice(self) -> None:
        self.do(self.hang_up())
        self.call.open = False

    @in_a_call
    @rule(data=st.data(), order=ORDER, same=st.booleans())
    def two_at_once(self, data: st.DataObject, order: list[int], same: bool) -> None:
        one = self.draw_typed(data)
        before, texts = self.call.text, [self.call.types(one), self.call.types(one if same else self.draw_typed(data))]
        if texts[0] != texts[1]:  # either may be first, and the other's effect then came to what the first one did
            self.witness.loose |= {self.call.asks(text) for text in texts}
        replies = self.do(self.both([self.call, self.call], texts, order))
        assert texts[0] != texts[1] or replies[0] == replies[1]
        self._goes_on(self.call, [*texts, before])

    @in_a_call
    @rule(data=st.data(), order=ORDER)
    def redial_while_the_old_call_goes_on(self, data: st.DataObject, order: list[int]) -> None:
        old, new = self.call, self.new_call()
        old.text = old.types(self.draw_typed(data))
        replies = self.do(self.both([old, new], [old.text, ""], order))
        self.calls.append(new)
        self.past, new.open = [""], replies[1].more
        new.taken = not self.witness.refused(replies[1])
        assert not new.taken or self.do(self.state()).provider == new.session

    def _goes_on(self, call: Call, texts: list[str]) -> None:
        """The provider goes on from the request that was taken."""
        found = self.do(self.witness.state())
        taken = [t for t in texts if found and self.stage.gate.mark(call.session, t) == found[0].told.at.digest]
        call.text = taken[0] if taken else texts[-1]
        call.open = bool(taken) and found is not None and found[0].told.more and not found[0].closed
        self.past.append(call.text)

    # -- what happens to all of them --------------------------------------------------------------------------------

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

    @rule(way=st.sampled_from([("5*1",), ("8*3", PIN, "1", "1")]), finishes=st.booleans())
    def effect_that_is_held_up(self, way: tuple[str, ...], finishes: bool) -> None:
        """Nobody hears what came of it, whether it finishes then or not."""
        self.stage.world.hold = self.stage.world.hold or asyncio.Event()
        self.call_for_something(way)
        if finishes:
            self.effects_finish()

    @rule()
    def effects_finish(self) -> None:
        self.do(self.let_go())

    @rule(ways=st.lists(st.integers(0, 1), min_size=1, max_size=5))
    def balanced(self, ways: list[int]) -> None:
        """Which of the two processes the next requests come to."""
        self.balancing = cycle(ways)

    @rule()
    def record_goes_down_or_up(self) -> None:
        self.stage.world.down = not self.stage.world.down

    @rule()
    def another_release(self) -> None:
        self.stage.published.publish(another_kind(f"r{len(self.stage.published.old) + 2}"))

    @rule(what=st.sampled_from(["crash", "scripts", "connections", "old releases"]))
    def store_suffers(self, what: str) -> None:
        match what:
            case "crash":
                self.do(crash(self.url))
            case "scripts":
                self.do(self.stage.redis.script_flush())
            case "connections":
                self.do(cut_connections(self.url))
            case "old releases":
                self.stage.published.lost = not self.stage.published.lost
        self.do(self.stage.disconnect())


def test_every_order_of_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """A failing run is shown step by step; it is not made shorter, which would take minutes."""
    monkeypatch.setattr(turns, "Deadline", Unhurried)
    monkeypatch.setattr(resolving, "Deadline", Unhurried)
    monkeypatch.setattr(resolving, "PATIENCE", HELD)
    health = [HealthCheck.too_slow, HealthCheck.filter_too_much]
    phases = [Phase.explicit, Phase.reuse, Phase.generate]
    often = settings(
        max_examples=100, stateful_step_count=30, deadline=None, suppress_health_check=health, phases=phases
    )
    with mortal_valkey() as url:
        run_state_machine_as_test(type("Turns", (Turns,), {"url": url}), settings=often)
