"""Where an account stands: its schedule, with everything that was charged and paid laid over it in order of day."""

from __future__ import annotations

import datetime as dt
from operator import attrgetter
from typing import cast

import msgspec

from flows.ports import BookedAccount, Leg
from flows.products.chart import REVERSED, account_of, undone
from flows.products.features import Features, Part
from flows.products.kept import terms_of
from flows.products.laying import Laying
from flows.products.lines import Line

_DAY = attrgetter("on")
OPENING = ("disbursed", "fee")  # kinds of legs that open an account: they pay nothing of the schedule


class Standing(msgspec.Struct, eq=False):
    """An account on a day. ``amount`` is what was lent; ``deposits`` every day and amount that was saved, ``put_in``
    every one that was put into shares."""

    account: BookedAccount
    features: Features
    day: dt.date
    amount: int = 0
    lines: list[Line] = []
    saved: int = 0
    surplus: int = 0  # paid beyond everything that was owed, where there are no savings to take it
    deposits: list[tuple[dt.date, int]] = []
    put_in: list[tuple[dt.date, int]] = []
    last_paid: tuple[dt.date, int] | None = None
    ended: dt.date | None = None  # the day on which interest stopped

    @property
    def left(self) -> int:
        """What is unpaid of the loan in all."""
        return sum([line.left for line in self.lines])

    @property
    def settled(self) -> bool:
        return not self.left


def stand(account: BookedAccount, legs: list[Leg], day: dt.date) -> Standing:
    """The standing of ``account`` at the end of ``day``. Postings of later days are left out, and what was taken back
    by then counts as if it had never been."""
    features, lines = terms_of(account)
    amount = int(account.terms["amount"]) if features.credit else 0
    standing = Standing(account, features, day, amount, lines)
    laying = Laying(features.credit, lines)
    gone = undone(legs, day)
    for on, posting in postings(legs):
        if on > day or (gone and _is_gone(posting[0], gone)):
            continue
        if lines:
            laying.charge(on)
        _apply(standing, laying, on, posting)
        if lines:
            laying.end(on)
    if lines:
        laying.charge(day)
    standing.ended = laying.ended
    return standing


def postings(legs: list[Leg]) -> list[tuple[dt.date, list[Leg]]]:
    """The postings of an account, the legs of each together, ordered by day and then as they were written."""
    made: list[tuple[dt.date, list[Leg]]] = []
    key = None
    for leg in sorted(legs, key=_DAY):
        if account_of(leg.book) is None:
            continue
        if leg.key != key:
            key = leg.key
            made.append((leg.on, []))
        made[-1][1].append(leg)
    return made


def _is_gone(leg: Leg, gone: set[str]) -> bool:
    return leg.kind == REVERSED or leg.key in gone


def _apply(standing: Standing, laying: Laying, on: dt.date, posting: list[Leg]) -> None:
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
        elif part == "shares":
            standing.put_in.append((on, minor))
        elif part == "surplus":
            standing.surplus += minor
        else:
            standing.surplus += laying.pay(cast("Part", part), minor)
    if came > 0:
        standing.last_paid = (on, came)
