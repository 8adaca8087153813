"""Arithmetic for money: whole minor units and exact fractions, never a float.

Every rounding is half away from zero: it is what a client gets who checks the pass book with a pocket calculator, and
what commercial arithmetic teaches. (Half-even is for sums of many roundings; here the last instalment takes the rest.)
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cache

from babel.numbers import get_currency_precision, is_currency

from flows.values import Money

_AMOUNT = re.compile(r"\d{1,15}(?:\.\d+)?", re.ASCII)


@cache
def exponent(currency: str) -> int:
    """How many decimals the currency has (ISO 4217 as Unicode CLDR has it). Raises ValueError for an unknown one."""
    if not is_currency(currency):
        raise ValueError(f"{currency!r} is not a currency: use a code of three letters, as KES.")
    return int(get_currency_precision(currency))


def minor_units(text: str, currency: str) -> int:
    """An amount as files write it, in major units (``1500``, ``0.50``), in minor units.

    Raises ValueError, with a sentence for the author, for anything that is not a plain positive number or that has
    more decimals than the currency.
    """
    if not _AMOUNT.fullmatch(text):
        raise ValueError(f"{text!r} is not an amount: write digits, with a point before cents, as 1500 or 0.50.")
    value = Fraction(text) * 10 ** exponent(currency)
    if value.denominator != 1:
        raise ValueError(f"{text!r} has more decimals than {currency}, which has {exponent(currency)}.")
    return int(value)


def money(text: str, currency: str) -> Money:
    """``minor_units`` with its currency."""
    return Money(minor_units(text, currency), currency)


def major(amount: Money) -> Decimal:
    """The amount in major units, with all the decimals of its currency: ``Decimal('1500.00')``."""
    return Decimal(amount.minor).scaleb(-exponent(amount.currency))


def rounded(value: Fraction, step: int = 1) -> int:
    """``value`` to the nearest multiple of ``step``, halves away from zero."""
    share = value.denominator * step
    nearest = (2 * abs(value.numerator) + share) // (2 * share) * step
    return nearest if value >= 0 else -nearest


def split(amount: int, weights: Sequence[int | Fraction]) -> list[int]:
    """Parts in proportion to ``weights`` that sum to ``amount`` exactly; each is within one unit of its exact share.

    What is left over goes, unit by unit, to the largest remainders, the first of equals first. Raises ValueError
    when no weight is positive or one is negative.
    """
    total = sum(Fraction(w) for w in weights)
    if total <= 0 or any(w < 0 for w in weights):
        raise ValueError("shares must not be negative, and one must be more than zero")
    exact = [amount * Fraction(w) / total for w in weights]
    parts = [share.numerator // share.denominator for share in exact]
    by_rest = sorted(range(len(parts)), key=lambda i: parts[i] - exact[i])
    for i in by_rest[: amount - sum(parts)]:
        parts[i] += 1
    return parts


def plain(amount: Money) -> str:
    """As staff read it: ``1500 KES``, ``0.5 KES``."""
    major = Decimal(amount.minor).scaleb(-exponent(amount.currency))
    return f"{major.normalize():f} {amount.currency}"
