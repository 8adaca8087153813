"""Lays what was charged and what was paid over the instalments of a loan, day after day.

Payments go to the oldest instalment that still wants them, so each begins where the last one stopped. What changes the
past (money taken back, a loan that ends early) begins from the first instalment again.
"""

from __future__ import annotations

import datetime as dt

from flows.money import rounded
from flows.products.features import PARTS, Credit, Part
from flows.products.lines import Line, earned


class Laying:
    """``lines`` in order of their days, changed in place; none without credit. Days are to be given in order.

    ``ended``: when interest stopped.
    """

    def __init__(self, credit: Credit | None, lines: list[Line]) -> None:
        self.ended: dt.date | None = None
        self._credit = credit
        self._lines = lines
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._first = dict.fromkeys(PARTS, 0)  # of each part: no line before this one takes more of it
        self._charged = 0  # the lines before this one have their penalty, or were paid when it would have fallen due

    def charge(self, day: dt.date) -> None:
        """The penalties that have fallen due by the end of ``day``."""
        penalty = self._credit.penalty if self._credit else None
        if penalty is None:
            return
        lines, at = self._lines, self._charged
        while at < len(lines) and (falls_on := penalty.falls_on(lines[at].due)) <= day:
            line = lines[at]
            if line.penalty_on is None and line.left > 0:
                line.charge(falls_on, rounded(penalty.charge.of(line.left)))
                self._first["penalty"] = min(self._first["penalty"], at)
            at += 1
        self._charged = at

    def pay(self, part: Part, minor: int) -> int:
        """Oldest first; what is taken back comes from the newest. What no line takes of this part (a penalty that a
        payment entered late has undone) pays the other parts. Returns what is left even then."""
        if minor < 0:
            self._begin_anew()
            for line in reversed(self._lines):
                minor = line.pay(part, minor)
            return minor
        minor = self._forward(part, minor)
        for line in self._lines[min(self._first.values()) :] if minor else ():
            for other in PARTS:
                minor = line.pay(other, minor)
            if not minor:
                break
        return minor

    def _forward(self, part: Part, minor: int) -> int:
        at, lines = self._first[part], self._lines
        while minor and at < len(lines):
            minor = lines[at].pay(part, minor)
            at += minor > 0
        self._first[part] = at
        return minor

    def end(self, on: dt.date) -> None:
        """Once all principal is repaid, interest and fees run no longer: what was paid is laid over what is earned.

        What was paid beyond that, in good time and of the client's own will, stays with the last line.
        """
        credit = self._credit
        if credit is None or credit.payoff == "whole interest" or self.ended or self._is_owed("principal"):
            return
        self.ended = on
        parts: tuple[Part, ...] = ("interest", "fee")
        for part in parts:
            paid = sum(line.paid[part] for line in self._lines)
            for line in self._lines:
                line.settle(part, earned(credit, line, part, on), 0)
            for line in self._lines:
                paid = line.pay(part, paid)
            last = self._lines[-1]
            last.settle(part, last.owed[part] + paid, last.paid[part] + paid)
        self._begin_anew()

    def _is_owed(self, part: Part) -> bool:
        at, lines = self._first[part], self._lines
        while at < len(lines) and not lines[at].unpaid(part):
            at += 1
        self._first[part] = at
        return at < len(lines)
