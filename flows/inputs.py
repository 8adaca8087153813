"""What an action is given, made clean once, so that no action looks at types again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from flows.values import Absent, Kind, Money, Secret, Value


@dataclass(frozen=True, slots=True)
class Input:
    """One thing that ``with:`` gives. ``choices`` closes the set of words it may be."""

    kind: Kind
    choices: tuple[str, ...] = ()
    required: bool = True


class BadInput(TypeError):
    """An action was given what it does not take. The check before publishing finds this; the value is never named."""


def clean(action: str, declared: Mapping[str, Input], given: Mapping[str, Value]) -> dict[str, Value]:
    """Every declared input by name, typed; one that is not there is None. Raises ``BadInput``."""
    stray = sorted(set(given) - set(declared))
    if stray:
        raise BadInput(f"The action {action} takes no {stray[0]}.")
    return {name: _typed(f"{name} of the action {action}", need, given.get(name)) for name, need in declared.items()}


def _typed(what: str, need: Input, value: Value) -> Value:
    if value is None or isinstance(value, Absent):
        if need.required:
            raise BadInput(f"The {what} is missing.")
        return None
    value = _read(need.kind, value)
    if not isinstance(value, _TYPES[need.kind]) or (isinstance(value, bool) and need.kind is not Kind.YES_NO):
        raise BadInput(f"The {what} is not a {need.kind.value}.")
    if need.choices and value not in need.choices:
        raise BadInput(f"The {what} is none of: {', '.join(need.choices)}.")
    return value


def _read(kind: Kind, value: Value) -> Value:
    """A bare word of a flow file, as the type it stands for."""
    if not isinstance(value, str):
        return value
    if kind is Kind.YES_NO:
        return {"yes": True, "no": False}.get(value, value)
    if kind in (Kind.NUMBER, Kind.RATING) and value.isascii() and value.isdigit():
        return int(value)
    return type(value)(value.strip())


_TYPES: dict[Kind, type | tuple[type, ...]] = {
    Kind.TEXT: str,
    Kind.NUMBER: (int, Decimal),
    Kind.MONEY: Money,
    Kind.DATE: dt.date,
    Kind.PHONE: str,
    Kind.NAME: str,
    Kind.CHOICE: str,
    Kind.CHOICES: list,
    Kind.YES_NO: bool,
    Kind.RATING: int,
    Kind.SECRET: Secret,
    Kind.RECORD: dict,
    Kind.LIST: list,
}
