"""Where an account stands, worked out the long way: everything from the start, every line at every payment.

Nothing here is kept and nothing is skipped, so that it can be read beside ``docs/products.md``; the product has to come
to the same figures.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import groupby
from typing import Any

from flows.ports import BookedAccount, Leg
from flows.products.chart import account_of
from flows.products.features import PARTS, Credit, Features
from flows.products.schedule import Instalment, schedule
from flows.products.terms import agreed


def rounded(value: Fraction, step: int = 1) -> int:
    whole, rest = divmod(abs(value) / step, 1)
    nearest = (int(whole) + (rest >= Fraction(1, 2))) * step
    return nearest if value >= 0 else -nearest


@dataclass(eq=False)
class Line:
    instalment: Instalment
    penalty_on: dt.date | None = None
    owed: dict[str, int] = field(default_factory=dict)
    paid: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PARTS, 0))

    def __post_init__(self) -> None:
        i = self.instalment
        self.owed = {"penalty": 0, "fee": i.fee, "interest": i.interest, "principal": i.principal}

    @property
    def left(self) -> int:
        return sum(self.owed[part] - self.paid[part] for part in PARTS)

    def pay(self, part: str, minor: int) -> int:
        taken = max(-self.paid[part], min(minor, self.owed[part] - self.paid[part]))
        self.paid[part] += taken
        return minor - taken


@dataclass
class Standing:
    features: Features
    lines: list[Line]
    day: dt.date
    saved: int = 0
    surplus: int = 0
    deposits: list[tuple[dt.date, int]] = field(default_factory=list)
    last_paid: tuple[dt.date, int] | None = None
    ended: dt.date | None = None

    @property
    def figures(self) -> dict[str, Any]:
        """Everything that the product's own standing has to agree with."""
        lines = [(line.instalment.due, line.penalty_on, line.owed, line.paid, line.left) for line in self.lines]
        kept = (self.saved, self.surplus, self.deposits, self.last_paid, self.ended)
        return {"lines": lines, "kept": kept, "closing": self.closing(), "payoff": self.payoff()}

    def closing(self) -> dict[str, int]:
        credit, day = self.features.credit, self.ended or self.day
        if credit is None:
            return {}
        return {part: sum(earned(credit, line, part, day) - line.paid[part] for line in self.lines) for part in PARTS}

    def payoff(self) -> int:
        return max(0, sum(self.closing().values()))


def stand(account: BookedAccount, legs: list[Leg], day: dt.date) -> Standing:
    features = agreed(account.terms["words"], account.currency)
    credit = features.credit
    instalments = schedule(credit, int(account.terms["amount"]), account.opened) if credit else []
    at = Standing(features, [Line(i) for i in instalments], day)
    mine = sorted((leg for leg in legs if account_of(leg.book)), key=lambda leg: leg.on)
    for _, group in groupby(mine, key=lambda leg: leg.key):
        posting = list(group)
        if posting[0].on <= day:
            _charge(at, credit, posting[0].on)
            _post(at, posting)
            _end(at, credit, posting[0].on)
    _charge(at, credit, day)
    return at


def _charge(at: Standing, credit: Credit | None, day: dt.date) -> None:
    if credit is None or credit.penalty is None:
        return
    for line in at.lines:
        falls_on = credit.penalty.falls_on(line.instalment.due)
        unpaid = sum(line.owed[part] - line.paid[part] for part in ("principal", "interest", "fee"))
        if line.penalty_on is None and falls_on <= day and unpaid > 0:
            line.penalty_on = falls_on
            line.owed["penalty"] = rounded(Fraction(credit.penalty.charge.minor) + credit.penalty.charge.part * unpaid)


def _post(at: Standing, posting: list[Leg]) -> None:
    came, on = 0, posting[0].on
    for leg in posting:
        if leg.kind in ("disbursed", "fee"):
            continue
        part, minor = leg.book.split(":")[1], -leg.minor
        came += minor if leg.kind != "interest" else 0
        if part == "savings":
            at.saved += minor
            if minor > 0 and leg.kind != "interest":
                at.deposits.append((on, minor))
        elif part == "surplus":
            at.surplus += minor
        else:
            at.surplus += _spread(at, part, minor)
    if came > 0:
        at.last_paid = (on, came)


def _spread(at: Standing, part: str, minor: int) -> int:
    for line in at.lines if minor > 0 else reversed(at.lines):
        minor = line.pay(part, minor)
    for line in at.lines if minor > 0 else ():
        for other in PARTS:
            minor = line.pay(other, minor)
    return minor


def _end(at: Standing, credit: Credit | None, on: dt.date) -> None:
    owed = sum(line.owed["principal"] - line.paid["principal"] for line in at.lines)
    if credit is None or credit.payoff == "whole interest" or at.ended or owed:
        return
    at.ended = on
    for rest in ("interest", "fee"):
        paid = sum(line.paid[rest] for line in at.lines)
        for line in at.lines:
            line.owed[rest], line.paid[rest] = earned(credit, line, rest, on), 0
        for line in at.lines:
            paid = line.pay(rest, paid)
        at.lines[-1].owed[rest] += paid
        at.lines[-1].paid[rest] += paid


def earned(credit: Credit, line: Line, part: str, day: dt.date) -> int:
    begins, due = line.instalment.begins, line.instalment.due
    if part in ("principal", "penalty") or due <= day or credit.payoff == "whole interest":
        return line.owed[part]
    if day <= begins or (part == "fee" and credit.payoff == "interest to date"):
        return 0
    if credit.payoff == "interest of this period":
        return line.owed[part]
    return rounded(Fraction(line.owed[part] * (day - begins).days, (due - begins).days))
