"""One instalment of an account that stands somewhere: what it costs by now, and what has been paid of it."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

from flows.money import rounded
from flows.products.features import Credit, Part


class Line:
    """``begins``: the day from which its interest runs. ``owed`` and ``paid`` by part; ``left``: what is unpaid in all.

    Two lines are never equal.
    """

    __slots__ = ("begins", "due", "left", "owed", "paid", "penalty_on")

    def __init__(self, begins: dt.date, due: dt.date, principal: int, interest: int, fee: int) -> None:
        self.begins = begins
        self.due = due
        self.penalty_on: dt.date | None = None
        self.owed: dict[Part, int] = {"penalty": 0, "fee": fee, "interest": interest, "principal": principal}
        self.paid: dict[Part, int] = {"penalty": 0, "fee": 0, "interest": 0, "principal": 0}
        self.left = fee + interest + principal

    def unpaid(self, part: Part) -> int:
        return self.owed[part] - self.paid[part]

    def pay(self, part: Part, minor: int) -> int:
        """Pays as much of ``minor`` as this line takes, and returns the rest; a negative amount takes back."""
        paid = self.paid[part]
        room = self.owed[part] - paid
        taken = room if minor > room else minor if minor > -paid else -paid
        self.paid[part] = paid + taken
        self.left -= taken
        return minor - taken

    def charge(self, on: dt.date, penalty: int) -> None:
        """For being late; once."""
        self.penalty_on = on
        self.owed["penalty"] = penalty
        self.left += penalty

    def settle(self, part: Part, owed: int, paid: int) -> None:
        """Replaces what is owed and paid of this part."""
        self.left += owed - paid - self.unpaid(part)
        self.owed[part], self.paid[part] = owed, paid


def earned(credit: Credit, line: Line, part: Part, day: dt.date) -> int:
    """What of this part is owed if the loan ends on ``day``."""
    if part in ("principal", "penalty") or line.due <= day or credit.payoff == "whole interest":
        return line.owed[part]
    begins = line.begins
    if day <= begins or (part == "fee" and credit.payoff == "interest to date"):
        return 0
    if credit.payoff == "interest of this period":
        return line.owed[part]
    return rounded(Fraction(line.owed[part] * (day - begins).days, (line.due - begins).days))
