"""What is worked out quickly is what is worked out the long way, and its price grows no faster than the history."""

from __future__ import annotations

import datetime as dt
import sys
from fractions import Fraction
from typing import Any

import pytest
import slow_positions as slowly
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.money import rounded
from flows.ports import BookedAccount, Leg, Posting
from flows.products import kept
from flows.products.allocate import allocate, opening_legs, payment_legs
from flows.products.position import closing, payoff, position
from flows.products.standing import stand
from flows.values import Money

DAY0 = dt.date(2026, 1, 1)
PARTS = ("principal", "interest", "fee", "penalty", "savings", "surplus")


@given(st.fractions(), st.integers(1, 1000))
def test_rounding(value: Fraction, step: int) -> None:
    assert rounded(value, step) == slowly.rounded(value, step)


@given(st.integers(), st.integers(1, 1000))
def test_rounding_halves(whole: int, step: int) -> None:
    half = (Fraction(whole) + Fraction(1, 2)) * step
    assert rounded(half, step) == slowly.rounded(half, step)


def _credit(draw: st.DrawFn) -> dict[str, Any]:
    return {
        "method": draw(st.sampled_from(["flat", "declining"])),
        "rate": draw(st.sampled_from(["0 % a year", "24 % a year", "3.5 % a month"])),
        "frequency": draw(st.sampled_from(["weekly", "fortnightly", "monthly"])),
        "instalments": str(draw(st.integers(1, 12))),
        "early payoff": draw(st.sampled_from(["whole interest", "interest of this period", "interest to date"])),
        "fees": {"service": draw(st.sampled_from(["0 each instalment", "5 each instalment", "1 % each instalment"]))},
        **draw(st.sampled_from([{}, {"penalty": "50 after 3 days"}, {"penalty": "2 % of overdue after 7 days"}])),
        **draw(st.sampled_from([{}, {"round to": "50"}])),
    }


@st.composite
def accounts(draw: st.DrawFn) -> BookedAccount:
    made_of: dict[str, Any] = {"credit": _credit(draw)} if draw(st.booleans()) else {}
    if not made_of or draw(st.booleans()):
        made_of["savings"] = {"plan": "50 weekly"}
    terms = {"words": {"made of": made_of}, "amount": draw(st.integers(1, 200_000)) if "credit" in made_of else 0}
    return BookedAccount("A-1", "c", "p", "Mine", "KES", DAY0, terms)


@st.composite
def postings(draw: st.DrawFn) -> list[Leg]:
    """Anything that a ledger may hold: money taken back, penalties that were never due, entries made late."""
    legs = []
    for number in range(draw(st.integers(0, 8))):
        on = DAY0 + dt.timedelta(days=draw(st.integers(0, 250)))
        kind = draw(st.sampled_from(["repaid", "repaid", "deposited", "withdrawn", "interest"]))
        for part in draw(st.lists(st.sampled_from(PARTS), min_size=1, max_size=3, unique=True)):
            minor = draw(st.one_of(st.integers(-60_000, -1), st.integers(-250_000, 60_000)))
            legs.append(Leg(f"k{number}", f"A-1:{part}", minor, "KES", on, kind))
    return legs


def _figures(account: BookedAccount, legs: list[Leg], day: dt.date) -> dict[str, Any]:
    at = stand(account, legs, day)
    lines = [(line.due, line.penalty_on, line.owed, line.paid, line.left) for line in at.lines]
    kept_ = (at.saved, at.surplus, at.deposits, at.last_paid, at.ended)
    return {"lines": lines, "kept": kept_, "closing": closing(at), "payoff": payoff(at)}


@settings(max_examples=300)
@given(accounts(), postings(), st.integers(0, 400))
def test_the_standing_is_that_of_the_long_way(account: BookedAccount, legs: list[Leg], days: int) -> None:
    legs, day = opening_legs(account, "open") + legs, DAY0 + dt.timedelta(days=days)
    assert _figures(account, legs, day) == slowly.stand(account, legs, day).figures


@given(accounts(), postings(), st.integers(0, 400))
def test_what_is_kept_changes_nothing(account: BookedAccount, legs: list[Leg], days: int) -> None:
    """Neither when it is there already, nor when there was no room for it."""
    legs, day = opening_legs(account, "open") + legs, DAY0 + dt.timedelta(days=days)
    first = position(account, legs, day)
    assert position(account, legs, day) == first
    for cache in (kept._features, kept._sums, kept._days):
        cache.cache_clear()
    assert position(account, legs, day) == first


def test_what_is_kept_has_a_bound() -> None:
    for cache in (kept._features, kept._sums, kept._days):
        assert cache.cache_info().maxsize == kept.MOST


# -- growth: calls are counted, since a clock tells of the machine -----------------------------------------------------


def _loan(instalments: int) -> BookedAccount:
    terms = {"method": "declining", "rate": "0 % a year", "frequency": "weekly", "instalments": str(instalments)}
    terms |= {"penalty": "2 % of overdue after 7 days", "early payoff": "interest to date"}
    words = {"made of": {"credit": terms}}
    return BookedAccount("A-1", "c", "p", "Mine", "KES", DAY0, {"words": words, "amount": 3_000_000})


def _paid(account: BookedAccount, times: int, each: int) -> list[Leg]:
    legs = opening_legs(account, "open")
    for number in range(times):
        on = DAY0 + dt.timedelta(weeks=number + 1)
        parts = allocate(stand(account, legs, on), each)
        legs += payment_legs(Posting(f"k{number}", "A-1", Money(each, "KES"), on, "repaid"), parts)
    return legs


def _calls(account: BookedAccount, legs: list[Leg], day: dt.date) -> int:
    count = 0

    def seen(_frame: object, event: str, _arg: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    position(account, legs, day)
    before = sys.getprofile()
    sys.setprofile(seen)
    try:
        position(account, legs, day)
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("share", [0.4, 1.0, 1.3], ids=["too little", "what is due", "more"])
def test_the_price_grows_no_faster_than_the_history(share: float) -> None:
    """Four times as many instalments and payments: four times as many steps."""
    prices = []
    for instalments in (20, 80):
        account, times = _loan(instalments), instalments * 3 // 5
        each = int(3_000_000 // instalments * share)
        prices.append(_calls(account, _paid(account, times, each), DAY0 + dt.timedelta(weeks=times + 1)))
    assert prices[1] <= 4.4 * prices[0]
