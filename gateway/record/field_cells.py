"""Cells read as fields of the data dictionary, in the form that observations are kept in."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flows.answers import clean
from flows.money import minor_units
from flows.observed import as_kept
from flows.phones import BadPhone, e164
from flows.places import BadPlace, read_place
from flows.values import Kind, Money
from gateway.record.sheets import Cell

if TYPE_CHECKING:  # the loader is no part of reading a cell
    from flows.loading.fields import Field

ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00)?)?")
NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,6})?")
YES = {"yes": True, "y": True, "true": True, "1": True, "no": False, "n": False, "false": False, "0": False}


def read_field(field: Field, cell: Cell, currency: str, country: str) -> tuple[str, Any, str]:
    """Kind, value and unit of an observation: amounts in minor units with the currency as unit, days as ISO dates.

    Raises ValueError with the reason in plain words.
    """
    if field.kind is Kind.PHONE:
        return _phone(str(cell), country)
    if field.kind is Kind.MONEY:
        amount = Money(amount_in(str(cell), currency), currency)
        _check_bounds(field, amount)
        return "money", amount.minor, currency
    value = _READERS.get(field.kind, _text)(field, cell)
    _check_bounds(field, value)
    return field.kind.value, value.isoformat() if isinstance(value, dt.date) else value, field.unit


def day(cell: Cell) -> dt.date:
    """A day of a spreadsheet, or year-month-day. Raises ValueError: 03/04/1985 would be two days."""
    if isinstance(cell, dt.date):
        return cell
    match = ISO.fullmatch(cell)
    try:
        if match:
            return dt.date(*map(int, match.groups()))
    except ValueError:
        raise ValueError("there is no such day") from None
    raise ValueError("this is no date that can be read in one way only: write it as 1985-04-23 (year-month-day)")


def amount_in(text: str, currency: str) -> int:
    """Minor units of an amount as spreadsheets write it, ``12,500.50``. Raises ValueError."""
    try:
        return minor_units(text.replace(",", ""), currency)
    except ValueError:
        raise ValueError(f"this is no amount in {currency}: write digits, with a point before cents") from None


def _phone(text: str, country: str) -> tuple[str, Any, str]:
    try:
        return "phone", e164(text, country), ""
    except BadPhone as error:
        raise ValueError(error.reason) from None


def _check_bounds(field: Field, value: Any) -> None:
    if field.min is not None and value < field.min:
        raise ValueError("it is less than the least that this field takes")
    if field.max is not None and value > field.max:
        raise ValueError("it is more than the most that this field takes")


def _text(_field: Field, cell: Cell) -> str:
    return str(cell)


def _number(_field: Field, cell: Cell) -> int | float:
    match = NUMBER.fullmatch(str(cell).replace(",", ""))
    if not match:
        raise ValueError("this is no number: write digits only")
    return float(match.group()) if match.group(1) else int(match.group())


def _rating(field: Field, cell: Cell) -> int:
    number = _number(field, cell)
    if not isinstance(number, int):
        raise ValueError("a rating is a whole number")
    return number


def _yes_no(_field: Field, cell: Cell) -> bool:
    try:
        return YES[str(cell).casefold()]
    except KeyError:
        raise ValueError("write yes or no") from None


def _choice(field: Field, cell: Cell) -> str:
    name = str(cell).strip().casefold().replace(" ", "_")
    if field.options and name not in field.options:
        raise ValueError(f"write one of {', '.join(field.options)}")
    return name


def _choices(field: Field, cell: Cell) -> list[str]:
    return [_choice(field, part) for part in re.split(r"[;,]", str(cell)) if part.strip()]


def _place(_field: Field, cell: Cell) -> dict[str, Any]:
    try:
        return as_kept(read_place(clean(str(cell))))
    except BadPlace:
        raise ValueError("write a place in words, or as degrees with points: -1.2921, 36.8219") from None


def _media(_field: Field, _cell: Cell) -> str:
    raise ValueError("a photo, a voice note or a file cannot stand in a table: clients send them")


_READERS: dict[Kind, Callable[[Field, Cell], Any]] = {
    Kind.NUMBER: _number,
    Kind.RATING: _rating,
    Kind.DATE: lambda _, cell: day(cell),
    Kind.YES_NO: _yes_no,
    Kind.CHOICE: _choice,
    Kind.CHOICES: _choices,
    Kind.PLACE: _place,
    Kind.MEDIA: _media,
}
