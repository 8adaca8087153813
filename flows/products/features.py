"""The features that an account can be made of, with their terms. Amounts are minor units of the account's currency."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

Method = Literal["flat", "declining"]
Equal = Literal["instalments", "principal"]
Per = Literal["year", "month", "term"]
Frequency = Literal["weekly", "fortnightly", "monthly"]
Part = Literal["penalty", "fee", "interest", "principal"]
Payoff = Literal["whole interest", "interest of this period", "interest to date"]

PARTS: tuple[Part, ...] = ("penalty", "fee", "interest", "principal")
# Declared names; those in the second row are read, and refused until accounts can be made of them.
RUNS = ("credit", "savings", "shares")
PLANNED = ("rotation", "social fund", "guarantee", "cover")

MONTHS = 12
_WEEKS = {"weekly": 1, "fortnightly": 2}


@dataclass(frozen=True, slots=True)
class Rate:
    """``part`` of the principal (0.24 is 24 %) for each ``per``."""

    part: Fraction
    per: Per


@dataclass(frozen=True, slots=True)
class Charge:
    """An amount, or a part of something: exactly one of the two is more than zero, or both are zero."""

    minor: int = 0
    part: Fraction = Fraction(0)

    def of(self, base: int) -> Fraction:
        """The charge on ``base``, not rounded."""
        return self.part * base if self.part else Fraction(self.minor)


@dataclass(frozen=True, slots=True)
class Fee:
    """A part is of the loan. Fees at disbursement are kept back from the money paid out."""

    name: str
    charge: Charge
    each_instalment: bool = False


@dataclass(frozen=True, slots=True)
class Penalty:
    """Charged once for each instalment that is not paid in full when ``after`` days have passed since its day.

    A part is of what is unpaid of that instalment (principal, interest and fee; never a penalty on a penalty).
    """

    charge: Charge
    after: int

    def falls_on(self, due: dt.date) -> dt.date:
        """The first day on which it is owed: a payment on the last day of the wait still escapes it."""
        return due + dt.timedelta(days=self.after + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """A loan. ``grace`` instalments at the beginning are of interest only. ``weeks_in_year`` turns a yearly rate into
    a weekly one: 52, or 365/7, or 360/7 (institutions differ; a month is always a twelfth of a year)."""

    method: Method
    rate: Rate
    frequency: Frequency
    instalments: int
    equal: Equal = "instalments"
    grace: int = 0
    step: int = 1  # instalments are rounded to a multiple of this
    fees: tuple[Fee, ...] = ()
    penalty: Penalty | None = None
    order: tuple[Part, ...] = PARTS
    payoff: Payoff = "whole interest"
    weeks_in_year: Fraction = Fraction(52)

    @property
    def rate_of_period(self) -> Fraction:
        """The part of the principal that one instalment's period costs."""
        if self.rate.per == "term":
            return self.rate.part / self.instalments
        yearly = self.rate.part * (MONTHS if self.rate.per == "month" else 1)
        if self.frequency == "monthly":
            return yearly / MONTHS
        return yearly * _WEEKS[self.frequency] / self.weeks_in_year


@dataclass(frozen=True, slots=True)
class Plan:
    """What the saver means to put aside every period."""

    minor: int
    frequency: Frequency


@dataclass(frozen=True, slots=True, kw_only=True)
class Savings:
    minimum: int = 0  # what must stay
    rate: Rate = Rate(Fraction(0), "year")
    notice: int = 0  # days between asking for money and having it
    plan: Plan | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """A member's part of a group's fund, in whole shares of one price, bought at meetings until the fund is shared out.

    Each meeting takes ``least`` to ``most`` of them (``most`` 0: any number), and the last one is number ``cycle`` from
    the opening (0: there is no last one). ``value`` is what one is worth, as the group last counted it; 0: its price.
    """

    price: int
    meets: Frequency = "weekly"
    least: int = 0
    most: int = 0
    value: int = 0
    cycle: int = 0


@dataclass(frozen=True, slots=True)
class Features:
    """What an account is made of. A payment pays what is due; ``extra`` says where the rest of it goes."""

    credit: Credit | None = None
    savings: Savings | None = None
    shares: Shares | None = None
    extra: Literal["credit", "savings", "shares"] = "credit"

    names: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", tuple(name for name in RUNS if getattr(self, name) is not None))


@dataclass(frozen=True, slots=True)
class Product:
    """A product file. ``words`` are its terms as they stand there: an account is opened on these very words."""

    name: str
    label: str
    features: Features
    words: dict[str, Any]
    file: str = ""


def due_day(opened: dt.date, frequency: Frequency, number: int) -> dt.date:
    """The day of the ``number``-th instalment (1 is the first).

    A month later is the same day of the month, or its last day where there is none; the day is counted from the
    opening each time, so 31 January gives 28 February and then 31 March.
    """
    if frequency != "monthly":
        return opened + dt.timedelta(weeks=_WEEKS[frequency] * number)
    years, month = divmod(opened.month - 1 + number, MONTHS)
    first = dt.date(opened.year + years, month + 1, 1)
    next_first = dt.date(first.year + month // 11, (month + 1) % MONTHS + 1, 1)
    return first.replace(day=min(opened.day, (next_first - first).days))


def periods_passed(opened: dt.date, frequency: Frequency, day: dt.date) -> int:
    """How many instalment days there were up to ``day``, that day included."""
    if frequency != "monthly":
        return max(0, (day - opened).days // (7 * _WEEKS[frequency]))
    months = (day.year - opened.year) * MONTHS + day.month - opened.month
    return max(0, months if due_day(opened, frequency, months) <= day else months - 1)
