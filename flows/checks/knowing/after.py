"""What is known when a step has been done and one of its ways is taken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from flows.checks.graph import Edge
from flows.checks.knowing.cases import Case
from flows.checks.knowing.conditions import Conditions, Values, literal_of
from flows.checks.knowing.domains import Domain
from flows.checks.knowing.scope import Scope
from flows.model import AnyStep, Ask, Do, Run, Set
from flows.values import Kind

Units = tuple[str, ...]


class After:
    """``ends``: what is known wherever the flows end that this one runs, by their names."""

    def __init__(self, scope: Scope, conditions: Conditions, ends: Mapping[str, frozenset[str]]) -> None:
        self.scope, self.conditions, self.ends = scope, conditions, ends
        self.unit_of = [scope.unit(domain.name) for domain in conditions.domains]

    def at_first(self) -> Values:
        """Of the flow's own names nothing is there; what every flow knows can be anything."""
        pairs = zip(self.conditions.domains, self.unit_of, strict=True)
        return tuple(domain.gone if unit else self._outside(domain) for domain, unit in pairs)

    def without(self, values: Values, units: Units) -> Values:
        """These units are forgotten."""
        pairs = zip(values, self.conditions.domains, self.unit_of, strict=True)
        return tuple(domain.gone if unit in units else mine for mine, domain, unit in pairs)

    def there(self, values: Values) -> int:
        """The units that are known by what a condition has told: ``only if: words is not empty``."""
        pairs = zip(values, self.conditions.domains, self.unit_of, strict=True)
        return self.scope.bits(tuple(unit for mine, domain, unit in pairs if unit and not mine & domain.gone))

    def edge(self, edge: Edge, done: Case) -> Case:
        """Where ``edge`` leads to when its step was done in the case ``done``."""
        step = self.scope.flow.steps[edge.step]
        lost, given = self.scope.loses(step.name, edge.how), self.scope.gives(step.name, edge.how)
        sure = self._sure(step, edge, given, done)
        if isinstance(step, Set):
            lost = tuple(name for name in given if name not in sure)
        bits = self.scope.bits
        known = done.known & ~bits(lost) | bits(sure)
        may = done.may & ~bits(lost) | bits(given)
        values = tuple(self._values(step, edge, done.values, (lost, given, sure)))
        return replace(done, values=values, known=known, may=may)

    def _sure(self, step: AnyStep, edge: Edge, given: Units, done: Case) -> Units:
        """Of what this way may give, that which it always does."""
        if isinstance(step, Run) and edge.how == "back":
            return tuple(unit for unit in given if unit.removeprefix(f"{step.name}.") in self.ends.get(step.flow, ()))
        if isinstance(step, Set):
            return tuple(name for name, right in step.values if name in given and self._is_there(right, done.known))
        return given

    def _is_there(self, right: str, known: int) -> bool:
        unit = self.scope.unit(right) if self.scope.is_name(right) else None
        return unit is None or bool(known & self.scope.units[unit])

    def _values(self, step: AnyStep, edge: Edge, values: Values, units: tuple[Units, Units, Units]) -> Iterator[int]:
        """For each watched name what it can be."""
        lost, given, sure = units
        for mine, domain, unit in zip(values, self.conditions.domains, self.unit_of, strict=True):
            if unit in given:
                there = unit in sure and (unit == domain.name or self._always_has(unit, domain.name))
                yield self._new(step, edge, domain) & (domain.there if there else -1)
            elif unit in lost:
                yield domain.gone
            elif unit is None and self._changes(step, domain.name):
                yield self._outside(domain)
            else:
                yield mine

    def _always_has(self, unit: str | None, name: str) -> bool:
        """Whether every item of a list has this field."""
        return unit in self.scope.records and self.scope.guard(name) is None

    def _new(self, step: AnyStep, edge: Edge, domain: Domain) -> int:
        word = edge.how.partition(" ")[2]
        if edge.how.startswith("option ") and domain.name == step.name:
            return domain.of(word)
        if isinstance(step, Ask) and domain.name == step.name:
            return self._answered(step, word, domain)
        if isinstance(step, Set):
            right = dict(step.values)[domain.name]
            return domain.everything if self.scope.is_name(right) else domain.of(literal_of(right))
        return domain.everything

    def _answered(self, step: Ask, word: str, domain: Domain) -> int:
        if not word:
            return domain.within(step.answer)
        return domain.of(word == "yes") if step.answer.kind is Kind.YES_NO else domain.of(word)

    def _changes(self, step: AnyStep, name: str) -> bool:
        """Whether something that every flow knows can be another after this step."""
        if isinstance(step, Set):
            return any(mine == name for mine, _ in step.values)
        return isinstance(step, Run | Do) and name.startswith(("client.", "contact."))

    def _outside(self, domain: Domain) -> int:
        """What something that every flow knows can be."""
        if domain.name == "client.known" and self.scope.flow.who != "anyone":
            return domain.of(self.scope.flow.who != "unknown number")
        return domain.everything
