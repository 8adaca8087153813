"""A member's part of a group's fund: how many whole shares the money that was put in has bought by a day.

What is put in buys at the coming meeting, as many as a meeting takes; the rest is kept and buys at the next one, and
so on. After the last meeting nothing is bought. All of it follows from the days and amounts in the ledger.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from flows.products.features import Shares, due_day
from flows.products.periods import coming


@dataclass(frozen=True, slots=True)
class Holding:
    """``bought`` of the ``count`` were for meeting ``number``, the coming one; ``kept`` is in minor units."""

    count: int
    kept: int
    number: int
    bought: int


def holding(shares: Shares, opened: dt.date, put_in: list[tuple[dt.date, int]], day: dt.date) -> Holding:
    """What ``put_in`` (days and amounts until ``day``) has come to."""
    came: dict[int, int] = defaultdict(int)
    for on, minor in put_in:
        came[coming(shares.meets, opened, on)] += minor
    now, count, kept, bought = coming(shares.meets, opened, day), 0, 0, 0
    for number in range(1, now + 1):
        kept += came[number]
        bought = _buys(shares, number, kept)
        count, kept = count + bought, kept - bought * shares.price
    return Holding(count, kept, now, bought)


def worth(shares: Shares, count: int, value: int = 0) -> int:
    """``value``: what one is worth by what the group counted since the account was opened, if anything."""
    return count * (value or shares.value or shares.price)


def least_due(shares: Shares, opened: dt.date, held: Holding) -> tuple[dt.date | None, int]:
    """The first meeting whose least is not covered yet, and what it wants. What was missed is never asked for again."""
    number, kept, bought = held.number, held.kept, held.bought
    while shares.least and not _is_over(shares, number):
        if bought < shares.least:
            return due_day(opened, shares.meets, number), (shares.least - bought) * shares.price - kept
        number += 1
        bought = _buys(shares, number, kept)
        kept -= bought * shares.price
    return None, 0


def shared_out_on(shares: Shares, opened: dt.date) -> dt.date | None:
    return due_day(opened, shares.meets, shares.cycle) if shares.cycle else None


def _buys(shares: Shares, number: int, money: int) -> int:
    if _is_over(shares, number):
        return 0
    count = max(0, money) // shares.price
    return min(count, shares.most) if shares.most else count


def _is_over(shares: Shares, number: int) -> bool:
    return 0 < shares.cycle < number
