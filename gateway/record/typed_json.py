"""Typed values of a conversation as JSON, and back: an amount comes back as an amount, a name as a name."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from flows.observed import as_kept, from_kept
from flows.values import Media, Money, Name, Phone, Place, Value

MARK = "~"  # begins the only key of an object that stands for one value; no name in a flow can begin so
_PLAIN = (str, int, bool, type(None))
_WRITERS: dict[type, tuple[str, Callable[[Any], Any]]] = {
    Money: ("money", list),
    Name: ("name", str),
    Phone: ("phone", str),
    dt.date: ("date", dt.date.isoformat),
    dt.datetime: ("time", dt.datetime.isoformat),
    Decimal: ("number", str),
    Place: ("place", as_kept),
    Media: ("media", as_kept),
}
_READERS: dict[str, Callable[[Any], Value]] = {
    "~money": lambda said: Money(*said),
    "~name": Name,
    "~phone": Phone,
    "~date": dt.date.fromisoformat,
    "~time": dt.datetime.fromisoformat,
    "~number": Decimal,
    "~place": from_kept,
    "~media": from_kept,
}


def plain(value: Value) -> Any:
    """As JSON has it. Raises TypeError for what is never kept, as a secret is."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is dict:
        return {name: plain(each) for name, each in value.items()}
    if kind is list:
        return [plain(each) for each in value]
    if kind not in _WRITERS:
        raise TypeError(f"a record cannot hold a {kind.__name__}")
    mark, writer = _WRITERS[kind]
    return {MARK + mark: writer(value)}


def typed(value: Any) -> Value:
    """What ``plain`` was given."""
    if isinstance(value, list):
        return [typed(each) for each in value]
    if not isinstance(value, dict):
        return value
    for mark, said in value.items():
        if mark in _READERS:
            return _READERS[mark](said)
    return {name: typed(each) for name, each in value.items()}
