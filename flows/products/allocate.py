"""What a payment pays, and the legs that write it down."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping

from flows.ports import BookedAccount, Leg, Posting
from flows.products.chart import BOOKS, FLOAT, INTEREST_PAID, book
from flows.products.features import Part
from flows.products.kept import features_of
from flows.products.lines import Line
from flows.products.position import closing, payoff, what_is_due
from flows.products.schedule import fees_at_start
from flows.products.standing import Standing

Parts = dict[str, int]


def allocate(at: Standing, minor: int, kind: str = "repaid") -> Parts:
    """How much of ``minor`` goes to each book of the account; the parts sum to ``minor``.

    ``deposited`` is saved. ``repaid`` pays what is due, the oldest first and within it in the product's order, then
    what the saving plan asks for; the rest goes where the product says. Enough to close the loan closes it.
    """
    if kind == "deposited" and at.features.savings:
        return {"savings": minor}
    credit = at.features.credit
    if credit is None or at.settled:
        return _rest(at, defaultdict(int), minor)
    if minor >= payoff(at):
        return _rest(at, defaultdict(int, closing(at)), minor)
    due = what_is_due(at)
    parts: Parts = defaultdict(int)
    left = _pay(credit.order, due.lines, minor, parts)
    if at.features.savings:
        parts["savings"] += min(due.plan, left)
        left -= min(due.plan, left)
        if at.features.extra == "savings":
            return _rest(at, parts, minor)
    asked = set(due.lines)
    _pay(credit.order, (line for line in at.lines if line not in asked), left, parts)
    return _rest(at, parts, minor)


def _pay(order: Iterable[Part], lines: Iterable[Line], left: int, parts: Parts) -> int:
    """Returns what is left."""
    for line in lines:
        for part in order:
            paid = min(left, max(0, line.unpaid(part)))
            parts[part] += paid
            left -= paid
    return left


def _rest(at: Standing, parts: Parts, minor: int) -> Parts:
    """What is left over is saved where there are savings; it is never lost and never more than was paid."""
    parts["savings" if at.features.savings else "surplus"] += minor - sum(parts.values())
    return {part: value for part, value in parts.items() if value}


def payment_legs(posting: Posting, parts: Mapping[str, int]) -> list[Leg]:
    """Money in (or, for ``withdrawn``, out): the float on one side, the books of the account on the other."""
    sign = -1 if posting.kind == "withdrawn" else 1

    def leg(name: str, minor: int) -> Leg:
        ref, currency = posting.provider_ref, posting.amount.currency
        return Leg(posting.key, name, sign * minor, currency, posting.on, posting.kind, ref)

    account = posting.account
    return [leg(FLOAT, posting.amount.minor), *(leg(book(account, b), -parts[b]) for b in BOOKS if parts.get(b))]


def opening_legs(account: BookedAccount, key: str) -> list[Leg]:
    """The loan is owed in full; what is kept back as fees does not leave the float. Savings open with nothing."""
    credit = features_of(account).credit
    if credit is None:
        return []
    amount = int(account.terms["amount"])
    fees = min(fees_at_start(credit, amount), amount)

    def leg(name: str, minor: int, kind: str) -> Leg:
        return Leg(key, name, minor, account.currency, account.opened, kind)

    legs = [leg(book(account.ref, "principal"), amount, "disbursed"), leg(FLOAT, fees - amount, "disbursed")]
    if fees:
        legs.append(leg(book(account.ref, "fee"), -fees, "fee"))
    return [made for made in legs if made.minor]


def interest_legs(account: BookedAccount, minor: int, on: dt.date, key: str) -> list[Leg]:
    """Interest that the institution gives to a saver."""

    def leg(name: str, value: int) -> Leg:
        return Leg(key, name, value, account.currency, on, "interest")

    return [leg(INTEREST_PAID, minor), leg(book(account.ref, "savings"), -minor)] if minor else []
