"""The contract between a channel and the gateway. An adapter knows its provider's bytes and no conversation.

An adapter is one file, ``adapters/<kind>/<vendor>.py``, found by its path (``adapter = "ussd/africastalking"``), with

* ``Channel(settings: ChannelSettings)``: an ``Inline`` (the answer goes back in the response) or a ``Push`` channel;
* ``Handset(service_code, phone)`` where a person can be played through it: the provider's side of the wire, for the
  simulator and the tests;
* a data file of the same name, ``<vendor>.yaml``: the channel profile (bytes per screen, time-outs, who pays).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from msgspec import Struct

# What is made at every request is a Struct: one costs a fifth of what a frozen dataclass does.


class Request(Struct, frozen=True):
    """An HTTP request as it came. ``query`` and ``body`` may hold a PIN: never logged."""

    method: str
    path: str
    headers: Mapping[str, str]
    query: str = ""
    body: bytes = b""
    remote: str = ""

    def __repr__(self) -> str:
        return f"Request({self.method} {self.path})"


class Response(Struct, frozen=True):
    status: int
    body: bytes = b""
    content_type: str = "text/plain"
    headers: Mapping[str, str] = {}


class Rejected(Exception):
    """This request cannot be what the provider sends. ``reason`` is for the log and the answer: no personal data."""

    def __init__(self, reason: str, status: int = 400) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


class BadSettings(ValueError):
    """This ``[channels.<name>]`` cannot work. The message says which key, why, and what to write instead."""


class Hop(Struct, frozen=True):
    """One request of a session, on a channel whose identity is a *position*: session and cumulative text.

    ``text`` is everything typed so far, as the provider joins it with ``separator``; it may hold a PIN.
    """

    address: str  # E.164
    service: str  # the service code dialled
    session: str  # the provider's session id
    text: str
    separator: str = "*"
    network: str = ""

    def __repr__(self) -> str:
        return f"Hop({self.service}, session {self.session})"


@dataclass(frozen=True, slots=True)
class Message:
    """One message on a channel whose identity is a provider *id* (SMS, WhatsApp)."""

    id: str
    address: str
    service: str
    text: str = field(repr=False)
    network: str = ""


@dataclass(frozen=True, slots=True)
class Closed:
    """The provider's notice that a session is over."""

    address: str
    service: str
    session: str
    status: Literal["completed", "left", "failed"]
    cost: str = ""
    millis: int = 0


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a message that we sent."""

    ref: str  # ours, or the provider's own
    state: Literal["sent", "delivered", "failed"]
    reason: str = ""
    opted_out: bool = False  # it failed since this person has told the provider to stop


class Reply(Struct, frozen=True):
    """What goes back to the person: the screen as it is to be shown, and whether the session stays open."""

    text: str
    more: bool


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message to be sent. ``ref`` is ours; where a provider takes a reference, it is this one."""

    ref: str
    to: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sent:
    provider_ref: str
    cost: str = ""


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """One ``[channels.<name>]`` of njia.toml. ``options`` are the keys that only this adapter knows."""

    name: str
    adapter: str
    country: str  # ISO 3166, for numbers written without a country code
    service_codes: tuple[str, ...] = ()
    allow: tuple[str, ...] = ()  # source addresses or networks that may call; empty: any
    options: Mapping[str, Any] = field(default_factory=dict)


class Inline(Protocol):
    """The answer goes back in the response: USSD, voice."""

    kind: str
    signed: bool  # whether the provider signs: if not, the path carries a token

    def receive(self, request: Request) -> Hop:
        """The hop in this request. Raises Rejected."""

    def closed(self, request: Request) -> Closed:
        """The end-of-session notice in this request. Raises Rejected."""

    def answer(self, reply: Reply) -> Response: ...

    def refuse(self, rejected: Rejected) -> Response:
        """The answer to a request that was rejected, in the form that the provider shows or logs best."""


class Push(Protocol):
    """The provider is acknowledged at once; replies go out on their own: SMS, WhatsApp."""

    kind: str
    signed: bool
    reported: bool  # whether the provider posts delivery reports to an address of their own
    url: str  # where messages are handed over; "" where that is nowhere

    def receive(self, request: Request) -> list[Message | Receipt]:
        """The messages in this request, and the reports where both come to one address. Raises Rejected."""

    def reports(self, request: Request) -> list[Receipt]:
        """The delivery reports in a request to ``/channels/<name>/<token>/status``. Raises Rejected (404 from a
        provider that does not post them apart)."""

    def acknowledge(self) -> Response: ...

    async def send(self, outgoing: Outgoing) -> Sent:
        """Hands the message to the provider. Raises a SendError (adapters/errors.py)."""

    async def close(self) -> None:
        """Closes the connections that ``send`` opened."""


class Handset(Protocol):
    """The provider's side of the wire for one phone: what it would send, and how it reads our answer."""

    def dial(self, code: str) -> Request:
        """A new session; ``code`` may be a deep dial (``*384*7*1#``). Raises ValueError for a code not served here."""

    def type(self, text: str) -> Request: ...

    def hang_up(self) -> Request:
        """The notice that the provider posts when the session is over (path suffix ``/events``)."""

    def read(self, response: Response) -> Reply:
        """What the phone shows. Raises Rejected when the provider would show an error."""

    def save(self) -> dict[str, str]:
        """What must be kept to go on with this call elsewhere: a page keeps it in its own form."""

    def load(self, saved: Mapping[str, str]) -> None:
        """Goes on with a call from what ``save`` gave."""
