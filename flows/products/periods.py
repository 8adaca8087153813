"""The days of a plan, counted from the opening of an account."""

from __future__ import annotations

import datetime as dt

from flows.products.features import Frequency, due_day, periods_passed


def coming(frequency: Frequency, opened: dt.date, day: dt.date) -> int:
    """The number of the plan's day that is ``day`` or comes next; the first is 1."""
    passed = periods_passed(opened, frequency, day)
    today = passed > 0 and due_day(opened, frequency, passed) == day
    return passed if today else passed + 1
