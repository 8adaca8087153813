"""The way in: source text to a compiled condition, or to problems in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flows.conditions.checking import Names, check, full_name, is_name, tests
from flows.conditions.compiling import Holds, compile_tree
from flows.conditions.grammar import Unreadable, read
from flows.conditions.problem import Problem
from flows.conditions.tree import Tree
from flows.values import Kind, Value


@dataclass(frozen=True, slots=True)
class Parsed:
    """A condition that can be asked. Two with the same source and names are equal."""

    source: str
    names: tuple[str, ...]
    _holds: Holds = field(repr=False, compare=False)

    def holds(self, known: Mapping[str, Value]) -> bool:
        """Whether it is true of what is known (nested by dotted name)."""
        return self._holds(known)


def parse(
    source: str,
    names: Mapping[str, Kind],
    *,
    currency: str = "KES",
    choices: Mapping[str, tuple[str, ...]] | None = None,
) -> tuple[Parsed | None, list[Problem]]:
    """The condition, or None and what is wrong with it. Amounts are in major units of ``currency``."""
    try:
        tree = read(source)
    except Unreadable as wrong:
        return None, [Problem(wrong.code, wrong.message, wrong.fix)]
    known = Names(names, choices or {}, currency)
    problems = check(tree, known)
    if problems:
        return None, problems
    return Parsed(source, tuple(dict.fromkeys(_names(tree, known))), compile_tree(tree, known)), []


def _names(tree: Tree, names: Names) -> list[str]:
    found = []
    for test in tests(tree):
        found.append(full_name(test, names))
        kind = names.kinds[found[-1]]
        found += [value.text for value in test.values if is_name(value, kind, names)]
    return found
