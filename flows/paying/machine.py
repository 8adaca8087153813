"""What moves a payment from one state to the next: every fact in every state. Nothing here does I/O.

``after`` is the whole of it. It never guesses: time alone fails nothing, a payment fails only by a final word of the
provider (or because the phone was too busy to be asked), and word of money beats everything said before.
docs/money-in-two-steps.md has the table of states, which a test compares with this file.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal

from flows.paying import facts as f
from flows.paying import looks, money_in, sending, settling
from flows.paying.facts import Fact, Payment, Told

Move = Literal["send", "ask", "post"]
_MOVES: dict[f.State, Move] = {
    "created": "send",
    "sent": "ask",
    "unknown": "ask",
    "succeeded": "post",
    "posting": "post",
    "pending approval": "post",
    "failed": "ask",  # these three rest, until something is heard that wakes them
    "posted": "ask",
    "exception": "ask",
}


def after(
    payment: Payment,
    fact: Fact,
    now: dt.datetime,
    *,
    resends: bool = False,
    of: Payment | None = None,
    place: str | None = None,
) -> Payment:
    """The payment once ``fact`` is known; the same object when that changes nothing.

    ``resends``: to this provider the same reference sent again is the same payment. Without it a request that the
    provider does not know is never sent a second time. ``of``: the payment as it was sent, with the answer to that
    request; a ``Busy`` of which that is not known may be of an earlier one, and proves nothing.
    ``place``: the book (``suspense``) or the account where the money of its receipt came to be without it: one receipt
    moves money once.
    """
    match fact:
        case f.SessionOver() | f.SessionOpen():
            made = sending.session(payment, fact, now)
        case f.Acknowledged() | f.StillOpen():
            made = sending.has_it(payment, fact, now)
        case f.NoAnswer():
            made = looks.inconclusive(payment, now, "unknown")
        case f.NotThere():
            made = sending.not_there(payment, now, resends)
        case f.Busy():
            made = sending.busy(payment, of, now)
        case f.NotTaken() | f.NotPaid():
            made = sending.nothing(payment, fact, now)
        case f.Paid():
            made = money_in.paid(payment, fact, now, place)
        case f.Posted() | f.AwaitsApproval() | f.PostRefused() | f.PostUnanswered():
            made = settling.banked(payment, fact, now)
        case f.Decided():
            made = settling.decided(payment, fact, now, place)
    return payment if made == payment else made


def move(payment: Payment) -> Move | None:
    """What is to be done when ``next_at`` has come; None when nothing is."""
    return None if payment.next_at is None else _MOVES[payment.state]


def texts(before: Payment, later: Payment) -> tuple[Told, ...]:
    """What the payer is texted about this transition."""
    return (later.told,) if later.told and later.told != before.told else ()
