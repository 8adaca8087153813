"""What conversations need of the world. Protocols and the plain values that cross them; no implementation.

Contracts live with their consumer: ``gateway/record`` and ``adapters/banks`` implement these, ``gateway/build.py``
joins them. All calls are asynchronous and may raise ``Unavailable``; nothing here knows SQL, HTTP or a vendor.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import msgspec

from flows.claiming import Begun, Invitations
from flows.paying.ports import Agreed, Payable, Payments
from flows.values import Money, Secret

__all__ = ["Agreed", "Begun", "Invitations", "Payable", "Payments"]  # what is told elsewhere, and used through here


class Unavailable(Exception):
    """The record or the bank is down, or did not answer in time; nothing was changed."""


class Uncertain(Unavailable):
    """It was asked to do it and did not answer: it may have been done. To be asked again under the same key."""


# -- the bank -------------------------------------------------------------------------------------------------------


Refusal = Literal[
    "unknown account",
    "unknown product",
    "wrong currency",
    "wrong amount",
    "wrong kind",
    "wrong day",
    "too little saved",
    "unknown posting",
]


class Refused(Exception):
    """The bank will not do this, today or tomorrow; ``reason`` says why. Nothing was moved."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason)
        self.reason: Refusal = reason


class Account(msgspec.Struct, frozen=True):
    """One account as its holder may see it. What a product lacks is None: a savings account has no ``due``."""

    ref: str
    product: str
    nickname: str  # what its holder calls it: "Biashara"
    features: tuple[str, ...]  # what the product is made of: credit, savings, …
    currency: str
    balance: Money  # what is owed on credit, else what is saved and what shares are worth
    due: Money | None = None  # arrears and what falls due today; when nothing is, the next instalment
    due_on: dt.date | None = None  # the day of the next instalment that is not paid in full
    overdue: Money | None = None  # the part of `due` whose day has passed
    payoff: Money | None = None  # what closes it today
    saved: Money | None = None
    last_paid: Money | None = None
    last_paid_on: dt.date | None = None
    closed: bool = False
    shares: int | None = None  # whole ones
    share_price: Money | None = None  # what one costs
    worth: Money | None = None  # what they are worth today
    kept: Money | None = None  # put in, and not enough for a share or more than a meeting takes: it buys the next ones
    shared_out_on: dt.date | None = None
    free: Money | None = None  # of what is saved, where something must stay: all but that


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a statement. ``amount`` is positive when it is in the holder's favour (paid, saved)."""

    on: dt.date
    kind: str  # disbursed, repaid, deposited, withdrawn, reversed, fee, penalty, interest
    amount: Money
    ref: str = ""


@dataclass(frozen=True, slots=True)
class Posting:
    """Money to be posted to an account; the same ``key`` is posted once, whoever asks and however often.

    ``repaid`` is for credit, ``deposited`` for savings and shares, ``withdrawn`` takes out. ``reversed`` takes another
    posting back, as a whole: its key is ``undo:`` and the key of that one, its account and amount are the same.
    """

    key: str
    account: str
    amount: Money
    on: dt.date
    kind: str  # repaid, deposited, withdrawn, reversed
    payer: str = ""
    provider_ref: str = ""
    fee: int = 0  # what came in on top of the amount, in minor units: the institution earns it, the account does not
    suspended: bool = False  # the money is not new: it lies in ``suspense`` under its provider_ref, and leaves it


class Bank(Protocol):
    """A core banking system, our own ledger or somebody else's."""

    async def accounts(self, client: str) -> list[Account]: ...
    async def statement(self, account: str, limit: int) -> list[Entry]:
        """The newest first. Raises Refused."""

    async def post(self, posting: Posting) -> str:
        """Posts once; returns the bank's reference, the first one if the key was posted before. Raises Refused."""


# -- the books: what ``banks/local`` keeps its accounts in -------------------------------------------------------------


class BookedAccount(msgspec.Struct, frozen=True):
    """An account as it is stored: which product, since when, for how much. Everything else follows from the legs."""

    ref: str
    client: str
    product: str
    nickname: str
    currency: str
    opened: dt.date
    terms: dict[str, Any] = {}  # {"words": the product's terms on that day, "amount": minor}


@dataclass(frozen=True, slots=True)
class Leg:
    """One side of a posting: an immutable ledger line. The legs of one ``key`` sum to zero per currency."""

    key: str  # of the posting
    book: str  # "L-0001:principal", "float", "income:interest", …
    minor: int  # debit positive, credit negative, in minor units of `currency`
    currency: str
    on: dt.date
    kind: str
    provider_ref: str = ""


class Moved(Exception):
    """Somebody wrote to this account after it was read: read it again."""


class Books(Protocol):
    """Durable double entry. ``write`` is atomic and refuses legs that do not sum to zero."""

    async def accounts_with_legs(self, client: str) -> list[tuple[BookedAccount, list[Leg]]]:
        """The accounts of a client with their legs, as they stood at one moment: ``accounts_of`` and ``legs_of``."""

    async def account_with_legs(self, ref: str) -> tuple[BookedAccount, list[Leg]] | None:
        """The account of this reference with its legs, as they stood at one moment."""

    async def accounts_of(self, client: str) -> list[BookedAccount]: ...
    async def account(self, ref: str) -> BookedAccount | None: ...
    async def open(self, account: BookedAccount) -> None:
        """Keeps the account; one that is there already stays as it is."""

    async def legs_of(self, account: str) -> list[Leg]:
        """The legs in the books of the account, in the order in which they were written."""

    async def write(self, legs: list[Leg], seen: int | None = None) -> bool:
        """True if written now, False if this key was written before (then nothing changes).

        ``seen`` is how many legs the account had when it was read. Raises Moved when it has another number now, and
        ``Unbalanced`` (a ValueError) for legs that are no posting.
        """


# -- the client record ----------------------------------------------------------------------------------------------


class Caller(msgspec.Struct, frozen=True):
    """Who an action runs for. ``client`` is empty for a number that nobody is known by."""

    address: str
    channel: str
    client: str
    language: str
    conversation: str
    number: str = ""  # the client number
    notice: str = ""  # the version of the notice that was shown on this address
    hidden_from: str = ""  # the staff that the flow which talks is hidden from, with commas

    def __repr__(self) -> str:
        return f"Caller({self.conversation})"  # the address is nobody's to read


class Pins(Protocol):
    """The life of a PIN. Every method is an effect under ``key``: a second call with it gives the first exit."""

    async def check(self, key: str, caller: Caller, pin: Secret) -> str:
        """``right | wrong | locked | no pin``; a miss counts for the client and for the address."""

    async def check_code(self, key: str, caller: Caller, code: Secret) -> str:
        """``right | wrong | locked | no code``: the activation code given face to face."""

    async def propose(self, key: str, caller: Caller, pin: Secret) -> str:
        """``proposed | weak``: keeps a hash of the new PIN until it is typed again."""

    async def confirm(self, key: str, caller: Caller, pin: Secret) -> str:
        """``set | different | expired``; the contacts that were there before are told."""

    async def locked_until(self, caller: Caller) -> dt.datetime | None:
        """The end of the lock that holds this caller now; ``FOREVER`` when only a reset at a branch ends it."""


FOREVER = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)


def minutes_left(until: dt.datetime | None, now: dt.datetime) -> int:
    """Whole minutes, rounded up, until a lock ends; 0 when there is none or when no waiting ends it."""
    if until is None or until >= FOREVER or until <= now:
        return 0
    return -(-(until - now) // dt.timedelta(minutes=1))


@dataclass(frozen=True, slots=True)
class Registered:
    number: str  # the client number
    new: bool  # False: this phone was known already


class Clients(Protocol):
    async def find(self, address: str, typed: str) -> dict[str, Any] | None:
        """The client of this address by nickname or client number, on a shared phone."""

    async def prove_number(self, key: str, caller: Caller, typed: Secret) -> str:
        """``right | wrong | locked``: the client number, asked again after a long silence on this address."""

    async def locked_until(self, caller: Caller) -> dt.datetime | None:
        """The end of the lock that too many wrong client numbers brought."""

    async def answered(self, caller: Caller, flow: str) -> dt.date | None:
        """The day on which the client last answered this flow to its end. Raises Unavailable."""

    async def register(self, key: str, caller: Caller, name: str, about: str) -> Registered:
        """A prospect from an unknown number. ``about`` goes to the case that asks staff to call back."""


class Consents(Protocol):
    async def give(self, key: str, caller: Caller, purpose: str, given: bool, notice: str) -> None: ...
    async def given(self, caller: Caller) -> dict[str, bool]: ...


@dataclass(frozen=True, slots=True)
class Case:
    number: str
    kind: str
    promised: dt.date
    new: bool  # False: an open one of this kind was there already


@dataclass(frozen=True, slots=True)
class Asked:
    """A case as the client who waits for it may see it."""

    number: str
    kind: str
    state: str  # open, promised, closed
    opened: dt.date
    promised: dt.date
    closed: dt.date | None = None


class Cases(Protocol):
    async def of(self, caller: Caller) -> list[Asked]:
        """The client's open cases and those closed lately, the newest first. Raises Unavailable."""

    async def find(self, caller: Caller, number: str) -> Asked | None:
        """The case of this number, if it is the client's, or was opened from this phone by nobody known."""

    async def open(self, key: str, caller: Caller, kind: str, about: str) -> Case: ...


class World(Protocol):
    """Everything an action may reach."""

    bank: Bank
    pins: Pins
    clients: Clients
    consents: Consents
    cases: Cases
    payments: Payments
    invitations: Invitations

    def today(self) -> dt.date:
        """The day at the institution, by its clock."""

    def now(self) -> dt.datetime:
        """This moment in UTC, by the same clock."""
