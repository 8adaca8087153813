"""The data dictionary as the desk uses it: what a field is called, and whether it is sensitive."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from pathlib import Path
from typing import Any

from flows.loading import load_fields
from flows.loading.fields import Field
from flows.observed import in_words
from flows.values import Money
from flows.words.printing import Printer
from gateway.build import House
from gateway.home import Home

PRINTER = Printer("en")
# why somebody was not invited to a survey -> in words
LEFT_OUT = {
    "share": "not one of the share",
    "asked lately": "asked lately",
    "no consent": "said no to questions",
    "no phone": "no phone of their own",
    "no words": "the invitation could not be said",
}

# what a client asks for -> in words, where its own name would not say it
CASES = {
    "dispute": "wrong payment",
    "fraud": "fraud report",
    "interest": "wants to join",
    "loan": "wants a loan",
    "top_up": "wants a loan top-up",
    "withdrawal": "wants savings out",
}
# why there is no answer -> in words
ABSENT = {"refused": "would not say"}


def case_kind(kind: str) -> str:
    return CASES.get(kind, kind.replace("_", " "))


def fields_of(house: House) -> dict[str, Field]:
    settings = house.stores.settings
    return _fields(settings.home, settings.institution.currency)


@lru_cache(maxsize=4)
def _fields(home: Path | None, currency: str) -> dict[str, Field]:
    return load_fields(Home(home).files("fields"), currency)[0]


def label(fields: dict[str, Field], name: str) -> str:
    """As the dictionary calls it; its own name where that has no such field."""
    return fields[name].label if name in fields else name


def sensitive(fields: dict[str, Field], name: str) -> bool:
    """A field that nobody declared may be anything."""
    return name not in fields or fields[name].sensitive


def value(kind: str, said: Any, unit: str, absent: str) -> str:
    """An answer as people read it. ``absent`` says why there is none."""
    if absent:
        return ABSENT.get(absent, absent)
    if kind == "money" and isinstance(said, int) and unit:
        return PRINTER.money(Money(said, unit))
    if isinstance(said, bool):
        return "yes" if said else "no"
    if isinstance(said, dict):
        return in_words(said)
    if isinstance(said, list):
        return ", ".join(str(each).replace("_", " ") for each in said)
    return "" if said is None else f"{said} {unit}".strip()


def lasted(time: dt.timedelta) -> str:
    """``45 s``, ``3 min 5 s``, ``2 h``, ``4 days``."""
    seconds = round(time.total_seconds())
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60} s" if seconds % 60 else f"{seconds // 60} min"
    return f"{seconds // 3600} h" if seconds < 172800 else f"{seconds // 86400} days"
