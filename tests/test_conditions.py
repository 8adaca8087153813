"""Conditions: a table of what is true of what is known, and that nothing known makes one fail. Their faults are in
tests/broken."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.conditions import Parsed, parse
from flows.values import Absent, Kind, Money, Name, Phone, Secret

TABLE = yaml.safe_load((Path(__file__).parent / "conditions.yaml").read_text())
MEANT = yaml.safe_load((Path(__file__).parent / "conditions_meant.yaml").read_text(encoding="utf-8"))
KINDS = {
    "ease": Kind.RATING,
    "full": Kind.CHOICE,
    "comment": Kind.TEXT,
    "agreed": Kind.YES_NO,
    "refused": Kind.YES_NO,
    "unheard": Kind.NUMBER,
    "account": Kind.RECORD,
    "account.due": Kind.MONEY,
    "account.payoff": Kind.MONEY,
    "account.dollars": Kind.MONEY,
    "account.due_on": Kind.DATE,
    "account.features": Kind.LIST,
    "account.closed": Kind.LIST,
    "client.stage": Kind.CHOICE,
    "client.known": Kind.YES_NO,
}
CHOICES = {"full": ("yes", "less", "more")}


def value(known: Any) -> Any:
    """``{money: 100}`` of the table as money."""
    if isinstance(known, dict):
        if "money" in known:
            return Money(known["money"], known.get("currency", "KES"))
        return {name: value(part) for name, part in known.items()}
    return known


def parsed(source: str) -> Parsed:
    condition, problems = parse(source, KINDS, choices=CHOICES)
    assert problems == []
    assert condition is not None
    return condition


@pytest.mark.parametrize("source", TABLE[True])
def test_true(source: str) -> None:
    assert parsed(source).holds(value(TABLE["known"])) is True


@pytest.mark.parametrize("source", TABLE[False])
def test_false(source: str) -> None:
    assert parsed(source).holds(value(TABLE["known"])) is False


@pytest.mark.parametrize(("source", "meant"), [(s, m) for s, m in MEANT.items() if s != m])
def test_what_is_written_in_other_words_is_told_as_a_whole(source: str, meant: str) -> None:
    condition, (problem,) = parse(source, KINDS, choices=CHOICES)
    assert condition is None
    assert problem.fix == f"Write: {meant}"
    assert problem.message.startswith(
        ("Conditions", "In a condition", "A number", "A day", "Names", "These", '"', "No")
    )
    assert parsed(meant).source == meant


@pytest.mark.parametrize("source", [s for s, m in MEANT.items() if s == m])
def test_words_of_a_text_are_left_alone(source: str) -> None:
    assert parsed(source).source == source


def test_names_are_those_it_reads() -> None:
    assert parsed("account has credit and account.due less than account.payoff").names == (
        "account.features",
        "account.due",
        "account.payoff",
    )


def test_amounts_are_in_the_major_units_of_the_currency() -> None:
    condition, _ = parse("account.due is 1500", KINDS, currency="UGX")
    assert condition is not None
    assert condition.holds({"account": {"due": Money(1500, "UGX")}})


@pytest.mark.parametrize("absent", list(Absent))
def test_an_answer_that_is_not_there(absent: Absent) -> None:
    assert parsed("ease is empty").holds({"ease": absent})
    assert not parsed("ease is not 3").holds({"ease": absent})
    assert not parsed("ease at most 3").holds({"ease": absent})


def test_all_problems_at_once() -> None:
    _, problems = parse("full is les or ease at most two and nothing is here", KINDS, choices=CHOICES)
    assert [problem.code for problem in problems] == ["unknown_choice", "value", "unknown_name"]


def test_money_is_no_number_in_disguise() -> None:
    _, problems = parse("account.due at least ease", KINDS)
    assert [problem.code for problem in problems] == ["kinds"]


ANYTHING = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.text(max_size=5),
        st.floats(),
        st.decimals(),
        st.dates(),
        st.datetimes(),
        st.sampled_from([*Absent, Money(1, "KES"), Money(1, "USD"), Phone("+254700000001"), Name("A"), Secret("1234")]),
    ),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.sampled_from(["due", "features"]), below),
    max_leaves=5,
)
SOURCES = st.sampled_from([*TABLE[True], *TABLE[False]])


@settings(max_examples=500, deadline=None)
@given(source=SOURCES, known=st.dictionaries(st.sampled_from(sorted({k.split(".")[0] for k in KINDS})), ANYTHING))
def test_it_never_fails(source: str, known: dict[str, Any]) -> None:
    assert parsed(source).holds(known) in (True, False)


WORDS = [*KINDS, "is", "not", "empty", "at", "least", "most", "more", "than", "less", "between", "and", "or", "has"]
WORDS += ["(", ")", "'", "'a b'", "yes", "2", "1,500", "2026-01-31", "==", "in"]


@settings(max_examples=500, deadline=None)
@given(source=st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join) | st.text(max_size=40))
def test_any_words_are_a_condition_or_a_problem(source: str) -> None:
    condition, problems = parse(source, KINDS, choices=CHOICES)
    assert (condition is None) == bool(problems)
    for problem in problems:
        assert problem.message
        assert problem.fix
    if condition:
        assert condition.holds({}) in (True, False)


def test_the_longest_operator_wins() -> None:
    kinds = {"mood": Kind.CHOICE, "more": Kind.NUMBER}
    assert parse("mood is more", kinds)[0] is not None
    assert parse("more more than 3", kinds)[0] is not None
    condition, _ = parse("mood is 'empty'", kinds)
    assert condition is not None
    assert condition.holds({"mood": "empty"})
    assert not condition.holds({})


def test_days_and_moments_are_not_mixed() -> None:
    assert not parsed("account.due_on at most 2030-01-01").holds({"account": {"due_on": dt.datetime(2026, 1, 1)}})


def test_a_number_that_is_none() -> None:
    assert not parsed("ease at most 5").holds({"ease": Decimal("NaN")})
