"""Where an account stands: its schedule, with everything that was charged and paid laid over it in order of day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import groupby
from typing import cast

from flows.money import rounded
from flows.ports import BookedAccount, Leg
from flows.products.chart import account_of
from flows.products.features import PARTS, Credit, Features, Part
from flows.products.schedule import Instalment, schedule
from flows.products.terms import agreed

OPENING = ("disbursed", "fee")  # kinds of legs that open an account: they pay nothing of the schedule


@dataclass(slots=True)
class Line:
    """One instalment, with what it still costs and what has been paid of it."""

    instalment: Instalment
    penalty_on: dt.date | None = None
    owed: dict[Part, int] = field(default_factory=dict)
    paid: dict[Part, int] = field(default_factory=lambda: dict.fromkeys(PARTS, 0))

    def __post_init__(self) -> None:
        i = self.instalment
        self.owed = {"penalty": 0, "fee": i.fee, "interest": i.interest, "principal": i.principal}

    @property
    def due(self) -> dt.date:
        return self.instalment.due

    def unpaid(self, *parts: Part) -> int:
        return sum(self.owed[part] - self.paid[part] for part in parts or PARTS)

    def pay(self, part: Part, minor: int) -> int:
        """Pays as much of ``minor`` as this line takes, and returns the rest; a negative amount takes back."""
        taken = max(-self.paid[part], min(minor, self.owed[part] - self.paid[part]))
        self.paid[part] += taken
        return minor - taken


@dataclass(slots=True)
class Standing:
    """An account on a day. ``amount`` is what was lent; ``deposits`` every day and amount that was put in."""

    account: BookedAccount
    features: Features
    day: dt.date
    amount: int = 0
    lines: list[Line] = field(default_factory=list)
    saved: int = 0
    surplus: int = 0  # paid beyond everything that was owed, where there are no savings to take it
    deposits: list[tuple[dt.date, int]] = field(default_factory=list)
    last_paid: tuple[dt.date, int] | None = None
    ended: dt.date | None = None  # the day on which interest stopped

    def unpaid(self, *parts: Part) -> int:
        return sum(line.unpaid(*parts) for line in self.lines)

    @property
    def settled(self) -> bool:
        return not any(line.unpaid() for line in self.lines)


def features_of(account: BookedAccount) -> Features:
    """The terms that the account was opened on. Raises ValueError if they cannot be read."""
    return agreed(account.terms["words"], account.currency)


def stand(account: BookedAccount, legs: list[Leg], day: dt.date) -> Standing:
    """The standing of ``account`` at the end of ``day``. Postings of later days are left out."""
    standing = Standing(account, features_of(account), day)
    credit = standing.features.credit
    if credit:
        standing.amount = int(account.terms["amount"])
        standing.lines = [Line(i) for i in schedule(credit, standing.amount, account.opened)]
    for on, posting in postings(legs):
        if on <= day:
            charge_penalties(standing, credit, on)
            _apply(standing, on, posting)
            _end(standing, credit, on)
    charge_penalties(standing, credit, day)
    return standing


def postings(legs: list[Leg]) -> Iterator[tuple[dt.date, list[Leg]]]:
    """The postings of an account, the legs of each together, ordered by day and then as they were written."""
    mine = [leg for leg in legs if account_of(leg.book)]
    for _, group in groupby(sorted(mine, key=lambda leg: leg.on), key=lambda leg: leg.key):
        posting = list(group)
        yield posting[0].on, posting


def charge_penalties(standing: Standing, credit: Credit | None, day: dt.date) -> None:
    if credit is None or credit.penalty is None:
        return
    for line in standing.lines:
        if line.due >= day:
            break
        falls_on = credit.penalty.falls_on(line.due)
        if line.penalty_on is None and falls_on <= day and (unpaid := line.unpaid("principal", "interest", "fee")) > 0:
            line.penalty_on = falls_on
            line.owed["penalty"] = rounded(credit.penalty.charge.of(unpaid))


def _apply(standing: Standing, on: dt.date, posting: list[Leg]) -> None:
    came = 0
    for leg in posting:
        if leg.kind in OPENING:
            continue
        part, minor = leg.book.rpartition(":")[2], -leg.minor
        came += minor if leg.kind != "interest" else 0
        if part == "savings":
            standing.saved += minor
            if minor > 0 and leg.kind != "interest":
                standing.deposits.append((on, minor))
        elif part == "surplus":
            standing.surplus += minor
        else:
            standing.surplus += _spread(standing, cast("Part", part), minor)
    if came > 0:
        standing.last_paid = (on, came)


def _spread(standing: Standing, part: Part, minor: int) -> int:
    """Oldest first; what is taken back comes from the newest. What no line takes of this part (a penalty that a payment
    entered late has undone) pays the other parts. Returns what is left even then."""
    for line in standing.lines if minor > 0 else reversed(standing.lines):
        if not minor:
            break
        minor = line.pay(part, minor)
    for line in standing.lines if minor > 0 else ():
        for other in PARTS:
            minor = line.pay(other, minor)
    return minor


def _end(standing: Standing, credit: Credit | None, on: dt.date) -> None:
    """Once all principal is repaid, interest and fees run no longer: what was paid is laid over what is earned.

    What was paid beyond that, in good time and of the client's own will, stays with the last line.
    """
    if credit is None or credit.payoff == "whole interest" or standing.ended or standing.unpaid("principal"):
        return
    standing.ended = on
    parts: tuple[Part, ...] = ("interest", "fee")
    for rest in parts:
        paid = sum(line.paid[rest] for line in standing.lines)
        for line in standing.lines:
            line.owed[rest], line.paid[rest] = earned(credit, line, rest, on), 0
        for line in standing.lines:
            paid = line.pay(rest, paid)
        standing.lines[-1].owed[rest] += paid
        standing.lines[-1].paid[rest] += paid


def earned(credit: Credit, line: Line, part: Part, day: dt.date) -> int:
    """What of this part is owed if the loan ends on ``day``."""
    if part in ("principal", "penalty") or line.due <= day or credit.payoff == "whole interest":
        return line.owed[part]
    begins = line.instalment.begins
    if day <= begins or (part == "fee" and credit.payoff == "interest to date"):
        return 0
    if credit.payoff == "interest of this period":
        return line.owed[part]
    return rounded(Fraction(line.owed[part] * (day - begins).days, (line.due - begins).days))
