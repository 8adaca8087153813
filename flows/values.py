"""The typed values a conversation can hold. A value carries its type with it, so it prints and compares by it.

Plain Python types stand for themselves: ``str`` (text, choice), ``int`` (number, rating), ``Decimal``, ``bool``,
``datetime.date``, ``datetime.datetime``, ``dict`` (a record with named fields), ``list``, ``None`` (not known).
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from enum import Enum
from typing import Any, NamedTuple

Value = Any  # str | int | Decimal | bool | date | Money | Place | Media | Phone | Name | Secret | Absent | dict | list


class Kind(Enum):
    """The types that the flow language knows, by the word an author writes."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    PHONE = "phone"
    NAME = "name"
    CHOICE = "choice"
    CHOICES = "choices"
    YES_NO = "yes_no"
    RATING = "rating"
    PLACE = "place"
    MEDIA = "media"
    SECRET = "secret"  # noqa: S105
    RECORD = "record"
    LIST = "list"


class Money(NamedTuple):
    """An amount in integer minor units (cents) of an ISO 4217 currency."""

    minor: int
    currency: str


class Place(NamedTuple):
    """Where something is: in words, as a point (WGS 84, decimal degrees, exactly as they came), or both."""

    words: str = ""
    latitude: Decimal | None = None
    longitude: Decimal | None = None


class Media(NamedTuple):
    """A photo, voice note or file that a client sent. It is stored elsewhere; this is only the reference to it."""

    id: str  # our own, letters and figures, at most 64
    kind: str  # one of MEDIA
    mime: str  # as image/jpeg
    size: int  # bytes


MEDIA = ("photo", "voice", "file")  # what can be sent and is not typed


class Phone(str):
    """A telephone number (MSISDN) in E.164, ``+254700000001``."""

    __slots__ = ()


class Name(str):
    """A person's or group's name; printed with letters that a phone can show."""

    __slots__ = ()


class Word(str):
    """What the record calls by a word of its own, by the key of the engine's words for it: ``case_top_up``."""

    __slots__ = ()


class Absent(Enum):
    """Why there is no answer. The four differ in analysis and are never mixed with a text."""

    SKIPPED = "skipped"
    REFUSED = "refused"
    TIMED_OUT = "timed out"
    NOT_REACHED = "not reached"


class Secret:
    """A PIN, one-time code or identity answer: can be checked once, in the turn it was typed, and nothing else.

    It has no text form, cannot be serialised, copied or compared; ``reveal`` is for the one function that checks it.
    """

    __slots__ = ("_typed",)

    def __init__(self, typed: str) -> None:
        self._typed = typed

    def reveal(self) -> str:
        """The digits, for hashing only."""
        return self._typed

    def __repr__(self) -> str:
        return "(secret)"

    __str__ = __repr__

    def __reduce__(self) -> Any:
        raise TypeError("a secret is never serialised")

    def __eq__(self, other: object) -> bool:
        raise TypeError("a secret is never compared")

    __hash__ = None  # type: ignore[assignment]


Date = dt.date
Number = int | Decimal
