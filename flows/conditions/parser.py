"""The way in: source text to a compiled condition, or to problems in plain words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from flows.conditions.checking import Names, check, full_name, is_name, tests
from flows.conditions.compiling import Holds, compile_tree
from flows.conditions.grammar import LONGEST, Unreadable, read
from flows.conditions.mending import meant as mended
from flows.conditions.problem import Problem
from flows.conditions.tree import Tree
from flows.values import Kind, Value

_FIRST, _MEANT = re.compile(r'"([^"]*)"'), re.compile(r'Did you mean "([^"]*)"\?')


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
    """The condition, or None and what is wrong with it. Amounts are in major units of ``currency``.

    Where it is only written in other words or signs than there are, that is one problem, and its ``fix`` has the whole
    condition as it should be.
    """
    known = Names(names, choices or {}, currency)
    parsed, problems = _parsed(source, known)
    return parsed, _in_other_words(source, problems, known)


def _parsed(source: str, known: Names) -> tuple[Parsed | None, list[Problem]]:
    try:
        tree = read(source)
    except Unreadable as wrong:
        return None, [Problem(wrong.code, wrong.message, wrong.fix)]
    problems = check(tree, known)
    if problems:
        return None, problems
    return Parsed(source, tuple(dict.fromkeys(_names(tree, known))), compile_tree(tree, known)), []


def _in_other_words(source: str, problems: list[Problem], known: Names) -> list[Problem]:
    """One problem, with the whole condition as it should be, where that can be told."""
    if not problems or len(source) > LONGEST:
        return problems
    offers = [replace(one, source=_spelt(one.source, known)) for one in mended(source)]
    meant = next((one for one in offers if not _parsed(one.source, known)[1]), None)
    if meant is None:
        return problems
    first = problems[0]
    return [Problem(meant.code or first.code, meant.said or first.message, f"Write: {meant.source}")]


def _spelt(source: str, known: Names) -> str:
    """With the names and answers that were meant by misspelt ones."""
    for problem in _parsed(source, known)[1]:
        wrong, right = _FIRST.search(problem.message), _MEANT.fullmatch(problem.fix)
        if wrong and right:
            source = re.sub(rf"(?<![\w.]){re.escape(wrong[1])}(?![\w.])", right[1], source)
    return source


def _names(tree: Tree, names: Names) -> list[str]:
    found = []
    for test in tests(tree):
        found.append(full_name(test, names))
        kind = names.kinds[found[-1]]
        found += [value.text for value in test.values if is_name(value, kind, names)]
    return found
