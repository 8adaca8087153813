"""Arithmetic for money."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.money import exponent, major, minor_units, money, rounded, split
from flows.values import Money

AMOUNTS = {("1500", "KES"): 150_000, ("0.50", "KES"): 50, ("0", "KES"): 0, ("7", "UGX"): 7, ("1.234", "BHD"): 1234}
NO_AMOUNTS = ["", "-5", "1,500", "1e3", "0.505", "NaN", "١٠", "1.", ".5", "1 500", "9" * 16]


@pytest.mark.parametrize(("written", "minor"), AMOUNTS.items())
def test_amounts_in_files(written: tuple[str, str], minor: int) -> None:
    assert money(*written) == Money(minor, written[1])
    assert major(Money(minor, written[1])) == Decimal(written[0])


@pytest.mark.parametrize("text", NO_AMOUNTS)
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not an amount|more decimals"):
        minor_units(text, "KES")


def test_an_unknown_currency_is_refused() -> None:
    with pytest.raises(ValueError, match="not a currency"):
        exponent("KSH")


@pytest.mark.parametrize(("value", "step", "nearest"), [("1/2", 1, 1), ("-1/2", 1, -1), ("5/2", 1, 3), ("25", 10, 30)])
def test_halves_go_away_from_zero(value: str, step: int, nearest: int) -> None:
    assert rounded(Fraction(value), step) == nearest


@given(st.integers(0, 10**12), st.lists(st.integers(0, 1000), min_size=1, max_size=20).filter(any))
def test_a_split_loses_nothing(amount: int, weights: list[int]) -> None:
    parts = split(amount, weights)
    assert sum(parts) == amount
    assert all(abs(p - Fraction(amount * w, sum(weights))) < 1 for p, w in zip(parts, weights, strict=True))


def test_a_split_needs_shares() -> None:
    for weights in ([], [0, 0], [1, -1]):
        with pytest.raises(ValueError, match="shares"):
            split(100, weights)
