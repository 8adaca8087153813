"""A survey that somebody was invited to, on the engine alone: when it opens, and what ends it."""

from __future__ import annotations

import datetime as dt

import pytest
from staging import AKINYI, CODE, PHONE, release

from flows import inviting
from flows import session as sessions
from flows.engine import hear, resume
from flows.events import Dial, Do, End, Outcome, Result, Said, Say
from flows.session import Person, Session
from flows.talk import Talk
from flows.values import Absent, Money

TODAY = dt.date(2026, 6, 15)
CLAIM = Do("begin invitation", {"invitation": "i1", "anew": False}, "c.0.main.?invitation")


class Call:
    """One call; the session goes through bytes between two turns."""

    def __init__(self, flow: str = "loan_feedback") -> None:
        person = Person(PHONE, "ussd", "en", "1", TODAY, [dict(AKINYI)], "akinyi")
        self.session, self.flow = Session(release().hash, "c", person, CODE), flow
        self.talk = self._talk()

    def _talk(self) -> Talk:
        self.session = sessions.decode(sessions.encode(self.session))
        return Talk(release(), self.session, TODAY, True, CODE)

    def dial(self, *path: str) -> Result:
        self.talk = self._talk()
        if not path and not self.session.frames:
            inviting.offer(self.talk, "i1", self.flow)
        return hear(self.talk, Dial(path))

    def claimed(self, exit_: str = "begun", step: str = "", *answers: list[object]) -> Result:
        return resume(self.talk, Outcome(exit_, {"step": step, "answers": list(answers)} if exit_ == "begun" else {}))

    def type(self, text: str) -> Result:
        self.talk = self._talk()
        return hear(self.talk, Said(text))

    @property
    def state(self) -> str:
        return self.session.invited.state if self.session.invited else ""


def step(call: Call) -> tuple[str, str]:
    return call.talk.frame.flow, call.talk.frame.step


def test_it_opens_before_the_main_menu() -> None:
    call = Call()
    assert call.dial() == CLAIM
    assert isinstance(call.claimed(), Say)
    assert (step(call), call.state, inviting.reached(call.talk)) == (("loan_feedback", "full"), "begun", "full")


@pytest.mark.parametrize("exit_", ["gone", "unavailable", "unknown"])
def test_the_main_menu_opens_when_it_cannot_be_had(exit_: str) -> None:
    call = Call()
    call.dial()
    assert isinstance(call.claimed(exit_), Say)
    assert (step(call), call.state) == (("main", "top"), "gone")


def test_a_flow_that_this_release_does_not_have_is_not_offered() -> None:
    call = Call("long_gone")
    assert isinstance(call.dial(), Say)
    assert (step(call), call.state) == (("main", "top"), "")


@pytest.mark.parametrize("key", ["00", "0"])
def test_who_leaves_it_is_not_asked_again(key: str) -> None:
    call = Call()
    call.dial()
    call.claimed()
    assert isinstance(call.type(key), Say)
    assert (step(call), call.state, inviting.reached(call.talk)) == (("main", "top"), "left", "")
    call.type("5")
    assert isinstance(call.type("0"), Say)
    assert call.state == "left"


def test_its_end_completes_it() -> None:
    call = Call()
    call.dial()
    call.claimed("begun", "more", ["full", "text", "yes", "", ""], ["ease", "number", 5, "", ""])
    assert isinstance(call.type("A word"), End)
    assert (call.state, call.session.outcome) == ("completed", "completed")


def test_help_on_the_way_does_not_leave_it() -> None:
    call = Call()
    call.dial()
    call.claimed()
    for _ in range(3):
        call.type("9")
    assert (step(call)[0], call.state, inviting.reached(call.talk)) == ("call_me", "begun", "")


def test_it_goes_on_with_the_answers_before() -> None:
    call = Call()
    call.dial()
    answers: list[list[object]] = [
        ["full", "text", "yes", "", ""],
        ["why", "text", "rule", "", ""],
        ["ease", "number", 2, "", ""],
    ]
    call.claimed("begun", "hard", *answers)
    known = call.talk.frame.known
    assert (step(call)[1], known["full"], known["ease"]) == ("hard", "yes", 2)
    assert known["why"] is Absent.SKIPPED, "an answer that the ones before it no longer ask for"
    call.type("0")
    assert step(call)[1] == "ease"


def test_a_question_that_is_gone_begins_it_anew() -> None:
    call = Call()
    call.dial()
    call.claimed("begun", "long_gone", ["full", "text", "yes", "", ""])
    assert (step(call)[1], call.talk.frame.known) == ("full", {})


def test_starting_again_claims_it_anew() -> None:
    call = Call()
    call.dial()
    call.claimed()
    call.type("1")
    assert isinstance(call.dial(), Say)
    again = call.type("2")
    assert again == Do("begin invitation", {"invitation": "i1", "anew": True}, "c.2.main.?invitation")
    call.claimed()
    assert (step(call)[1], call.state) == ("full", "begun")


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        (("money", 1500, "KES"), Money(1500, "KES")),
        (("date", "2026-06-15"), TODAY),
        (("choices", ["a", "b"]), ["a", "b"]),
        (("text", None, "", "refused"), Absent.REFUSED),
        (("yes_no", True), True),
    ],
)
def test_answers_come_back_as_they_were(stored: tuple[object, ...], expected: object) -> None:
    assert inviting.value(*stored) == expected  # type: ignore[arg-type]
