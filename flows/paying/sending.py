"""Facts about the request to the wallet: until money is known, or that there will be none."""

from __future__ import annotations

import datetime as dt

from msgspec.structs import replace

from flows.paying import looks
from flows.paying.facts import Acknowledged, NotPaid, NotTaken, Payment, SessionOpen, SessionOver, StillOpen


def session(payment: Payment, fact: SessionOver | SessionOpen, now: dt.datetime) -> Payment:
    """Written before the wallet is asked: who finds it ``sent`` must ask what became of it, not send it."""
    if payment.state != "created":
        return payment
    if isinstance(fact, SessionOver):
        asked = payment.asked_at or now
        return looks.to(payment, "sent", now, next_at=now + looks.TAKEOVER, asked_at=asked, unseen_since=None)
    if payment.asked_at is None and now - payment.created_at > looks.TOO_LONG:
        return looks.failed(payment, "busy", now)
    if payment.asked_at is not None and now - payment.asked_at >= looks.GIVE_UP:
        return looks.given_up(payment, now)
    return replace(payment, next_at=now + looks.OPEN, told=looks.told(payment, now))


def has_it(payment: Payment, fact: Acknowledged | StillOpen, now: dt.datetime) -> Payment:
    """The provider knows it and has not decided."""
    if payment.state == "created":  # an answer that came late: it must not be sent as if it had never been
        payment = looks.to(payment, "sent", now, asked_at=payment.asked_at or now, told=payment.told)
    if payment.state in looks.WAITING:
        payment = replace(payment, unseen_since=None)
    if isinstance(fact, Acknowledged) and not payment.provider_ref:
        payment = replace(payment, provider_ref=fact.provider_ref)
    return looks.inconclusive(payment, now, "sent")


def not_there(payment: Payment, now: dt.datetime, resends: bool) -> Payment:
    """It never arrived, or cannot be seen yet. Not seen for long enough, it is sent again if that does no harm."""
    if payment.state not in looks.WAITING:
        return looks.rest(payment) if looks.resting(payment) else looks.inconclusive(payment, now, payment.state)
    unseen = payment.unseen_since or now
    if resends and now - unseen >= looks.UNSEEN:
        return looks.to(payment, "created", now, next_at=now, told=looks.told(payment, now))
    return looks.inconclusive(replace(payment, unseen_since=unseen), now, "unknown")


def busy(payment: Payment, of: Payment | None, now: dt.datetime) -> Payment:
    """No request was taken, so it may be made anew: if this is of the only one that was ever made."""
    if of is None or payment.state != "sent" or of.moved_at != payment.moved_at:
        return looks.rest(payment)
    if payment.asked_at != payment.moved_at:  # it was sent before, and might still be seen
        return looks.inconclusive(payment, now, "sent")
    if now - payment.created_at > looks.TOO_LONG:
        return looks.failed(payment, "busy", now)
    return looks.to(payment, "created", now, next_at=now + looks.BUSY, asked_at=None, unseen_since=None)


def nothing(payment: Payment, fact: NotTaken | NotPaid, now: dt.datetime) -> Payment:
    """The provider's final word, which only word of money beats."""
    asked = payment.state in looks.WAITING or (payment.state == "created" and payment.asked_at is not None)
    if asked or (payment.state == "exception" and payment.reason == "no word"):
        return looks.failed(payment, fact.reason, now)
    return looks.rest(payment)
