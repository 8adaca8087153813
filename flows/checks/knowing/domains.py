"""Which values a name can have, as far as the conditions of its flow can tell them apart.

Values that no test of the flow tells apart are one *kind of value*; a set of such kinds is an int, a bit a kind. For
each name some example values are tried: all options, both sides of each number that it is compared with, each word. For
comparisons with written values that is exact. What is compared with another name may be true or not.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import combinations

from flows.answers import lies_within
from flows.conditions.checking import Names, full_name, is_name
from flows.conditions.compiling import compile_tree
from flows.conditions.tree import Test
from flows.conditions.values import ALIKE_NEVER, MANY, literal
from flows.model import Answer
from flows.values import Absent, Kind, Money, Value

MOST_WORDS = 6  # that a list is asked for; with more, each may be in it or not
OTHER = "\0other"
GONE = Absent.NOT_REACHED


class Domain:
    """The kinds of value of one name. ``everything``: all of them, ``gone``: it is not there."""

    def __init__(self, name: str, tests: Iterable[Test], values: Iterable[Value], names: Names) -> None:
        self.name = name
        self._kinds: dict[tuple[bool, ...], int] = {}
        self._kind_of: list[tuple[Value, int]] = []
        asked = list(dict.fromkeys(test for test in tests if not _compares_names(test, names)))
        holds = [compile_tree(test, names) for test in asked]
        for value in (GONE, *values):
            known = _nested(name, value)
            said = (value is GONE, *(one(known) for one in holds))
            self._kind_of.append((value, self._kinds.setdefault(said, 1 << len(self._kinds))))
        self.everything = (1 << len(self._kinds)) - 1
        self.gone = self._kind_of[0][1]
        self.there = self.everything & ~self.gone
        places = {test: place for place, test in enumerate(asked, 1)}
        self._true = {
            test: sum(bit for said, bit in self._kinds.items() if said[place]) for test, place in places.items()
        }

    def true(self, test: Test) -> int | None:
        """The kinds of value for which ``test`` holds; None when that cannot be told."""
        return self._true.get(test)

    def of(self, value: Value) -> int:
        """The kind of this value; all that are there when it is no example."""
        said = [bit for one, bit in self._kind_of if type(one) is type(value) and one == value]
        return said[0] if said else self.there

    def within(self, answer: Answer) -> int:
        """The kinds of value that this question can be answered with."""
        bounds = replace(answer, min=_fixed(answer.min), max=_fixed(answer.max))
        taken = (value for value, _ in self._kind_of if value not in (GONE, "", []) and _lies(bounds, value))
        return self._some(taken)

    def among(self, words: Iterable[str]) -> int:
        """The kinds of value that are one of ``words``."""
        return self._some(words)

    def _some(self, values: Iterable[Value]) -> int:
        found = 0
        for value in values:
            found |= self.of(value)
        return found


def examples(kind: Kind, written: Iterable[Value], options: tuple[str, ...]) -> Iterator[Value]:
    """Values of ``kind`` on all sides of those that are ``written`` in conditions and bounds."""
    found = sorted({value for value in written if value is not None}) if kind not in MANY else list(written)
    if options and kind not in MANY:
        return iter((*options, *(word for word in found if word not in options)))
    if kind is Kind.YES_NO:
        return iter((True, False))
    if kind in ALIKE_NEVER:
        return iter((OTHER,))
    if kind in MANY:
        return _lists([str(word) for word in dict.fromkeys(found)])
    if kind is Kind.DATE:
        return _around(found or [dt.date(2026, 1, 1)], dt.timedelta(days=1))
    if kind is Kind.MONEY:
        return (Money(minor, found[0][1]) for minor in _around([int(m) for m, _ in found], 1)) if found else _any()
    if kind in (Kind.NUMBER, Kind.RATING):
        return _numbers([Decimal(n) for n in found] or [Decimal(0)], kind)
    return iter((OTHER, "", *found))


def written(test: Test, kind: Kind, names: Names) -> Iterator[Value]:
    """The values that stand in a test, comparable."""
    for value in test.values:
        if not is_name(value, kind, names):
            yield literal(Kind.TEXT if kind in MANY else kind, value.text, names.currency)


def _any() -> Iterator[Value]:
    return iter((Money(100, "XXX"),))


def _around(found: list[Value], step: Value) -> Iterator[Value]:
    return iter(sorted({value + side for value in found for side in (-step, 0 * step, step)}))


def _numbers(found: list[Decimal], kind: Kind) -> Iterator[Value]:
    """A rating is whole; any other number may lie between two whole ones."""
    half = Decimal("0.000001")
    steps = (Decimal(1),) if kind is Kind.RATING else (Decimal(1), half)
    for value in sorted({n + side * step for n in found for step in steps for side in (-1, 0, 1)}):
        yield int(value) if value == value.to_integral_value() else value


def _lists(words: list[str]) -> Iterator[Value]:
    """Every choice of these words, and lists that have something else too."""
    words = words[:MOST_WORDS]
    yield []
    for size in range(len(words) + 1):
        for some in combinations(words, size):
            yield [*some, OTHER]
            if some:
                yield [*some]


def _lies(bounds: Answer, value: Value) -> bool:
    try:
        return lies_within(bounds, value)
    except TypeError:
        return True


def _fixed(bound: Value) -> Value:
    return None if isinstance(bound, str) else bound


def _compares_names(test: Test, names: Names) -> bool:
    kind = names.kinds[full_name(test, names)]
    many = kind in MANY and len(test.values) > MOST_WORDS
    return many or any(is_name(value, kind, names) for value in test.values)


def _nested(name: str, value: Value) -> dict[str, Value]:
    """``{"account": {"due": value}}`` for ``account.due``: as conditions look values up."""
    if value is GONE:
        return {}
    *path, last = name.split(".")
    known: dict[str, Value] = {last: value}
    for part in reversed(path):
        known = {part: known}
    return known
