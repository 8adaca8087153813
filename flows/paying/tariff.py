"""What a payment costs its payer on top of the amount: the bands of a payment provider's tariff.

A tariff is written as lines, the smallest amounts first: ``up to 500: 0``, ``up to 2500: 15``, ``above: 25``. Amounts
and fees are in major units, and a fee is never a share: it stands on the screen that is agreed to.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from flows.money import minor_units
from flows.values import Money

ABOVE = 0  # the bound of the last band, which has none
Band = tuple[int, int]  # up to which amount, and the fee; in minor units
_BAND = re.compile(r"\s*(?:up\s+to\s+(?P<most>[^:]*?)|above)\s*:\s*(?P<fee>.*?)\s*", re.IGNORECASE)
_HOW = 'write bands such as "up to 500: 0", "up to 2500: 15", "above: 25".'


class BadTariff(ValueError):
    """The bands are no tariff; the text says why, and how to write one."""


def read(lines: Iterable[str], currency: str) -> tuple[Band, ...]:
    """The bands; none of them is a tariff too, by which nothing costs anything. Raises BadTariff."""
    bands = tuple(_band(line, currency) for line in lines)
    bounds = [most for most, _ in bands[:-1]]
    if bands and bands[-1][0] != ABOVE:
        raise BadTariff('the last band must say what is asked for more than that: "above: 25".')
    if ABOVE in bounds or bounds != sorted(set(bounds)):
        raise BadTariff('the bands must go up from the smallest amount, and end with one "above".')
    return bands


def fee_of(bands: Sequence[Band], amount: Money) -> Money:
    """The fee of this payment."""
    minor = next((fee for most, fee in bands if amount.minor <= most or most == ABOVE), 0)
    return Money(minor, amount.currency)


def _band(line: str, currency: str) -> Band:
    found = _BAND.fullmatch(line)
    if found is None:
        raise BadTariff(f"{line!r} is no band: {_HOW}")
    try:
        most = minor_units(found["most"], currency) if found["most"] is not None else ABOVE
        fee = minor_units(found["fee"], currency)
    except ValueError as error:
        raise BadTariff(f"{line!r}: {error}") from None
    if found["most"] is not None and most == ABOVE:
        raise BadTariff(f"{line!r}: nobody pays nothing; {_HOW}")
    return most, fee
