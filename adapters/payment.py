"""The contract between a payment provider and the house: request, callback, ask by our own reference, statement.

Modelled on GSMA Mobile Money API 1.2 (``POST /transactions``, ``GET /responses/{clientCorrelationId}``). A provider is
one file, ``adapters/payments/<provider>.py``, with a function ``open_provider(given: Given)`` that returns a
``Provider``. It is called once in each process.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from msgspec import Struct

from adapters.channel import Request, Response
from flows.paying.facts import Acknowledged, Busy, Evidence, NoAnswer, NotTaken
from flows.values import Money


class Asking(Struct, frozen=True):
    """What the wallet is asked for. ``ref`` is ours: the same one again is the same payment."""

    ref: str
    wallet: str  # E.164
    amount: Money  # what leaves the wallet: the amount and our fee
    account: str  # what the payer's receipt may show; never a name
    payee: str  # whom the wallet's prompt names


class Line(Struct, frozen=True):
    """One payment in the provider's own books: the truth about money."""

    ref: str  # ours, "" where the provider does not keep it
    receipt: str
    amount: Money
    wallet: str
    at: dt.datetime


class Unanswered(Exception):
    """The provider did not answer, or not in a way that can be relied upon; it was only asked a question."""


class Provider(Protocol):
    """One wallet. Every method may take long: whoever calls it sets the time."""

    asks: bool  # it can be asked by our reference
    resends: bool  # the same reference sent again is the same payment
    signed: bool  # its callbacks prove who they are from; else they are hints, and ``ask`` says what is true

    async def request(self, asking: Asking) -> Acknowledged | NotTaken | Busy | NoAnswer: ...

    async def ask(self, ref: str) -> Evidence:
        """What became of the payment with our reference. Raises Unanswered; always, where ``asks`` is False."""

    def callback(self, request: Request) -> list[tuple[str, Evidence]]:
        """Our references and what is said of each. Raises Rejected for what the provider cannot have sent."""

    def acknowledge(self) -> Response: ...

    async def statement(self, since: dt.datetime, until: dt.datetime) -> list[Line]:
        """What it took in ``[since, until)``. Raises Unanswered."""

    async def close(self) -> None:
        """Gives back what it holds, as connections. Called once, after everything else, by whoever opened it."""


class Notebook(Protocol):
    """A durable place outside the client record, shared by all processes; it outlives each of them.

    A page is called ``section:name``. Every method raises OSError when the notebook cannot be reached.
    """

    async def get(self, page: str) -> bytes | None: ...

    async def put(self, page: str, old: bytes | None, new: bytes) -> bool:
        """Writes ``new`` if the page still holds ``old`` (None: nothing yet); False if it holds something else.

        Nothing written (``b""``) is the end of the page.
        """

    async def pages(self, prefix: str) -> list[tuple[str, bytes]]:
        """The pages whose names begin so, ``prefix`` being a section at least (``section:``), with what they hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the house gives to a provider; it takes what it needs."""

    name: str  # of [payments.<name>]
    options: Mapping[str, Any] = field(repr=False)  # the keys of it that only this provider knows
    currency: str
    now: Callable[[], dt.datetime]  # UTC, by the clock of the house
    callback_url: str = ""  # where it is to post, as far as we know our own address
    notebook: Notebook | None = None  # where a simulated wallet keeps its own books
    in_session: Callable[[str], Awaitable[bool]] | None = None  # whether that phone has an open session (simulation)
