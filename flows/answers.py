"""Reading what a person typed as the type that was asked for, the way people type: "1.", " 1 ", "1,500/-", "NDIYO".

Never a NaN, a negative or an exponent: an amount is digits and separators, or it is not an amount.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from flows.model import Answer
from flows.places import MAX_PLACE, BadPlace, checked, read_place
from flows.values import Absent, Kind, Media, Money, Phone, Place, Secret, Value, Word

MAX_TYPED = 1000  # characters of one answer that are looked at; a USSD hop carries 182
MAX_TEXT = 480  # characters of a free answer that are kept
FEWEST_SECRET = 4  # figures that may be a PIN, wherever they are typed
MOST_SECRET = 6  # figures of a PIN
MAX_DIGITS = 12  # figures of an amount or a number: more is a slip, not an answer


@dataclass(frozen=True, slots=True)
class Miss:
    """This is no answer. ``help`` is the system words key that says what is wanted."""

    help: str
    values: dict[str, Value]


@dataclass(frozen=True, slots=True)
class Reader:
    """What reading needs to know beside the answer's type."""

    currency: str
    digits: int  # minor-unit digits of the currency
    today: dt.date
    phone: Callable[[str], str]  # E.164 of a typed number; raises ValueError
    keys: tuple[str, ...] = ()  # of the options, as they are shown; none: 1, 2, 3 …


_SPACES = re.compile(r"\s+")
_ENDING = ".)]:;,/-"
_GROUPED = re.compile(r"(\d{1,3}([ ,']\d{3})+|\d+)(\.(\d{1,2}))?")
_SHILLINGS = {"KES": "k", "TZS": "t", "UGX": "u", "SOS": "so"}  # the letter before "sh", where people write one
_DATE = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})|(\d{2})(\d{2})(\d{4})")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")


def clean(typed: str) -> str:
    """What was meant by the keys: no control or direction marks, one kind of space, digits of any script as 0-9."""
    typed = typed[:MAX_TYPED]
    if typed.isascii() and typed.isalnum():
        return typed
    text = unicodedata.normalize("NFKC", typed)
    kept = (c for c in text if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co") or c in "\n\t")
    figures = (str(unicodedata.decimal(c)) if c.isdecimal() and not c.isascii() else c for c in kept)
    return _SPACES.sub(" ", "".join(figures)).strip()


def pick(typed: str, keys: Iterable[str]) -> str | None:
    """The key of a list that was pressed: "2", "2.", "2)" are all ``2``."""
    found = typed if typed in keys else typed.rstrip(_ENDING).strip()
    return found if found in keys else None


def read(answer: Answer, typed: str, reader: Reader) -> Value | Miss:
    """``typed`` (already cleaned) as the asked type, within its bounds (already resolved), or a Miss."""
    if not typed:
        return _wanted(answer) if answer.required else Absent.REFUSED
    value = _READERS[answer.kind](answer, typed, reader)
    return value if isinstance(value, Miss) else _bounded(answer, value)


def sent(answer: Answer, what: Place | Media) -> Value | Miss:
    """What was sent and not typed, as the asked type, or a Miss."""
    if isinstance(what, Media):
        return what if answer.kind is Kind.MEDIA and what.kind in answer.of else _wanted(answer)
    if answer.kind is not Kind.PLACE:
        return _wanted(answer)
    try:
        return checked(what._replace(words=clean(what.words)))
    except BadPlace as bad:
        return _no_place(bad)


def lies_within(answer: Answer, value: Value) -> bool:
    """Whether a value that is known would be taken as the answer."""
    return not (value is None or isinstance(value, Absent | Miss) or isinstance(_bounded(answer, value), Miss))


def _wanted(answer: Answer) -> Miss:
    """Says what is wanted, with the bounds that its words name."""
    if answer.kind is Kind.MEDIA:
        return Miss("help_media", {"kinds": [Word(f"media_{kind}") for kind in answer.of]})
    bounds = {Kind.SECRET: answer.digits, Kind.RATING: (answer.min, answer.max)}.get(answer.kind, ())
    key = f"help_{answer.kind.value}_letters" if answer.letters else f"help_{answer.kind.value}"
    return Miss(key, dict(zip(("min", "max"), bounds, strict=False)))


def _bounded(answer: Answer, value: Value) -> Value | Miss:
    if answer.min is not None and value < answer.min:
        return Miss("help_min", {"min": answer.min})
    if answer.max is not None and value > answer.max:
        return Miss("help_max", {"max": answer.max})
    return value


def _figures(typed: str, places: int) -> Decimal | None:
    match = _GROUPED.fullmatch(typed)
    if match is None or len(typed) > MAX_DIGITS + 6:
        return None
    whole, cents = re.sub(r"\D", "", match.group(1)), match.group(4)
    if len(whole) > MAX_DIGITS or (cents and len(cents) > places):
        return None
    return Decimal(f"{whole}.{cents}" if cents else whole)


@lru_cache(16)
def _sign(currency: str) -> re.Pattern[str]:
    """How people write this currency, and no other: an amount in another one is no answer."""
    words = [currency.lower()]
    if currency in _SHILLINGS:
        words += ["shillings?", "shilingi", f"{_SHILLINGS[currency]}?shs?", "/="]  # the longer ones first
    if currency == "KES":
        words.append("bob")
    either = "|".join(words)
    return re.compile(rf"^({either})?[ .]*|[ ]*(/-|=|{either})?$", re.IGNORECASE)


def _money(answer: Answer, typed: str, reader: Reader) -> Value | Miss:
    figures = _figures(_sign(reader.currency).sub("", typed).rstrip(_ENDING).strip(), reader.digits)
    if figures is None:
        return Miss("help_money", {})
    return Money(int(figures.scaleb(reader.digits)), reader.currency)


def _number(answer: Answer, typed: str, reader: Reader) -> Value | Miss:
    figures = _figures(typed.rstrip(_ENDING), 2)
    if figures is None:
        return Miss("help_number", {})
    return int(figures) if figures == figures.to_integral_value() else figures


def _rating(answer: Answer, typed: str, reader: Reader) -> Value | Miss:
    figures = typed.rstrip(_ENDING)
    if not (figures.isdecimal() and len(figures) <= 3):
        return _wanted(answer)
    value = int(figures)
    return value if answer.min <= value <= answer.max else _wanted(answer)


def _date(answer: Answer, typed: str, reader: Reader) -> Value | Miss:
    try:
        if match := _ISO.fullmatch(typed):
            return dt.date(*map(int, match.groups()))
        if match := _DATE.fullmatch(typed):
            day, month, year = (int(g) for g in match.groups() if g)
            return dt.date(year, month, day)
    except ValueError:
        pass
    return Miss("help_date", {})


def _phone(answer: Answer, typed: str, reader: Reader) -> Value | Miss:
    try:
        return Phone(reader.phone(typed))
    except ValueError:
        return Miss("help_phone", {})


def _text(answer: Answer, typed: str, reader: Reader) -> Value | Miss:
    """Words. Four to six figures and nothing else are no words: they may be a PIN typed at the wrong question."""
    if typed.isdecimal() and FEWEST_SECRET <= len(typed) <= MOST_SECRET:
        return Miss("help_text", {})
    return typed[:MAX_TEXT]


def _name(answer: Answer, typed: str, reader: Reader) -> Value | Miss:
    """Nobody is called by figures alone, and four of them may be a PIN typed at the wrong question."""
    if not any(c.isalpha() for c in typed) or many_figures(typed):
        return Miss("help_name", {})
    return typed[:MAX_TEXT]


def many_figures(typed: str) -> bool:
    """Whether this may be a PIN."""
    return sum(c.isdecimal() for c in typed) >= FEWEST_SECRET


def _secret(answer: Answer, typed: str, reader: Reader) -> Value | Miss:
    fewest, most = answer.digits
    figures = typed.replace(" ", "").replace("-", "" if answer.letters else "-")
    known = figures.isalnum() if answer.letters else figures.isdecimal()
    if known and fewest <= len(figures) <= most:
        return Secret(figures)
    return _wanted(answer)


def _place(answer: Answer, typed: str, reader: Reader) -> Value | Miss:
    try:
        return read_place(typed)
    except BadPlace as bad:
        return _no_place(bad)


def _no_place(bad: BadPlace) -> Miss:
    return Miss(bad.help, {"max": MAX_PLACE} if bad.help == "help_place_long" else {})


def _media(answer: Answer, typed: str, reader: Reader) -> Value | Miss:
    """It cannot be typed."""
    return _wanted(answer)


def _choice(answer: Answer, typed: str, reader: Reader) -> Value | Miss:
    return Miss("help_choice", {})  # keys and labels were tried before


def _choices(answer: Answer, typed: str, reader: Reader) -> Value | Miss:
    parts = re.split(r"[ ,.;+&]+", typed.rstrip(_ENDING))
    keys = reader.keys or [str(n) for n in range(1, len(answer.options) + 1)]
    named = dict(zip(keys, (name for name, _ in answer.options), strict=True))
    if not all(part in named for part in parts):
        return Miss("help_choices", {})
    return [named[part] for part in dict.fromkeys(parts)]


_READERS: dict[Kind, Callable[[Answer, str, Reader], Value | Miss]] = {
    Kind.MONEY: _money,
    Kind.NUMBER: _number,
    Kind.RATING: _rating,
    Kind.DATE: _date,
    Kind.PHONE: _phone,
    Kind.TEXT: _text,
    Kind.NAME: _name,
    Kind.SECRET: _secret,
    Kind.CHOICE: _choice,
    Kind.YES_NO: _choice,
    Kind.CHOICES: _choices,
    Kind.PLACE: _place,
    Kind.MEDIA: _media,
}
