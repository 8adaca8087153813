"""What falls due, when: the repayment schedule of a loan, in whole minor units.

Flat: interest on the whole loan, in equal parts. Declining: interest on what is still owed; with equal instalments
(an annuity) or equal parts of principal. The last instalment takes what rounding left.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from flows.money import rounded
from flows.products.features import Credit, Frequency, due_day


@dataclass(frozen=True, slots=True)
class Instalment:
    """One line of a schedule; ``begins`` is the day from which its interest runs."""

    number: int
    begins: dt.date
    due: dt.date
    principal: int
    interest: int
    fee: int = 0

    @property
    def total(self) -> int:
        return self.principal + self.interest + self.fee


def schedule(credit: Credit, amount: int, opened: dt.date) -> list[Instalment]:
    """The instalments of a loan of ``amount`` paid out on ``opened``.

    An instalment is never negative; where rounding is coarse for a small loan the last ones may be nothing.
    """
    due = days(credit.frequency, credit.instalments, opened)
    lines = enumerate(zip((opened, *due), due, sums(credit, amount), strict=False), 1)
    return [Instalment(number, begins, day, *parts) for number, (begins, day, parts) in lines]


def sums(credit: Credit, amount: int) -> tuple[tuple[int, int, int], ...]:
    """Principal, interest and fee of each instalment."""
    fee = sum(rounded(f.charge.of(amount)) for f in credit.fees if f.each_instalment)
    lines = _flat(credit, amount) if credit.method == "flat" else _declining(credit, amount)
    return tuple((principal, interest, fee) for principal, interest in lines)


def days(frequency: Frequency, instalments: int, opened: dt.date) -> tuple[dt.date, ...]:
    """The day on which each instalment falls due."""
    return tuple(due_day(opened, frequency, number) for number in range(1, instalments + 1))


def fees_at_start(credit: Credit, amount: int) -> int:
    """What is kept back when the loan is paid out."""
    return sum(rounded(f.charge.of(amount)) for f in credit.fees if not f.each_instalment)


def _flat(credit: Credit, amount: int) -> Iterator[tuple[int, int]]:
    count, paying = credit.instalments, credit.instalments - credit.grace
    interest_left = rounded(amount * credit.rate_of_period * count)
    interest = rounded(Fraction(interest_left, count))
    payment = _stepped(Fraction(amount, paying) + interest, amount + interest * paying, paying, credit.step)
    left = amount
    for number in range(1, count + 1):
        last = number == count
        paid = interest_left if last else min(interest, interest_left)
        principal = left if last else 0 if number <= credit.grace else _between(payment - paid, left)
        interest_left, left = interest_left - paid, left - principal
        yield principal, paid


def _declining(credit: Credit, amount: int) -> Iterator[tuple[int, int]]:
    count, rate, paying = credit.instalments, credit.rate_of_period, credit.instalments - credit.grace
    level = credit.equal == "instalments"
    exact = _annuity(amount, rate, paying) if level else Fraction(amount, paying)
    payment = _stepped(exact, rounded(exact * paying), paying, credit.step)
    left = amount
    for number in range(1, count + 1):
        interest = rounded(left * rate)
        principal = payment - interest if level else payment
        principal = left if number == count else 0 if number <= credit.grace else _between(principal, left)
        left -= principal
        yield principal, interest


def _annuity(amount: int, rate: Fraction, count: int) -> Fraction:
    """The level payment whose present value at ``rate`` a period is ``amount``."""
    if rate == 0:
        return Fraction(amount, count)
    return amount * rate / (1 - 1 / (1 + rate) ** count)


def _stepped(payment: Fraction, total: int, count: int, step: int) -> int:
    """The payment rounded to the product's step, unless that step is too coarse to leave a last instalment."""
    nearest = rounded(payment, step)
    return nearest if nearest > 0 and nearest * (count - 1) < total else rounded(payment)


def _between(principal: int, left: int) -> int:
    return max(0, min(principal, left))
