"""Which names of a flow hold something private: what was chosen or read behind the PIN, and what was made of it."""

from __future__ import annotations

from collections.abc import Mapping

from flows.checks.knowing import Scope
from flows.checks.subject import Subject
from flows.model import AnyStep, Choose, Do, Run, Set

BEHIND = {"pin", "code", "staff"}


def private_units(subject: Subject, scopes: Mapping[str, Scope]) -> dict[str, frozenset[str]]:
    """By flow, the units that may hold something private."""
    found: dict[str, frozenset[str]] = dict.fromkeys(scopes, frozenset())
    while True:
        again = {name: _in_flow(scope, found, subject) for name, scope in scopes.items()}
        if again == found:
            return found
        found = again


def _in_flow(scope: Scope, found: Mapping[str, frozenset[str]], subject: Subject) -> frozenset[str]:
    private = set(found[scope.flow.name])
    for step in scope.flow.steps.values():
        private |= _of(step, scope, found, subject)
    return frozenset(private & scope.units.keys())


def _of(step: AnyStep, scope: Scope, found: Mapping[str, frozenset[str]], subject: Subject) -> set[str]:
    match step:
        case Choose() if subject.sources[step.source.source].private:
            return {step.name, step.item}
        case Do() if BEHIND.issuperset(subject.actions[step.action].authority):
            return {f"{step.name}.{output}" for output in subject.actions[step.action].outputs}
        case Run():
            return {f"{step.name}.{unit}" for unit in found.get(step.flow, ())}
        case Set():
            mine = found[scope.flow.name]
            return {name for name, right in step.values if scope.is_name(right) and scope.unit(right) in mine}
    return set()
