"""A survey from the menu on the engine alone: when it is taken, what stops it, and when it is given free."""

from __future__ import annotations

import datetime as dt

import pytest
from staging import AKINYI, CODE, PHONE, release

from flows import session as sessions
from flows.engine import hear, resume
from flows.events import Dial, Do, End, Outcome, Result, Said, Say
from flows.session import Person, Session
from flows.talk import Talk

TODAY = dt.date(2026, 6, 15)
LAST = Do("last answered", {"flow": "feedback"}, "")
NEVER = Outcome("never")


class Call:
    """One call to *Rate us*; the session goes through bytes between two turns."""

    def __init__(self) -> None:
        person = Person(PHONE, "ussd", "en", "1", TODAY, [dict(AKINYI)], "akinyi")
        self.session = Session(release().hash, "c", person, CODE)
        self.talk = self._talk()

    def _talk(self) -> Talk:
        self.session = sessions.decode(sessions.encode(self.session))
        return Talk(release(), self.session, TODAY, True, CODE)

    def dial(self, *path: str) -> Result:
        self.talk = self._talk()
        return hear(self.talk, Dial(path))

    def type(self, text: str) -> Result:
        self.talk = self._talk()
        return hear(self.talk, Said(text))

    def begin(self, exit_: str = "taken") -> Result:
        """Up to the first question, or to what comes instead."""
        assert self.dial("7") == LAST
        asked = resume(self.talk, NEVER)
        assert isinstance(asked, Do) and (asked.action, asked.inputs) == ("take survey", {"flow": "feedback"})
        assert asked.key.endswith(".feedback.?survey")
        return resume(self.talk, Outcome(exit_))

    @property
    def step(self) -> tuple[str, str]:
        return self.talk.frame.flow, self.talk.frame.step


@pytest.mark.parametrize("exit_", ["taken", "unavailable", "unknown"])
def test_it_goes_on_where_nobody_says_that_another_phone_has_it(exit_: str) -> None:
    call = Call()
    assert isinstance(call.begin(exit_), Say)
    assert (call.step, call.session.answering, call.talk.surveyed) == (
        ("feedback", "score"),
        "feedback",
        ("feedback", ""),
    )
    assert isinstance(call.type("9"), Say), "it is asked for once"
    assert call.step == ("feedback", "liked")


def test_it_ends_where_another_phone_has_it() -> None:
    call = Call()
    ended = call.begin("elsewhere")
    assert isinstance(ended, End) and ended.outcome == "elsewhere"
    assert [words.key for words in ended.parts] == ["survey_elsewhere"]
    assert (call.session.answering, call.talk.surveyed) == ("", ("", ""))


def test_a_client_who_was_asked_lately_takes_nothing() -> None:
    call = Call()
    call.dial("7")
    ended = resume(call.talk, Outcome("answered", {"on": TODAY, "days": 3}))
    assert isinstance(ended, End) and not call.session.answering


def test_the_end_gives_it_free() -> None:
    call = Call()
    call.begin()
    for typed in ("9", "1"):
        call.type(typed)
    assert isinstance(call.type("Asante"), End)
    assert (call.session.answering, call.talk.surveyed) == ("", ("feedback", "completed"))


def test_who_leaves_it_gives_it_free() -> None:
    call = Call()
    call.begin()
    call.type("00")
    assert (call.session.answering, call.talk.surveyed) == ("", ("feedback", "left"))


def test_after_a_dropped_call_it_is_asked_for_again_under_another_key() -> None:
    call = Call()
    call.begin()
    call.type("9")
    first = call.dial()
    assert isinstance(first, Say), "1 Continue 2 Start again"
    asked = call.type("1")
    assert isinstance(asked, Do) and asked.action == "take survey"
    assert asked.key != "c.0.feedback.?survey"
    assert isinstance(resume(call.talk, Outcome("elsewhere")), End)
