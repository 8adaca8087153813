"""Schedules against examples that others have published, and the rules that hold for every loan."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from flows.money import minor_units
from flows.products.features import Charge, Credit, Fee, Rate, due_day, periods_passed
from flows.products.schedule import fees_at_start, schedule
from flows.products.terms import agreed

PUBLISHED = yaml.safe_load((Path(__file__).parent / "banks" / "published_schedules.yaml").read_text())


@pytest.mark.parametrize("example", PUBLISHED, ids=[e["name"] for e in PUBLISHED])
def test_agrees_with_a_published_example(example: dict[str, Any]) -> None:
    currency = example["currency"]
    credit = agreed({"made of": {"credit": example["credit"]}}, currency).credit
    assert credit
    amount = minor_units(example["amount"], currency)
    lines = {line.number: line for line in schedule(credit, amount, example["opened"])}
    told = {n: [lines[n].principal, lines[n].interest] for n in example["lines"]}
    assert told == {n: [minor_units(str(part), currency) for part in parts] for n, parts in example["lines"].items()}
    assert {n: lines[n].due for n in example.get("days", {})} == example.get("days", {})
    assert sum(line.principal for line in lines.values()) == amount


frequencies = st.sampled_from(["weekly", "fortnightly", "monthly"])
days = st.dates(dt.date(2000, 1, 1), dt.date(2090, 1, 1))


@st.composite
def loans(draw: st.DrawFn) -> Credit:
    method = draw(st.sampled_from(["flat", "declining"]))
    count = draw(st.integers(1, 60))
    per = draw(st.sampled_from(["year", "month"] + ["term"] * (method == "flat")))
    return Credit(
        method=method,
        rate=Rate(Fraction(draw(st.integers(0, 3000)), 10_000), per),
        frequency=draw(frequencies),
        instalments=count,
        equal="instalments" if method == "flat" else draw(st.sampled_from(["instalments", "principal"])),
        grace=draw(st.integers(0, count - 1)),
        step=draw(st.sampled_from([1, 10, 100, 5000])),
        fees=(Fee("service", Charge(draw(st.integers(0, 500))), each_instalment=True),),
        weeks_in_year=draw(st.sampled_from([Fraction(52), Fraction(365, 7)])),
    )


@given(loans(), st.integers(1, 10_000_000), days)
def test_every_schedule(credit: Credit, amount: int, opened: dt.date) -> None:
    lines = schedule(credit, amount, opened)
    assert len(lines) == credit.instalments
    assert sum(line.principal for line in lines) == amount
    assert min(min(line.principal, line.interest, line.fee) for line in lines) >= 0
    assert all(a.due < b.due and b.begins == a.due for a, b in pairwise(lines))
    assert lines[0].begins == opened < lines[0].due
    assert all(line.principal == 0 for line in lines[: credit.grace])


@given(loans(), st.integers(10_000, 10_000_000), days)
def test_level_instalments_differ_only_in_the_last(credit: Credit, amount: int, opened: dt.date) -> None:
    paying = schedule(credit, amount, opened)[credit.grace :]
    if credit.equal == "instalments" and all(line.principal for line in paying):
        assert len({line.total for line in paying[:-1]}) <= 1


@given(frequencies, days, st.integers(1, 400))
def test_periods_are_counted_back(frequency: Any, opened: dt.date, number: int) -> None:
    due = due_day(opened, frequency, number)
    assert periods_passed(opened, frequency, due) == number
    assert periods_passed(opened, frequency, due - dt.timedelta(days=1)) == number - 1


MONTH_ENDS = {  # opened: the next three instalment days
    "2023-01-31": ["2023-02-28", "2023-03-31", "2023-04-30"],
    "2024-01-31": ["2024-02-29", "2024-03-31", "2024-04-30"],
    "2023-11-30": ["2023-12-30", "2024-01-30", "2024-02-29"],
    "2023-12-15": ["2024-01-15", "2024-02-15", "2024-03-15"],
}


@pytest.mark.parametrize(("opened", "expected"), MONTH_ENDS.items())
def test_month_ends(opened: str, expected: list[str]) -> None:
    day = dt.date.fromisoformat(opened)
    assert [due_day(day, "monthly", n).isoformat() for n in (1, 2, 3)] == expected


def test_fees_are_kept_back_at_the_start() -> None:
    fees = (Fee("one", Charge(part=Fraction(1, 100))), Fee("two", Charge(500)), Fee("three", Charge(7), True))
    credit = Credit(method="flat", rate=Rate(Fraction(0), "term"), frequency="weekly", instalments=2, fees=fees)
    assert fees_at_start(credit, 123_450) == 1235 + 500
    assert [line.fee for line in schedule(credit, 100, dt.date(2026, 1, 1))] == [7, 7]
