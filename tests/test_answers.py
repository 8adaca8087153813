"""Plays tests/answers.yaml: what is typed, as the type that was asked for."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from flows.answers import MAX_TEXT, MAX_TYPED, Miss, Reader, clean, pick, read
from flows.model import Answer, Text
from flows.money import exponent
from flows.observed import as_kept, from_kept
from flows.phones import e164
from flows.places import MAX_PLACE
from flows.values import Absent, Kind, Money, Phone, Place, Secret

TABLE = yaml.safe_load(Path(__file__).with_name("answers.yaml").read_text())
SYSTEM = yaml.safe_load((Path(__file__).parents[1] / "templates/messages/en/system.yaml").read_text())
KINDS = [kind for kind in Kind if kind not in (Kind.RECORD, Kind.LIST)]


def rows(part: str) -> list[Any]:
    return [
        pytest.param(table, typed, wanted, id=f"{table['type']} {typed!a}")
        for table in TABLE
        for typed, wanted in table.get(part, {}).items()
    ]


def money(written: str) -> Money:
    minor, currency = written.split()
    return Money(int(minor), currency)


def answer(table: dict[str, Any]) -> Answer:
    kind = Kind(table["type"])
    bounds = {
        side: money(table[side]) if kind is Kind.MONEY else table[side] for side in ("min", "max") if side in table
    }
    options = tuple((name, Text(name, name, 0)) for name in table.get("options", ()))
    digits = tuple(table.get("digits", (4, 6)))
    return Answer(
        kind=kind,
        required=table.get("required", True),
        options=options,
        digits=digits,
        letters=table.get("letters", False),
        **bounds,
    )


def reader(currency: str = "KES") -> Reader:
    return Reader(currency, exponent(currency), dt.date(2026, 6, 15), lambda typed: e164(typed, "KE"))


def heard(table: dict[str, Any], typed: str) -> Any:
    return read(answer(table), clean(typed), reader(table.get("currency", "KES")))


def plain(value: Any) -> Any:
    """A value as the table writes it."""
    match value:
        case Money():
            return f"{value.minor} {value.currency}"
        case Secret():
            return int(value.reveal()) if value.reveal().isdecimal() else value.reveal()
        case Decimal():
            return f"{value.normalize():f}"
        case Absent():
            return f"({value.value})"
        case Place():
            return value.words or f"{value.latitude} {value.longitude}"
    return value


@pytest.mark.parametrize(("table", "typed", "wanted"), rows("reads"))
def test_is_read_as(table: dict[str, Any], typed: str, wanted: Any) -> None:
    assert plain(heard(table, typed)) == wanted


@pytest.mark.parametrize(("table", "typed", "wanted"), rows("misses"))
def test_is_no_answer(table: dict[str, Any], typed: str, wanted: str) -> None:
    found = heard(table, typed)
    assert isinstance(found, Miss) and found.help == wanted
    assert set(found.values) >= {name for name in ("min", "max") if f"{{{name}}}" in SYSTEM[wanted]}


@pytest.mark.parametrize("kind", KINDS)
@given(typed=st.text(max_size=60) | st.text("0123456789.,'-+eE/ ٣NaN", max_size=20))
def test_whatever_is_typed_is_an_answer_or_a_miss(kind: Kind, typed: str) -> None:
    """Never an exception; an amount is never negative, a number always finite, a name never a PIN."""
    bounds = {"min": 0, "max": 10} if kind is Kind.RATING else {}
    value = read(Answer(kind=kind, **bounds), clean(typed), reader())
    match value:
        case Miss():
            assert value.help.startswith("help_")
        case Money():
            assert kind is Kind.MONEY and 0 <= value.minor < 10**14
        case int() | Decimal():
            assert kind in (Kind.NUMBER, Kind.RATING) and 0 <= value < 10**12
        case Secret():
            assert kind is Kind.SECRET and value.reveal().isascii() and 4 <= len(value.reveal()) <= 6
        case Phone():
            assert kind is Kind.PHONE and value.startswith("+")
        case dt.date():
            assert kind is Kind.DATE
        case Place():
            assert kind is Kind.PLACE and len(value.words) <= MAX_PLACE and from_kept(as_kept(value)) == value
            assert value.words or (abs(value.latitude) <= 90 and abs(value.longitude) <= 180)
        case str():
            assert kind in (Kind.TEXT, Kind.NAME) and 0 < len(value) <= MAX_TEXT
            assert kind is Kind.TEXT or sum(c.isdecimal() for c in value) < 4
        case _:
            raise AssertionError(f"{kind} was read as a {type(value).__name__}")


@given(typed=st.text(max_size=80))
def test_what_was_meant_stays_the_same_when_cleaned_again(typed: str) -> None:
    once = clean(typed)
    assert clean(once) == once
    assert once == once.strip() and not any(c in once for c in "\0\x1b\u200f\u202e\n\t")


@pytest.mark.parametrize("typed", ["2", " 2", "2.", "2)", "2 .", "٢", "２", "\u202e2", "2-", "2.)"])
def test_keys_as_people_press_them(typed: str) -> None:
    assert pick(clean(typed), {"1": "", "2": "", "22": ""}) == "2"


@pytest.mark.parametrize("typed", ["", "3", "02", "2 2", "-2", ".2", "2a", "two", "222"])
def test_no_key(typed: str) -> None:
    assert pick(clean(typed), {"1": "", "2": "", "22": ""}) is None


def test_of_what_nobody_types_on_a_phone_only_the_beginning_is_looked_at() -> None:
    assert clean("7" * 10_000) == "7" * MAX_TYPED
    assert clean(" " * 10_000 + "1") == ""
