"""Word of money beats everything that was said before, and is never lost: it is posted, or a person looks at it."""

from __future__ import annotations

import datetime as dt

from msgspec.structs import replace

from flows.paying import looks
from flows.paying.facts import Paid, Payment, Reason
from flows.values import Money

DOUBTS: tuple[Reason, ...] = ("amount differs", "paid twice")  # money that is not what was agreed


def agreed(payment: Payment) -> Money:
    """What was to leave the wallet."""
    return Money(payment.amount.minor + payment.fee.minor, payment.amount.currency)


def paid(payment: Payment, fact: Paid, now: dt.datetime, place: str | None = None) -> Payment:
    """The first word of money counts; a second that differs is a doubt."""
    if payment.taken is None:
        known = replace(payment, receipt=fact.receipt, taken=fact.amount)
        if place is not None:
            return held(known, now)
        if fact.amount != agreed(payment):
            return looks.to(known, "exception", now, reason="amount differs", told=looks.unsure(payment))
        return looks.to(known, "succeeded", now, next_at=now + looks.TAKEOVER)
    if fact.receipt and payment.receipt and fact.receipt != payment.receipt:
        return doubted(payment, "paid twice", now)
    if fact.amount != payment.taken:
        return doubted(payment, "amount differs", now)
    return looks.rest(replace(payment, receipt=payment.receipt or fact.receipt))


def held(payment: Payment, now: dt.datetime) -> Payment:
    """Its money is in the books already, without it: a person moves it to the account, and says so."""
    return looks.to(payment, "exception", now, reason="in suspense", told=looks.unsure(payment))


def doubted(payment: Payment, reason: Reason, now: dt.datetime) -> Payment:
    """To a person: at once if it rests, else once the money that is beyond doubt has been posted."""
    if payment.reason in ("paid twice", reason):
        return looks.rest(payment)
    if payment.state in looks.TAKEN:
        return replace(payment, reason=reason)
    if payment.state == "exception" and reason != "paid twice":
        return looks.rest(payment)
    return looks.to(payment, "exception", now, reason=reason, told=looks.unsure(payment))
