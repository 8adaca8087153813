"""Rules that hold for every fund and whatever was put into it."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from flows.ports import BookedAccount, Posting
from flows.products.allocate import allocate, payment_legs
from flows.products.features import Shares, due_day
from flows.products.position import position
from flows.products.sharing import holding, least_due
from flows.products.standing import stand
from flows.values import Money

DAY0 = dt.date(2026, 1, 1)
days = st.integers(0, 200).map(lambda n: DAY0 + dt.timedelta(days=n))
money = st.lists(st.tuples(days, st.integers(1, 2000)), max_size=10)


@st.composite
def funds(draw: st.DrawFn) -> Shares:
    least = draw(st.integers(0, 3))
    most = draw(st.one_of(st.just(0), st.integers(max(least, 1), 6)))
    meets = draw(st.sampled_from(["weekly", "fortnightly", "monthly"]))
    return Shares(price=draw(st.integers(1, 300)), meets=meets, least=least, most=most, cycle=draw(st.integers(0, 20)))


@given(funds(), money, days)
def test_all_money_is_in_shares_or_kept(shares: Shares, put_in: list[tuple[dt.date, int]], day: dt.date) -> None:
    known = [(on, minor) for on, minor in put_in if on <= day]
    held = holding(shares, DAY0, known, day)
    assert held.count * shares.price + held.kept == sum(minor for _, minor in known)
    assert held.kept >= 0
    if shares.most:
        meetings = min(held.number, shares.cycle) if shares.cycle else held.number
        assert held.count <= shares.most * meetings
    elif not shares.cycle:
        assert held.kept < shares.price


@given(funds(), money, days, st.integers(1, 60))
def test_shares_are_never_lost(shares: Shares, put_in: list[tuple[dt.date, int]], day: dt.date, later: int) -> None:
    known = [(on, minor) for on, minor in put_in if on <= day]
    after = holding(shares, DAY0, known, day + dt.timedelta(days=later))
    assert after.count >= holding(shares, DAY0, known, day).count


@given(funds(), money, days)
def test_paying_what_is_due_is_enough_for_that_meeting(
    shares: Shares, put_in: list[tuple[dt.date, int]], day: dt.date
) -> None:
    known = [(on, minor) for on, minor in put_in if on <= day]
    held = holding(shares, DAY0, known, day)
    on, asked = least_due(shares, DAY0, held)
    assert (on is None) == (asked == 0)
    if on is None or on != due_day(DAY0, shares.meets, held.number):
        return  # nothing is due, or not at the coming meeting
    then, _ = least_due(shares, DAY0, holding(shares, DAY0, [*known, (day, asked)], day))
    assert then is None or then > on
    still, less = least_due(shares, DAY0, holding(shares, DAY0, [*known, (day, asked - 1)], day))
    assert (still, less) == (on, 1)


@given(money)
def test_a_payment_into_shares_is_told_to_the_last_coin(paid: list[tuple[dt.date, int]]) -> None:
    words = {"made of": {"shares": {"price": "1", "each meeting": "1 to 5", "value": "1.25"}}}
    account = BookedAccount("V-1", "c", "p", "Hisa", "KES", DAY0, {"words": words, "amount": 0})
    legs, last = [], DAY0
    for number, (on, minor) in enumerate(sorted(paid)):
        posting = Posting(f"k{number}", "V-1", Money(minor, "KES"), on, "deposited")
        legs += payment_legs(posting, allocate(stand(account, legs, on), minor, "deposited"))
        last = on
    told = position(account, legs, last)
    assert told.shares is not None and told.kept and told.worth
    assert told.shares * 100 + told.kept.minor == sum(minor for _, minor in paid)
    assert told.balance.minor == told.worth.minor + told.kept.minor == told.shares * 125 + told.kept.minor
