"""From a checked tree to nested closures: a condition is read once and asked many times."""

from __future__ import annotations

import operator as op
from collections.abc import Callable, Sequence
from typing import Any

from flows.conditions.checking import Names, full_name, is_name
from flows.conditions.tree import Both, Not, Test, Tree, Written
from flows.conditions.values import MANY, Get, Known, comparable, getter, is_empty, literal
from flows.values import Kind, Value

Holds = Callable[[Known], bool]
_ORDER: dict[str, Callable[[Any, Any], bool]] = {"least": op.ge, "most": op.le, "more": op.gt, "less": op.lt}


def compile_tree(tree: Tree, names: Names) -> Holds:
    """A function that says whether ``tree`` holds. An answer that is not there fulfils nothing but ``is empty``."""
    if isinstance(tree, Test):
        return _test(tree, names)
    if isinstance(tree, Not):
        part = compile_tree(tree.part, names)
        return lambda known: not part(known)
    parts = [compile_tree(part, names) for part in tree.parts]
    return _all(parts) if isinstance(tree, Both) else _any(parts)


def _all(parts: Sequence[Holds]) -> Holds:
    return lambda known: all(part(known) for part in parts)


def _any(parts: Sequence[Holds]) -> Holds:
    return lambda known: any(part(known) for part in parts)


def _test(test: Test, names: Names) -> Holds:
    name = full_name(test, names)
    kind = names.kinds[name]
    get = getter(name)
    if test.operator == "empty":
        return lambda known: is_empty(get(known))
    if test.operator == "filled":
        return lambda known: not is_empty(get(known))
    values = [_value(kind, written, names) for written in test.values]
    return _compare(test.operator, _comparing(get, kind), values)


def _comparing(get: Get, kind: Kind) -> Get:
    """The answer, made comparable; None when it is not there or of another type."""
    as_comparable = comparable(kind)
    return lambda known: as_comparable(get(known))


def _value(kind: Kind, written: Written, names: Names) -> Get:
    if is_name(written, kind, names):
        return _comparing(getter(written.text), names.kinds[written.text])
    value = literal(Kind.TEXT if kind in MANY else kind, written.text, names.currency)
    return lambda known: value


def _compare(operator: str, get: Get, values: list[Get]) -> Holds:
    if operator == "between":
        low, high = (_ordered(op.ge, get, values[0]), _ordered(op.le, get, values[1]))
        return lambda known: low(known) and high(known)
    if operator in _ORDER:
        return _ordered(_ORDER[operator], get, values[0])
    return {"is": _member, "is not": _no_member, "has": _has}[operator](get, values)


def _ordered(compare: Callable[[Any, Any], bool], get: Get, other: Get) -> Holds:
    def holds(known: Known) -> bool:
        mine, theirs = get(known), other(known)
        return mine is not None and theirs is not None and _one_currency(mine, theirs) and compare(mine, theirs)

    return holds


def _one_currency(mine: Value, theirs: Value) -> bool:
    return not isinstance(mine, tuple) or bool(mine[1] == theirs[1])


def _member(get: Get, values: list[Get]) -> Holds:
    def holds(known: Known) -> bool:
        mine = get(known)
        return mine is not None and any(mine == value(known) for value in values)

    return holds


def _no_member(get: Get, values: list[Get]) -> Holds:
    def holds(known: Known) -> bool:
        mine = get(known)
        return mine is not None and all(mine != value(known) for value in values)

    return holds


def _has(get: Get, values: list[Get]) -> Holds:
    def holds(known: Known) -> bool:
        mine = get(known)
        return bool(mine) and any((text := value(known)) is not None and text in mine for value in values)

    return holds
