"""Interest that savers earn: by the day, on what stood in the account at the end of it, credited once a month."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

from flows.money import rounded
from flows.ports import Leg
from flows.products.chart import REVERSED, undone
from flows.products.features import MONTHS, Savings

DAYS_OF_YEAR = 365  # leap years too (actual/365 fixed): the same deposit earns the same in every year


def interest_of_month(savings: Savings, legs: list[Leg], first: dt.date) -> int:
    """What the savings earned in the month that begins with ``first``, rounded once, at its end.

    ``legs`` are those of the account; a balance below zero earns nothing, nor does what was taken back since.
    """
    if savings.rate.part == 0:
        return 0
    gone = undone(legs, dt.date.max)
    kept = [leg for leg in legs if leg.kind != REVERSED and leg.key not in gone]
    saved = sorted((leg.on, -leg.minor) for leg in kept if leg.book.endswith(":savings"))
    total, day = 0, first
    while (day.year, day.month) == (first.year, first.month):
        total += max(0, sum(minor for on, minor in saved if on <= day))
        day += dt.timedelta(days=1)
    yearly = savings.rate.part * (MONTHS if savings.rate.per == "month" else 1)
    return rounded(Fraction(total) * yearly / DAYS_OF_YEAR)
