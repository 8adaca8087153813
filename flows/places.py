"""A place as people write it: in words, or as decimal degrees "-1.2921, 36.8219", "1.2921 S 36.8219 E".

Nothing is guessed: degrees with minutes, decimal commas, a sign and a letter at once, or a number alone are asked for
once more, with an example. Without letters the latitude comes first, as ISO 6709 and every map has it.
"""

from __future__ import annotations

import re
from decimal import Decimal

from flows.values import Place

MAX_PLACE = 160  # characters of a place in words: more would not be shown on a screen anyway
DEGREES = 48  # characters of the two numbers of a point at most
LETTERS = 2  # of a place in words at least
MOST = {"latitude": 90, "longitude": 180}  # degrees either way

_RUNS = re.compile(r"[^\W\d_]+")
_NUMBER = r"([+-]?)\s?(\d{1,3}\.\d{1,15})\s*[°o]?"
_BETWEEN = r"\s*[\s,;/]\s*"
_AFTER = re.compile(rf"{_NUMBER}\s*([nsew]?){_BETWEEN}{_NUMBER}\s*([nsew]?)", re.IGNORECASE)
_BEFORE = re.compile(rf"([nsew])\s*{_NUMBER}{_BETWEEN}([nsew])\s*{_NUMBER}", re.IGNORECASE)
_SIGNS = str.maketrans({"\u2212": "-", "\u2013": "-", "\u2010": "-", "\u2011": "-"})  # minus and dashes, for a minus
_AXES = {"n": "latitude", "s": "latitude", "e": "longitude", "w": "longitude"}


class BadPlace(ValueError):
    """This is no place. ``help`` is the system words key that says what is wanted."""

    def __init__(self, help_: str) -> None:
        self.help = help_
        super().__init__(help_)


def read_place(typed: str) -> Place:
    """``typed`` (cleaned) as a place. Raises BadPlace."""
    runs = _RUNS.findall(typed)
    if any(char.isdecimal() for char in typed) and all(run.lower() in (*_AXES, "o") for run in runs):
        return _point(typed)
    if sum(char.isalpha() for char in typed) < LETTERS:
        raise BadPlace("help_place")
    if len(typed) > MAX_PLACE:
        raise BadPlace("help_place_long")
    return Place(typed)


def checked(place: Place) -> Place:
    """A place that came from a channel, if it is one. Raises BadPlace."""
    words, latitude, longitude = place.words.strip()[:MAX_PLACE], place.latitude, place.longitude
    if latitude is None or longitude is None:
        return read_place(words)
    _check_range(latitude, longitude)
    return Place(words, latitude, longitude)


def _point(typed: str) -> Place:
    written = typed.translate(_SIGNS).strip("().,; ")
    if found := _AFTER.fullmatch(written):
        first, second = _degrees(*found.group(3, 1, 2)), _degrees(*found.group(6, 4, 5))
    elif found := _BEFORE.fullmatch(written):
        first, second = _degrees(*found.group(1, 2, 3)), _degrees(*found.group(4, 5, 6))
    else:
        raise BadPlace("help_place_degrees" if re.search(r"[.,°]", typed) else "help_place")
    if first[0] == "longitude" or second[0] == "latitude":
        first, second = second, first
    if first[0] == "longitude" or second[0] == "latitude":
        raise BadPlace("help_place_degrees")  # two of one kind
    _check_range(first[1], second[1])
    return Place("", first[1], second[1])


def _degrees(letter: str, sign: str, figures: str) -> tuple[str, Decimal]:
    """The axis that its letter names ("": it has none), and the value."""
    if letter and sign:
        raise BadPlace("help_place_degrees")
    value = Decimal(figures)
    return _AXES.get(letter.lower(), ""), -value if sign == "-" or letter.lower() in ("s", "w") else value


def _check_range(latitude: Decimal, longitude: Decimal) -> None:
    """A phone that does not know where it is says zero and zero, which is in the sea."""
    known = latitude.is_finite() and longitude.is_finite()
    if not known or abs(latitude) > MOST["latitude"] or abs(longitude) > MOST["longitude"]:
        raise BadPlace("help_place_range")
    if latitude == longitude == 0:
        raise BadPlace("help_place_degrees")
