"""How each type of value is printed for a client, in letters and signs that every phone has.

The usual forms of Unicode CLDR are not: they set no-break spaces, curly signs and local currency symbols, each of which
turns a whole text from GSM-7 to UCS-2 and doubles its price. So: plain spaces and commas, ISO currency codes (or the
institution's own sign), "30 Nov", digits 0-9.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from babel import Locale, UnknownLocaleError
from babel.core import get_global

from flows.money import exponent
from flows.screens.typography import in_latin, phone_safe
from flows.values import Media, Money, Name, Number, Phone, Place, Value, Word

LONGEST_VALUE: Final = 400  # characters; longer ones are cut, with "..."
NEARBY: Final = dt.timedelta(days=183)  # a date this near needs no year
GROUPED_FROM: Final = 10_000  # a plain number below is not grouped: it may be a year


class Unprintable(Exception):
    """A text needs a value that is not there, or that must not be shown. ``name`` says which, never what it holds."""

    def __init__(self, name: str = "") -> None:
        super().__init__(f"{name or 'a value'} is not known or must not be shown")
        self.name = name


@dataclass(frozen=True, slots=True)
class Style:
    """How one language writes numbers and dates on phones."""

    group: str
    point: str
    groups: tuple[int, int]  # digits of the last group and of those before it: (3, 2) in India
    sign_first: bool
    months: tuple[str, ...]
    latin: bool  # whether the language is written in Latin letters

    def whole(self, digits: str) -> str:
        """``digits`` with its groups."""
        last, other = self.groups
        parts = [digits[-last:]]
        digits = digits[:-last]
        while digits:
            parts.append(digits[-other:])
            digits = digits[:-other]
        return self.group.join(reversed(parts))


@lru_cache(256)
def style_of(language: str, country: str = "") -> Style:
    """The style of ``language`` as it is written in ``country``; that of English if CLDR does not know it."""
    locale = _locale(language, country)
    symbols = locale.number_symbols["latn"]
    comma = symbols["group"] == ","
    pattern = locale.currency_formats["standard"]
    months = locale.months["format"]["abbreviated"]
    return Style(
        group="," if comma else " ",  # a point between groups is read as decimals elsewhere
        point="." if comma else symbols["decimal"],
        groups=pattern.grouping,
        sign_first=pattern.pattern.lstrip("\u200e\u200f").startswith("¤"),
        months=tuple(phone_safe(months[number]) for number in range(1, 13)),
        latin=_script(locale) == "Latn",
    )


def _locale(language: str, country: str) -> Locale:
    language = language.replace("-", "_")
    for tag in (f"{language}_{country}", language, "en"):
        try:
            return Locale.parse(tag)
        except (UnknownLocaleError, ValueError):
            continue
    raise AssertionError("CLDR always has English")


def _script(locale: Locale) -> str:
    likely = get_global("likely_subtags").get(locale.language, "_Latn_")
    return locale.script or likely.split("_")[1]


def masked(phone: Phone) -> str:
    """A number that its owner recognises and nobody else can dial: ``+2547*****001``."""
    return phone[:5] + "*" * max(len(phone) - 8, 4) + phone[-3:]


@dataclass(frozen=True, slots=True)
class Printer:
    """Prints values in one language. ``signs``: the institution's own currency signs, as ``{"KES": "KSh"}``."""

    language: str
    country: str = ""
    yes: str = "Yes"
    no: str = "No"
    signs: Mapping[str, str] = field(default_factory=dict)
    entries: Mapping[str, str] = field(default_factory=dict)  # what the lines of a statement are called, by their kind
    words: Mapping[str, str] = field(default_factory=dict)  # what the record's own words are called, by their keys
    style: Style = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "style", style_of(self.language, self.country))

    def show(self, value: Value, today: dt.date | None = None) -> str:
        """``value`` in words. Without ``today`` every date has its year. Raises Unprintable."""
        return _PRINTERS[type(value)](self, value, today)

    def money(self, amount: Money) -> str:
        places = exponent(amount.currency)
        whole, cents = divmod(abs(amount.minor), 10**places)
        number = self.style.whole(str(whole))
        if cents:
            number += f"{self.style.point}{cents:0{places}}"
        if amount.minor < 0:
            number = f"-{number}"
        sign = self.signs.get(amount.currency, amount.currency)
        return f"{sign} {number}" if self.style.sign_first else f"{number} {sign}"

    def number(self, number: Number) -> str:
        if isinstance(number, Decimal) and not number.is_finite():
            raise Unprintable
        text = f"{number:f}" if isinstance(number, Decimal) else str(number)
        whole, _, decimals = text.lstrip("-").partition(".")
        decimals = decimals.rstrip("0")
        shown = whole if -GROUPED_FROM < number < GROUPED_FROM else self.style.whole(whole)
        shown += f"{self.style.point}{decimals}" if decimals else ""
        return f"-{shown}" if number < 0 and shown != "0" else shown

    def date(self, day: dt.date, today: dt.date | None) -> str:
        """``30 Nov``; with the year unless it is this one or the day is near."""
        short = f"{day.day} {self.style.months[day.month - 1]}"
        if today and (day.year == today.year or abs(day - today) <= NEARBY):
            return short
        return f"{short} {day.year}"

    def time(self, moment: dt.datetime, today: dt.date | None) -> str:
        return f"{self.date(moment.date(), today)} {moment:%H:%M}"

    def name(self, name: Name) -> str:
        return _short(in_latin(name) if self.style.latin else name)

    def word(self, word: Word) -> str:
        return _short(self.words.get(word, word.partition("_")[2].replace("_", " ")))

    def place(self, place: Place) -> str:
        """Its words; without any, its degrees as they can be typed again, with points in every language."""
        if place.words or place.latitude is None or place.longitude is None:
            return _short(place.words)
        return f"{place.latitude:f}, {place.longitude:f}"

    def entry(self, line: Mapping[str, Value], today: dt.date | None) -> str:
        """A line of a statement: ``12 Nov repaid KES 500``. Raises Unprintable for any other record."""
        if set(line) != {"on", "kind", "amount"}:
            raise Unprintable
        amount: Money = line["amount"]  # without its sign: the word says which way it went
        what = self.entries.get(line["kind"], line["kind"])
        return f"{self.date(line['on'], today)} {what} {self.money(amount._replace(minor=abs(amount.minor)))}"

    def listed(self, values: list[Value], today: dt.date | None) -> str:
        if values and isinstance(values[0], dict):
            return "\n".join(self.entry(line, today) for line in values)
        shown: list[str] = []
        for value in values:
            shown.append(self.show(value, today))
            if sum(map(len, shown)) > LONGEST_VALUE:
                break
        return _short(", ".join(shown))


class _Printers(dict[type, Callable[[Printer, Any, dt.date | None], str]]):
    """By type. One that is not here is printed as the nearest that it inherits from. Raises Unprintable."""

    def __missing__(self, kind: type) -> Callable[[Printer, Any, dt.date | None], str]:
        for base in kind.__mro__[1:]:
            if base in self:
                return self[base]
        raise Unprintable


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 3] + "..."


_PRINTERS: Final = _Printers(
    {
        str: lambda _, text, __: _short(text),
        Money: lambda printer, amount, _: printer.money(amount),
        int: lambda printer, number, _: printer.number(number),
        Decimal: lambda printer, number, _: printer.number(number),
        bool: lambda printer, yes, _: printer.yes if yes else printer.no,
        dt.date: Printer.date,
        dt.datetime: Printer.time,
        Phone: lambda _, phone, __: _short(str(phone)),
        Name: lambda printer, name, _: printer.name(name),
        Word: lambda printer, word, _: printer.word(word),
        Place: lambda printer, place, _: printer.place(place),
        Media: lambda printer, media, _: printer.word(Word(f"media_{media.kind}")),
        list: Printer.listed,
    }
)
