"""Reading the values of a condition by the type of the name they are compared with, and making answers comparable."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from flows.money import exponent
from flows.values import Absent, Kind, Money, Value

WORDY = {Kind.TEXT, Kind.CHOICE, Kind.NAME, Kind.PHONE}
ORDERED = {Kind.NUMBER, Kind.RATING, Kind.MONEY, Kind.DATE}
MANY = {Kind.LIST, Kind.CHOICES}
ALIKE_NEVER = {Kind.PLACE, Kind.MEDIA}  # there or not there: nothing else can be asked of them
_NUMBER = re.compile(r"-?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?")

Known = Mapping[str, Value]
Get = Callable[[Known], Value]


def family(kind: Kind) -> str:
    """Kinds of one family can be compared with one another."""
    if kind in WORDY:
        return "text"
    return "number" if kind is Kind.RATING else kind.value


def literal(kind: Kind, text: str, currency: str) -> Value:
    """The written value as what ``comparable`` makes of an answer of this kind; None if it is no such value."""
    if kind in WORDY or kind in MANY:
        return text.casefold()
    if kind is Kind.YES_NO:
        return {"yes": True, "no": False}.get(text)
    if kind is Kind.DATE:
        return _date(text)
    return _number(text, kind, currency)


def _date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _number(text: str, kind: Kind, currency: str) -> Value:
    if not _NUMBER.fullmatch(text) or len(text) > 20:
        return None
    number = Decimal(text.replace(",", ""))
    return (number.scaleb(exponent(currency)), currency) if kind is Kind.MONEY else number


def getter(name: str) -> Get:
    """Looks a dotted name up in what is known; None where any part of it is not there."""
    first, *rest = name.split(".")

    def get(known: Known) -> Value:
        value = known.get(first)
        for part in rest:
            value = value.get(part) if isinstance(value, dict) else getattr(value, part, None)
        return value

    return get


def comparable(kind: Kind) -> Callable[[Value], Any]:
    """Makes an answer comparable with others of its family; None for one that is not there or of another type."""
    return _COMPARABLE[family(kind)]


def is_empty(value: Value) -> bool:
    """Not there, refused, skipped, timed out, or nothing in it. Zero and ``no`` are answers."""
    return value is None or isinstance(value, Absent) or (isinstance(value, str | list | tuple | dict) and not value)


def _as_text(value: Value) -> str | None:
    return value.strip().casefold() if isinstance(value, str) else None


def _as_number(value: Value) -> Value:
    if isinstance(value, Decimal):
        return value if value.is_finite() else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _as_date(value: Value) -> dt.date | None:
    return value if isinstance(value, dt.date) and not isinstance(value, dt.datetime) else None


_COMPARABLE: dict[str, Callable[[Value], Any]] = {
    "text": _as_text,
    "number": _as_number,
    "money": lambda v: (v.minor, v.currency) if isinstance(v, Money) else None,
    "date": _as_date,
    "yes_no": lambda v: v if isinstance(v, bool) else None,
    "list": lambda v: [_as_text(x) for x in v] if isinstance(v, list | tuple) else None,
    "choices": lambda v: [_as_text(x) for x in v] if isinstance(v, list | tuple) else None,
}
