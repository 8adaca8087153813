"""A payment, and everything that can be learned of it. Providers and the bank speak in these facts and no others.

A fact says what is known, not what somebody hopes: only a reply that proves that nothing exists is ``NotTaken``, only
a final answer is ``NotPaid``, and whatever is not understood is ``NoAnswer`` or ``StillOpen``.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from msgspec import Struct

from flows.values import Money

State = Literal[
    "created",  # written down; the wallet has not been asked
    "sent",  # the wallet is being asked, or was: from here on money may move
    "unknown",  # asked, and nobody can say yet what became of it
    "failed",  # the provider says for good that nothing was taken; evidence of money still beats it
    "succeeded",  # the money was taken
    "posting",  # the bank is being asked to post it
    "pending approval",  # the bank has it, and one of its people must approve
    "posted",  # it is on the account
    "exception",  # a person must look at it; the reason says why
]
CLOSED: tuple[State, ...] = ("failed", "posted")  # a new payment for the same account may begin
Told = Literal["", "paid", "not paid", "unknown"]  # what the payer was texted last
Reason = Literal[
    "",
    "declined",  # the payer said no, or did not answer the wallet's question
    "too little money",
    "wallet limit",
    "no such wallet",
    "busy",  # the phone was in a call or a session for too long
    "refused",  # for another reason
    "amount differs",  # the wallet took another amount than was agreed
    "paid twice",  # a second receipt for one payment
    "bank refused",
    "in suspense",  # its money came in apart from it, and lies in suspense or was moved from there by a person
    "no word",  # the provider could not say for two days
]


class Payment(Struct, frozen=True, kw_only=True):
    """One instruction. ``id`` is the reference that the provider and the bank are given, and it moves money once."""

    id: str
    client: str  # who pays
    account: str  # what it is for
    amount: Money  # what the account gets
    fee: Money  # what the payer pays on top of it, to us; the wallet's own charge is not in it
    provider: str  # the name of [payments.<name>]
    wallet: str  # the number that is asked to pay, E.164
    state: State = "created"
    created_at: dt.datetime
    moved_at: dt.datetime  # when it came into this state
    next_at: dt.datetime | None = None  # when the worker looks at it again; None: it waits for nobody
    tries: int = 0  # looks in this state
    asked_at: dt.datetime | None = None  # when the wallet was first asked; None while nothing can have come of it
    unseen_since: dt.datetime | None = None  # since when it says that it does not know the request
    provider_ref: str = ""  # the provider's name for the request
    receipt: str = ""  # the provider's, as the payer's own SMS has it
    taken: Money | None = None  # what the wallet took
    bank_ref: str = ""
    told: Told = ""
    reason: Reason = ""


# -- from the provider ----------------------------------------------------------------------------------------------


class Acknowledged(Struct, frozen=True):
    """The provider has our request; nothing is decided."""

    provider_ref: str = ""


class NotTaken(Struct, frozen=True):
    """The provider refused the request for good: there is no payment, and there will be none."""

    reason: Reason


class Busy(Struct, frozen=True):
    """The provider refused the request for now: there is no payment, and the same request may be made again."""


class NoAnswer(Struct, frozen=True):
    """Asked to do it, the provider did not answer, or not in a way that can be relied upon."""


class Paid(Struct, frozen=True):
    """The money was taken."""

    receipt: str
    amount: Money
    at: dt.datetime | None = None  # by the provider's clock


class NotPaid(Struct, frozen=True):
    """Nothing was taken, and nothing will be."""

    reason: Reason


class StillOpen(Struct, frozen=True):
    """The provider knows the payment and has not decided it."""


class NotThere(Struct, frozen=True):
    """The provider does not know our reference: it never arrived, or cannot be seen yet."""


# -- from the bank --------------------------------------------------------------------------------------------------


class Posted(Struct, frozen=True):
    bank_ref: str


class AwaitsApproval(Struct, frozen=True):
    bank_ref: str


class PostRefused(Struct, frozen=True):
    """The bank will not post it today or tomorrow; ``why`` is for a person."""

    why: str


class PostUnanswered(Struct, frozen=True):
    """The bank is down, or did not answer: to be asked again under the same reference."""


# -- from ourselves -------------------------------------------------------------------------------------------------


class SessionOver(Struct, frozen=True):
    """The client's session has closed: the wallet may be asked."""


class SessionOpen(Struct, frozen=True):
    """The client's session is still open: the wallet's own prompt could not appear."""


class Decided(Struct, frozen=True):
    """A person settled an exception. ``who`` and ``why`` go to its history."""

    way: Literal["paid", "not paid", "post again"]
    who: str
    why: str
    receipt: str = ""


Evidence = Paid | NotPaid | StillOpen | NotThere
Fact = (
    Acknowledged
    | NotTaken
    | Busy
    | NoAnswer
    | Evidence
    | Posted
    | AwaitsApproval
    | PostRefused
    | PostUnanswered
    | SessionOver
    | SessionOpen
    | Decided
)
Names = dict[str, Any]
