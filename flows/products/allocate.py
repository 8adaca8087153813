"""What a payment pays, and the legs that write it down."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from flows.ports import BookedAccount, Leg, Posting
from flows.products.chart import BOOKS, FEES, FLOAT, INTEREST_PAID, SUSPENSE, book
from flows.products.features import Part
from flows.products.kept import features_of
from flows.products.lines import Line
from flows.products.position import Due, closing, payoff, what_is_due
from flows.products.schedule import fees_at_start
from flows.products.standing import Standing

Parts = dict[str, int]


def allocate(at: Standing, minor: int, kind: str = "repaid") -> Parts:
    """How much of ``minor`` goes to each book of the account; the parts sum to ``minor``.

    ``deposited`` goes where the rest goes. ``repaid`` pays what is due, the oldest first and within it in the product's
    order, then what the saving plan and the shares of a meeting ask for; the rest goes where the product says. Enough
    to close the loan closes it.
    """
    if kind == "deposited" and (at.features.savings or at.features.shares):
        return {_takes_the_rest(at): minor}
    credit, parts = at.features.credit, defaultdict[str, int](int)
    if credit is None or at.settled:
        _put_aside(what_is_due(at), minor, parts)
        return _rest(at, parts, minor)
    if minor >= payoff(at):
        return _rest(at, defaultdict(int, closing(at)), minor)
    due = what_is_due(at)
    left = _put_aside(due, _pay(credit.order, due.lines, minor, parts), parts)
    if at.features.extra == "credit":
        asked = set(due.lines)
        _pay(credit.order, (line for line in at.lines if line not in asked), left, parts)
    return _rest(at, parts, minor)


def _put_aside(due: Due, left: int, parts: Parts) -> int:
    """Returns what is left."""
    for part, asked in (("savings", due.plan), ("shares", due.shares)):
        put = min(asked, left)
        parts[part] += put
        left -= put
    return left


def _pay(order: Iterable[Part], lines: Iterable[Line], left: int, parts: Parts) -> int:
    """Returns what is left."""
    for line in lines:
        for part in order:
            paid = min(left, max(0, line.unpaid(part)))
            parts[part] += paid
            left -= paid
    return left


def _rest(at: Standing, parts: Parts, minor: int) -> Parts:
    """What is left over is never lost and never more than was paid."""
    parts[_takes_the_rest(at)] += minor - sum(parts.values())
    return {part: value for part, value in parts.items() if value}


def _takes_the_rest(at: Standing) -> str:
    """The shares if the product says so or there are no savings, else the savings; without either it is kept apart."""
    if at.features.shares and (at.features.extra == "shares" or not at.features.savings):
        return "shares"
    return "savings" if at.features.savings else "surplus"


def payment_legs(posting: Posting, parts: Mapping[str, int]) -> list[Leg]:
    """Money in (or, for ``withdrawn``, out): the float on one side, the account's books and our fee on the other. What
    was in suspense leaves that instead of the float."""
    sign = -1 if posting.kind == "withdrawn" else 1

    def leg(name: str, minor: int) -> Leg:
        ref, currency = posting.provider_ref, posting.amount.currency
        return Leg(posting.key, name, sign * minor, currency, posting.on, posting.kind, ref)

    account, fee = posting.account, posting.fee
    came = SUSPENSE if posting.suspended else FLOAT
    legs = [leg(came, posting.amount.minor + fee), *(leg(book(account, b), -parts[b]) for b in BOOKS if parts.get(b))]
    return [*legs, leg(FEES, -fee)] if fee else legs


def reversal_legs(posting: Posting, legs: Iterable[Leg], came: str = FLOAT) -> list[Leg]:
    """``legs``: those in the books of the account that the posting takes back. The money leaves as it came, to the book
    that it ``came`` from."""
    back = [replace(leg, key=posting.key, minor=-leg.minor, on=posting.on, kind=posting.kind) for leg in legs]
    return [replace(back[0], book=came, minor=-sum(leg.minor for leg in back)), *back]


def suspense_legs(posting: Posting) -> list[Leg]:
    """Money in that nobody can say yet whom it is for."""
    first = Leg(
        posting.key,
        FLOAT,
        posting.amount.minor,
        posting.amount.currency,
        posting.on,
        posting.kind,
        posting.provider_ref,
    )
    return [first, replace(first, book=SUSPENSE, minor=-first.minor)]


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
