"""The judge of the kill drill, judged: what may happen when answers are lost, and what may not."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from drill.comparing import Pair
from drill.judging import Judge
from drill.network import Asked
from drill.record import Record, Turn

PHONE, NAME = "+254711000001", "Amina Yusuf"
ASKED = "Do you want them?\n1 Yes, send them\n2 No, stop them"
KEPT = "We have noted it. To change it dial *384*7# and press 8."
WRONG, PASSED = "That is not your PIN.\nEnter your Jamii PIN", "Loan: you owe KES 5,280"


def hop(told: str | None, means: str = "", guess: tuple[str, bool | None] | None = None) -> Pair:
    answers = [] if told is None else [f"CON {told}".encode()]
    asked = Asked(PHONE, "S1", "3*1", "1", means=means, guess=guess, answers=answers, posts=1)
    return Pair(asked, Turn("c1", 5, "said", "1", told) if told else None)


def consent(effect: int, purpose: str, given: bool) -> Any:
    key = f"c1.{effect}.messages.keep"
    return SimpleNamespace(address=PHONE, conversation="c1", key=key, purpose=purpose, given=given)


def of_consents(rows: list[Any], pairs: list[Pair]) -> list[str]:
    judge = Judge(Record(consents=rows), {PHONE: pairs})
    judge.all()
    return judge.odd


def of_misses(misses: int, pairs: list[Pair]) -> list[str]:
    """What is said of somebody with so many misses at their PIN on the record."""
    client = SimpleNamespace(id="1", name=NAME, address=PHONE, source="", number="P-1")
    row = SimpleNamespace(misses=misses, locks=0)
    record = Record(clients=[client], guessing={"pin 1": row, f"address {PHONE}": row})
    judge = Judge(record, {PHONE: pairs})
    judge.all()
    return judge.odd


YES, LOST = "consent marketing 1", hop(None, "consent marketing 1")


def test_an_answer_that_was_lost_may_be_given_again() -> None:
    """The effect was done, its screen was lost; who dials again is asked again, and answers again."""
    rows = [consent(0, "marketing", True), consent(1, "marketing", True)]
    assert of_consents(rows, [LOST, hop(KEPT, YES)]) == []


@pytest.mark.parametrize(
    ("rows", "tried"),
    [
        pytest.param([consent(0, "marketing", True), consent(1, "marketing", True)], [hop(KEPT, YES)], id="ran twice"),
        pytest.param([consent(0, "marketing", True)] * 2, [hop(KEPT, YES)], id="written twice"),
        pytest.param([], [hop(KEPT, YES)], id="told and lost"),
        pytest.param([consent(0, "marketing", False)], [hop(KEPT, YES)], id="another answer"),
        pytest.param([consent(0, "survey", False)], [hop(KEPT, "consent stop 2")], id="half of STOP"),
        pytest.param(
            [consent(0, "marketing", True), consent(1, "marketing", False)], [LOST, hop(KEPT, YES)], id="the first one"
        ),
        pytest.param([consent(0, "marketing", True)], [], id="nobody asked"),
    ],
)
def test_a_consent_that_is_told_is_on_the_record_once(rows: list[Any], tried: list[Pair]) -> None:
    assert of_consents(rows, tried) != []


def test_a_guess_that_was_given_up_may_be_counted_later_but_once() -> None:
    given_up, right = hop(None, guess=(NAME, False)), hop(PASSED, guess=(NAME, True))
    assert of_misses(1, [given_up, right]) == []
    assert of_misses(0, [given_up, right]) == []
    assert of_misses(1, [given_up, right, right]) == [], "the PIN may be another one by then"
    assert of_misses(2, [given_up, right, right]) != []


@pytest.mark.parametrize("misses", [0, 2])
def test_a_miss_that_is_told_is_counted_once(misses: int) -> None:
    assert of_misses(1, [hop(WRONG, guess=(NAME, False))]) == []
    assert of_misses(misses, [hop(WRONG, guess=(NAME, False))]) != []
