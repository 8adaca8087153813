"""What a step or a header says beside its words, by the keys that its author writes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from flows.model import From, Offer, Option, Text
from flows.values import Money
from flows.words.printing import Printer

# Fields that are told elsewhere (words, options, the order of steps), or that follow from others.
ELSEWHERE = {"name", "file", "line", "text", "steps", "order", "label", "invite", "options", "show", "change", "done"}
ELSEWHERE |= {"later", "fields", "item"}
LABELS = {
    "action": "do",
    "answer": "answer",
    "only_if": "only if",
    "goes": "go to",
    "ways": "go to, on",
    "kind": "type",
    "source": "from",
    "inputs": "with",
    "values": "set",
    "exits": "outcome",
    "flow": "run",
    "language": "words",
    "without_pin": "without PIN",
    "to": "to whom,",
}
INSIDE = {"answer": "answer, ", "starts": "starts, "}
Facts = dict[tuple[str, str], str]  # (key, and what of it) -> value


def facts(thing: Any, inside: str = "") -> Facts:
    """Everything that ``thing`` says, as ``("go to, on", "no"): "cancelled"``; what it does not say is not there."""
    found: Facts = {}
    for field in fields(thing):
        value = getattr(thing, field.name)
        if field.name in ELSEWHERE or isinstance(value, Text):
            continue
        label = LABELS.get(field.name, field.name.replace("_", " "))
        if field.name in INSIDE and is_dataclass(value):
            found |= facts(value, INSIDE[field.name])
        elif _are_pairs(value):
            found |= {(f"{inside}{label}", key): plain(one) for key, one in value}
        elif (said := plain(value)) != "":
            found[f"{inside}{label}", ""] = said
    return found


def plain(value: Any) -> str:
    """A value as its author would write it; "" for none."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case Enum():
            return str(value.value)
        case Money():
            return Printer("en").money(value)
        case dt.date():
            return value.isoformat()
        case From():
            where = f" where {value.where[0]} is {' or '.join(value.where[1])}" if value.where else ""
            return f"{value.source}{where}"
        case tuple() if any(isinstance(one, Offer | Option) for one in value):
            return ", ".join(one.value if isinstance(one, Offer) else one.name for one in value)
        case (int() as least, int() as most):
            return f"{least} to {most}"
        case tuple():
            return ", ".join(map(plain, value))
        case _:
            return str(getattr(value, "source", value))


def _are_pairs(value: Any) -> bool:
    return isinstance(value, tuple) and bool(value) and all(_is_pair(one) for one in value)


def _is_pair(one: Any) -> bool:
    return isinstance(one, tuple) and len(one) == 2 and isinstance(one[0], str) and not isinstance(one[1], Text)


def differing(before: Facts, after: Facts) -> Iterator[tuple[tuple[str, str], str | None, str | None]]:
    """Each fact that is not as it was: its name, what was said and what is."""
    for name in dict.fromkeys([*before, *after]):
        if before.get(name) != after.get(name):
            yield name, before.get(name), after.get(name)
