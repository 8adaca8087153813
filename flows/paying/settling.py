"""Facts from the bank, and from the people who settle what no program can."""

from __future__ import annotations

import datetime as dt

from msgspec.structs import replace

from flows.paying import looks
from flows.paying.facts import AwaitsApproval, Decided, Payment, Posted, PostRefused, PostUnanswered, Reason
from flows.paying.money_in import DOUBTS, agreed, held
from flows.products.chart import SUSPENSE
from flows.values import Money


def banked(payment: Payment, fact: Posted | AwaitsApproval | PostRefused | PostUnanswered, now: dt.datetime) -> Payment:
    """What the bank made of it. Without known money it was never asked: then this is of some other payment."""
    if payment.taken is None:
        return looks.rest(payment)
    if isinstance(fact, Posted):
        return _posted(payment, fact.bank_ref, now)
    if payment.state not in looks.TAKEN and not _refused(payment):
        return looks.rest(payment)
    match fact:
        case AwaitsApproval():
            ref = payment.bank_ref or fact.bank_ref
            return looks.to(
                payment,
                "pending approval",
                now,
                next_at=now + looks.FEW,
                bank_ref=ref,
                reason=_doubt(payment),
                told=looks.told(payment, now),
            )
        case PostRefused():
            told = looks.unsure(payment)  # it is in the wallet's own SMS, and on no account yet
            return looks.to(payment, "exception", now, reason=_doubt(payment) or "bank refused", told=told)
        case PostUnanswered():
            return _unanswered(payment, now)


def _posted(payment: Payment, bank_ref: str, now: dt.datetime) -> Payment:
    """The receipt goes out now, and not before."""
    if payment.state == "posted":
        return looks.rest(payment)
    known = replace(payment, bank_ref=payment.bank_ref or bank_ref, told="paid")
    if payment.state in looks.TAKEN or _refused(payment):
        doubt = _doubt(payment)
        return looks.to(known, "exception" if doubt else "posted", now, reason=doubt)
    # it was given back, or is in doubt, and stands on the account all the same
    return looks.to(known, "exception", now, reason=_doubt(payment) or "amount differs")


def _unanswered(payment: Payment, now: dt.datetime) -> Payment:
    """The bank is asked for ever: the money is there."""
    if _refused(payment):
        return looks.rest(payment)
    if payment.state == "pending approval":
        return replace(payment, next_at=now + looks.FEW, told=looks.told(payment, now))
    since = payment.moved_at if payment.state == "posting" else now
    later = {"next_at": looks.next_try(since, now), "told": looks.told(payment, now)}
    return looks.to(payment, "posting", now, reason=_doubt(payment), **later)


def decided(payment: Payment, fact: Decided, now: dt.datetime, place: str | None = None) -> Payment:
    """A person settles an exception. What the bank has posted stays posted, whatever they say; and what came in without
    the payment is *paid* once it was moved to its account, and *not paid* only while it stands on none."""
    if payment.state != "exception":
        return payment
    on_account = bool(payment.bank_ref) or payment.told == "paid"
    match fact.way:
        case "paid" if on_account or payment.taken is None or place in (None, payment.account):
            return _vouched(payment, fact, now, place)
        case "not paid" if not on_account and place in (None, SUSPENSE):
            return looks.failed(payment, payment.reason if payment.taken else "refused", now)
        case "post again" if not on_account and payment.taken:
            return _again(payment, payment.taken, now) if place is None else held(payment, now)
    return payment


def _vouched(payment: Payment, fact: Decided, now: dt.datetime, place: str | None) -> Payment:
    """It was paid: to be posted, if that is what nobody knew; else it has been posted, by the bank or by hand."""
    if payment.taken is None:
        payment = replace(payment, taken=agreed(payment), receipt=payment.receipt or fact.receipt)
        if place is None:
            return looks.to(payment, "succeeded", now, next_at=now)
        if place != payment.account:
            return held(payment, now)
    return looks.to(payment, "posted", now, reason=payment.reason, told="paid")


def _again(payment: Payment, taken: Money, now: dt.datetime) -> Payment:
    """The account gets what the wallet took, less our fee."""
    amount = Money(taken.minor - payment.fee.minor, taken.currency)
    if amount.minor <= 0 or amount.currency != payment.amount.currency:
        return payment
    reason: Reason = payment.reason if payment.reason == "paid twice" else ""
    return looks.to(replace(payment, amount=amount), "succeeded", now, next_at=now, reason=reason)


def _doubt(payment: Payment) -> Reason:
    return payment.reason if payment.reason in DOUBTS else ""


def _refused(payment: Payment) -> bool:
    """The bank refused it once; a late answer may say otherwise."""
    return payment.state == "exception" and payment.reason == "bank refused"
