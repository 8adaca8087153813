"""When a payment is looked at again, and the few ways in which one changes its state."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from msgspec.structs import replace

from flows.paying.facts import Payment, Reason, State, Told

TAKEOVER = dt.timedelta(seconds=8)  # after which somebody else looks, if the process that was at it has died
OPEN = dt.timedelta(seconds=0.5)  # until the session is looked at again
BUSY = dt.timedelta(seconds=5)  # until a busy phone is asked again
TOO_LONG = dt.timedelta(minutes=10)  # of a busy phone
UNSEEN = dt.timedelta(seconds=10)  # for which the provider must not know a request before it is sent again
SAY_SO = dt.timedelta(seconds=60)  # after which the payer is told that nobody knows yet
GIVE_UP = dt.timedelta(hours=48)  # after which a person looks too
DAY = dt.timedelta(days=1)
FEW = dt.timedelta(minutes=5)  # between two looks at what somebody at the bank must approve
TEN = dt.timedelta(minutes=10)  # between two tries at a bank that has been down for longer
FIRST = tuple(dt.timedelta(seconds=each) for each in (5, 10, 20, 40, 60, 120, 300, 600))
HALF, HOUR = dt.timedelta(minutes=30), dt.timedelta(hours=1)

WAITING: tuple[State, ...] = ("sent", "unknown")  # the wallet was asked, and nothing is known
TAKEN: tuple[State, ...] = ("succeeded", "posting", "pending approval")  # on its way to the account


def to(payment: Payment, state: State, now: dt.datetime, **changes: object) -> Payment:
    """In another state: nothing is due unless ``next_at`` is among the changes."""
    moved = {"moved_at": now, "tries": 0} if state != payment.state else {}
    return replace(payment, **{"next_at": None, "reason": "", **moved, **changes}, state=state)


def rest(payment: Payment) -> Payment:
    """Nothing new was heard. What only looked because something had been claimed looks no more."""
    return replace(payment, next_at=None) if resting(payment) else payment


def resting(payment: Payment) -> bool:
    """It waits for nobody, or only for a person."""
    return payment.state in ("failed", "posted") or (payment.state == "exception" and payment.reason != "no word")


def next_look(since: dt.datetime, now: dt.datetime) -> dt.datetime:
    """The next time after ``now`` to ask a wallet that was first asked at ``since``."""
    return _first_after(since, now, (*FIRST, HALF), HOUR)


def next_try(since: dt.datetime, now: dt.datetime) -> dt.datetime:
    """The next time after ``now`` to ask a bank that has not answered since ``since``."""
    return _first_after(since, now, FIRST, TEN)


def _first_after(
    since: dt.datetime, now: dt.datetime, looks: Iterable[dt.timedelta], every: dt.timedelta
) -> dt.datetime:
    planned = next((since + look for look in looks if since + look > now), None)
    return planned or since + every * ((now - since) // every + 1)


def inconclusive(payment: Payment, now: dt.datetime, state: State) -> Payment:
    """Nobody can say what became of it: asked again, told of once, and after two days a person looks as well."""
    asked = payment.asked_at or payment.created_at
    if payment.state in WAITING:
        if now - asked >= GIVE_UP:
            return given_up(payment, now)
        return to(payment, state, now, next_at=next_look(asked, now), told=told(payment, now))
    if payment.state == "exception" and payment.reason == "no word":
        return replace(payment, next_at=now + DAY)
    if resting(payment) and payment.next_at is not None and now - asked < GIVE_UP:
        return replace(payment, next_at=next_look(asked, now))  # money was claimed: until the provider says what is so
    return rest(payment)


def given_up(payment: Payment, now: dt.datetime) -> Payment:
    """A person looks at it too, and the wallet is still asked now and then."""
    return to(payment, "exception", now, reason="no word", next_at=now + DAY, told=told(payment, now))


def told(payment: Payment, now: dt.datetime) -> Told:
    """What the payer has been told once it is known that nothing is known at this moment."""
    late = payment.asked_at is not None and now - payment.asked_at >= SAY_SO
    return unsure(payment) if late else payment.told


def unsure(payment: Payment) -> Told:
    """What the payer has been told once it is known that this is with a person, or takes its time. Who was told *not
    paid*, before word of money came, is told again."""
    return payment.told if payment.told == "paid" else "unknown"


def failed(payment: Payment, reason: Reason, now: dt.datetime) -> Payment:
    """Nothing was taken, and nothing will be."""
    return to(payment, "failed", now, reason=reason, told="not paid")
