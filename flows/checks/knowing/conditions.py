"""The conditions of one flow, asked of sets of values instead of values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flows.checks.knowing.domains import Domain, examples, written
from flows.checks.knowing.scope import Scope
from flows.conditions.checking import Names, full_name, tests
from flows.conditions.grammar import read
from flows.conditions.tree import Both, Not, Test, Tree, Written
from flows.model import AnyStep, Ask, Do, Set
from flows.values import Money, Value

Values = tuple[int, ...]  # for each watched name the kinds of value that it can have
Split = tuple[list[Values], list[Values]]  # for which a condition holds, and for which it does not
MOST_CASES = 64


class Conditions:
    """``trees`` by step; ``followed``: the steps whose conditions are looked at (None: all); ``domains``: the names
    that conditions, and inputs with fixed words, ask about."""

    def __init__(self, scope: Scope, followed: frozenset[str] | None = None) -> None:
        self.scope, self.followed = scope, followed
        self.names = Names(scope.kinds, scope.choices, scope.subject.institution.currency)
        steps = scope.flow.steps.values()
        self.trees = {step.name: read(step.only_if.source) for step in steps if step.only_if}
        self.guards = {place: tree for step in steps for place, tree in self._guards(step)}
        self.domains = [self._domain(name, asked) for name, asked in self._asked().items()]
        self.place = {domain.name: place for place, domain in enumerate(self.domains)}
        self.everything: Values = tuple(domain.everything for domain in self.domains)
        self.held: set[tuple[str, int]] = set()  # the tests, by step and number, that were true of something

    def _asked(self) -> dict[str, list[Test]]:
        found: dict[str, list[Test]] = {}
        for tree in self.trees.values():
            for test in tests(tree):
                found.setdefault(full_name(test, self.names), []).append(test)
        for guard in self.guards.values():
            for test in tests(guard):
                found.setdefault(test.name, []).append(test)
        for name, test in self._closed():
            found.setdefault(name, []).append(test)
        return found

    def _guards(self, step: AnyStep) -> Iterator[tuple[tuple[str, str], Tree]]:
        """For each field that this step shows and that not every item has: under what condition this one has it."""
        for need in self.scope.needs(step):
            guard = self.scope.guard(need.name)
            if guard and need.how != "bound":
                yield (step.name, need.name), _of_item(read(guard), self.scope.unit(need.name) or "")

    def lacks(self, step: str, name: str, values: Values) -> bool:
        """Whether a field that is to be shown may not be there, for all that is known of the item."""
        guard = self.guards.get((step, name))
        return guard is not None and bool(self._split("", guard, values, _Count())[1])

    def _closed(self) -> Iterator[tuple[str, Test]]:
        """Names that are given where only some words are taken, as if it were asked whether they are one of these."""
        for step in self.scope.flow.steps.values():
            for right, choices in closed_inputs(step, self.scope) if isinstance(step, Do) else ():
                yield right, is_one_of(right, choices)

    def _domain(self, name: str, asked: list[Test]) -> Domain:
        kind = self.names.kinds[name]
        values = [value for test in asked for value in written(test, kind, self.names)]
        values += [_comparable(value) for value in self._given(name)]
        return Domain(name, asked, examples(kind, values, self.names.choices.get(name, ())), self.names)

    def _given(self, name: str) -> Iterator[Value]:
        """Bounds of the question that ``name`` answers, and words that it is set to."""
        step = self.scope.flow.steps.get(name)
        if isinstance(step, Ask):
            yield from (b for b in (step.answer.min, step.answer.max) if b is not None and not isinstance(b, str))
        for other in self.scope.flow.steps.values():
            for mine, right in other.values if isinstance(other, Set) else ():
                if mine == name and not self.scope.is_name(right):
                    yield literal_of(right)

    def split(self, step: str, values: Values) -> Split:
        """The cases in which the condition of ``step`` holds, and those in which it does not. A condition that is not
        followed may hold or not."""
        tree = self.trees.get(step)
        if tree is not None and self.followed is not None and step not in self.followed:
            return [values], [values]
        return ([values], []) if tree is None else self._split(step, tree, values, _Count())

    def _split(self, step: str, tree: Tree, values: Values, count: _Count) -> Split:
        if isinstance(tree, Test):
            return self._test(step, tree, values, count.next())
        if isinstance(tree, Not):
            holds, fails = self._split(step, tree.part, values, count)
            return fails, holds
        both = isinstance(tree, Both)
        open_, shut = [values], list[Values]()
        for part in tree.parts:
            began, still = count.at, list[Values]()
            for case in open_:
                count.at = began
                holds, fails = self._split(step, part, case, count)
                still += holds if both else fails
                shut += fails if both else holds
            count.at = began + sum(1 for _ in tests(part))
            open_ = still[:] if len(still) <= MOST_CASES else [self.joined(still)]
        return (open_, shut) if both else (shut, open_)

    def _test(self, step: str, test: Test, values: Values, number: int) -> Split:
        place = self.place[full_name(test, self.names)]
        domain = self.domains[place]
        true = domain.true(test)
        if true is None:
            self.held.add((step, number))
            return [values], [values]
        here = values[place]
        holds = _with(values, place, here & true)
        fails = _with(values, place, here & ~true)
        if holds:
            self.held.add((step, number))
        return holds, fails

    def joined(self, cases: Iterable[Values]) -> Values:
        """One case that has all of these in it, and perhaps others."""
        found = [0] * len(self.domains)
        for case in cases:
            found = [mine | theirs for mine, theirs in zip(found, case, strict=True)]
        return tuple(found)


class _Count:
    """Numbers the tests of one condition from left to right."""

    def __init__(self) -> None:
        self.at = 0

    def next(self) -> int:
        self.at += 1
        return self.at - 1


def closed_inputs(step: Do, scope: Scope) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What this action is given where it takes only some words, with these words."""
    inputs = scope.subject.actions[step.action].inputs
    for name, right in step.inputs:
        if name in inputs and inputs[name].choices and scope.is_name(right):
            yield right, inputs[name].choices


def _of_item(tree: Tree, item: str) -> Tree:
    """A condition on the fields of an item, as one on the names of the flow."""
    if isinstance(tree, Test):
        return Test(f"{item}.{tree.name}", tree.operator, tree.values)
    if isinstance(tree, Not):
        return Not(_of_item(tree.part, item))
    return type(tree)(tuple(_of_item(part, item) for part in tree.parts))


def is_one_of(name: str, words: tuple[str, ...]) -> Test:
    return Test(name, "is", tuple(Written(word, quoted=True) for word in words))


def literal_of(word: str) -> Value:
    """What ``set`` makes of a word that is no name."""
    return int(word) if word.isdecimal() else word


def _comparable(value: Value) -> Value:
    return (value.minor, value.currency) if isinstance(value, Money) else value


def _with(values: Values, place: int, kinds: int) -> list[Values]:
    return [(*values[:place], kinds, *values[place + 1 :])] if kinds else []
