"""What an author writes of the institution, understood. Each raises ValueError: a sentence that says what to do."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from zoneinfo import available_timezones

import phonenumbers

from flows.faults import suggest
from gateway.starting import places
from gateway.starting.places import Place

LONGEST_NAME = 60


def name_of(folder: Path) -> str:
    """What an institution is called whose folder this is."""
    words = re.split(r"[\W_]+", folder.resolve().name)
    return " ".join(word[:1].upper() + word[1:] for word in words if word) or "My Institution"


def name(word: str) -> str:
    word = " ".join(word.split())
    if not word or len(word) > LONGEST_NAME or not word.isprintable():
        raise ValueError(f"A name has 1 to {LONGEST_NAME} letters, and stands in one line.")
    return word


def line(word: str) -> str:
    """Anything that stands in one line; nothing is nothing yet."""
    word = " ".join(word.split())
    if len(word) > LONGEST_NAME or not word.isprintable():
        raise ValueError(f"Write at most {LONGEST_NAME} letters, in one line.")
    return word


def currency(word: str) -> str:
    return places.currency(word.strip())


def languages(text: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(places.language(word) for word in re.split(r"[,\s]+", text.strip()) if word))
    if not found:
        raise ValueError("Name at least one language, such as en.")
    return found


def timezone(word: str) -> str:
    if word not in available_timezones():
        known = {zone for zone in available_timezones() if "/" in zone}
        raise ValueError(f'"{word}" is no time zone. {suggest(word, known, "Write one such as Africa/Nairobi.")}')
    return word


def which_zone(place: Place) -> str:
    """The question, with what there is to choose from."""
    others = ", ".join(place.timezones[1:6])
    return f"Time zone (there are also {others})" if others else "Time zone"


def service_code(word: str) -> str:
    if not re.fullmatch(r"\*[0-9]{1,6}(\*[0-9]{1,6}){0,4}#", word.strip()):
        raise ValueError(f'"{word}" cannot be dialled. Write it as clients do, such as *384*7#.')
    return word.strip()


def phone_in(country: str) -> Callable[[str], str]:
    """In international form; none is none yet."""

    def phone(word: str) -> str:
        if not word.strip():
            return ""
        try:
            number = phonenumbers.parse(word, country)
        except phonenumbers.NumberParseException:
            number = None
        if number is None or not phonenumbers.is_possible_number(number):
            raise ValueError(
                f'"{word}" is no phone number there. Write it in international form, such as +254700000100.'
            )
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

    return phone
