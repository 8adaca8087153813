"""What all the schemas are put together from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flows.loading.take import LONGEST_TEXT

Schema = dict[str, Any]
NAME = r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*"
LENGTH = r"[1-9][0-9]{0,2} (minutes?|hours?|days?|weeks?|months?)"
CLOCK = r"([01][0-9]|2[0-3]):[0-5][0-9]"
AMOUNT = r"[0-9]{1,15}(\.[0-9]+)?"
_VALUE = ["string", "number", "boolean"]  # what YAML makes of a value that stands without quotes


def table(properties: Mapping[str, Schema], needs: Iterable[str] = (), about: str = "", **more: Any) -> Schema:
    """Keys with values, and no other keys."""
    found: Schema = {"description": about} if about else {}
    found |= {"type": "object", "properties": dict(properties)}
    if needs:
        found["required"] = list(needs)
    return {**found, "additionalProperties": False, **more}


def each(value: Schema, about: str, names: str = "", **more: Any) -> Schema:
    """Names of the author's own, each with such a value. ``names``: what they look like."""
    named: Schema = {"propertyNames": {"pattern": whole(names)}} if names else {}
    return {"description": about, "type": "object", **named, "additionalProperties": value, **more}


def word(about: str, pattern: str = "", **more: Any) -> Schema:
    """A value that no client reads: bare. A number or a yes that stands bare is one too."""
    form: Schema = {"pattern": whole(pattern)} if pattern else {"minLength": 1}
    return {"description": about, "type": list(_VALUE), **form, **more}


def text(about: str, pattern: str = "", **more: Any) -> Schema:
    """A bare value that begins with a letter, and so is never a number."""
    form: Schema = {"pattern": whole(pattern)} if pattern else {"minLength": 1}
    return {"description": about, "type": "string", **form, **more}


def said(about: str) -> Schema:
    """What a client reads."""
    return {"description": about, "type": "string", "minLength": 1, "maxLength": LONGEST_TEXT, "pattern": r"\S"}


def one_of(about: str, known: Iterable[str]) -> Schema:
    return {"description": about, "enum": list(known)}


def yes_no(about: str) -> Schema:
    return one_of(about, ("yes", "no"))


def amount(about: str) -> Schema:
    """In major units of the institution's currency."""
    return {"description": about, "type": ["number", "string"], "minimum": 0, "pattern": whole(AMOUNT)}


def count(about: str, least: int, most: int) -> Schema:
    return {
        "description": about,
        "type": ["integer", "string"],
        "minimum": least,
        "maximum": most,
        "pattern": "^[0-9]+$",
    }


def several(about: str, item: Schema, one: str = r".+") -> Schema:
    """``[one, two]``, or ``one, two`` in one line. ``one``: what each of them looks like there."""
    line = {"type": "string", "pattern": whole(rf"\s*({one})\s*(,\s*({one})\s*)*,?\s*")}
    return {"description": about, "anyOf": [{"type": "array", "items": item}, line]}


def ref(name: str, about: str = "") -> Schema:
    """A definition; ``about`` stands beside it, which draft 7 lets nobody read unless it is wrapped."""
    found: Schema = {"$ref": f"#/definitions/{name}"}
    return {"description": about, "allOf": [found]} if about else found


def whole(pattern: str) -> str:
    return f"^(?:{pattern})$"
