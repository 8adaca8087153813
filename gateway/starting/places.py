"""What is usual in a country: its money and languages (Unicode CLDR), its time (the tz database), its phone numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files

import phonenumbers
from babel import Locale
from babel.core import get_global
from babel.languages import get_official_languages
from babel.numbers import get_territory_currencies
from phonenumbers import PhoneNumberFormat, PhoneNumberType

MOST_LANGUAGES = 3  # of the official ones: an author adds more
_ENGLISH = Locale("en")


class NoSuchPlace(ValueError):
    """There is no country, currency or language of that name."""


@dataclass(frozen=True, slots=True)
class Place:
    """A country. ``timezones``: the first is where most people live who share none of the others."""

    code: str
    name: str
    currency: str
    languages: tuple[str, ...]
    timezones: tuple[str, ...]


def place(country: str) -> Place:
    """By its ISO 3166 code, or its English name. Raises NoSuchPlace."""
    code = _code(country, countries(), "country")
    currencies = _money(code)
    official = [language.partition("_")[0] for language in get_official_languages(code)]
    return Place(
        code,
        _ENGLISH.territories[code],
        currencies[0] if currencies else "",
        tuple(sorted(dict.fromkeys(official), key=_shipped_first)[:MOST_LANGUAGES]) or ("en",),
        tuple(_timezones().get(code, ("UTC",))),
    )


def countries() -> dict[str, str]:
    """Their codes, with their names in English."""
    known = {str(code): str(name) for code, name in _ENGLISH.territories.items()}
    return {code: name for code, name in known.items() if len(code) == 2 and code.isalpha() and _money(code)}


def currency(word: str) -> str:
    """The ISO 4217 code. Raises NoSuchPlace."""
    known = {code: name for code, name in _ENGLISH.currencies.items() if code in get_global("all_currencies")}
    return _code(word, known, "currency")


def language(word: str) -> str:
    """The ISO 639 code of a language; one of two or three letters that nobody else knows is believed."""
    if word.isascii() and word.isalpha() and len(word) in (2, 3):
        return word.lower()
    return _code(word, {code: name for code, name in _ENGLISH.languages.items() if code.isalpha()}, "language")


def language_name(code: str) -> str:
    """In English."""
    return str(_ENGLISH.languages.get(code, code))


def phones(country: str, count: int) -> list[str]:
    """Numbers as mobile numbers of that country look, for invented people."""
    example = phonenumbers.example_number_for_type(country, PhoneNumberType.MOBILE)
    example = example or phonenumbers.example_number(country)
    if example is None:
        return [f"+2547000000{n:02}" for n in range(1, count + 1)]
    whole = phonenumbers.format_number(example, PhoneNumberFormat.E164)
    return [f"{whole[:-2]}{n:02}" for n in range(1, count + 1)]


def _money(country: str) -> list[str]:
    return list(get_territory_currencies(country))


def _shipped_first(code: str) -> int:
    """Those that everything is said in come first: where another lacks words, the first language is used."""
    return {"en": 0, "sw": 1}.get(code, 2)


def _code(word: str, known: dict[str, str], what: str) -> str:
    """The code that this is, or that has this name."""
    if word.upper() in known:
        return word.upper()
    by_name = {name.casefold(): code for code, name in known.items()}
    if word.casefold() in by_name:
        return by_name[word.casefold()]
    near = get_close_matches(word.casefold(), by_name, n=1, cutoff=0.75)
    found = f" Did you mean {by_name[near[0]]} ({known[by_name[near[0]]]})?" if near else ""
    example = {"country": "KE for Kenya", "currency": "KES", "language": "sw for Swahili"}[what]
    raise NoSuchPlace(f'"{word}" is no {what} that we know.{found} Write its code, such as {example}.')


@cache
def _timezones() -> dict[str, list[str]]:
    """The time zones of each country, the most populous first."""
    found: dict[str, list[str]] = {}
    for country, zone in _rows():
        found.setdefault(country, []).append(zone)
    return found


def _rows() -> Iterator[tuple[str, str]]:
    table = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    for line in table.splitlines():
        if line and not line.startswith("#"):
            country, _, zone, *_ = line.split("\t")
            yield country, zone
