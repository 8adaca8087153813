"""Which watched names are still asked about, so that cases which nothing later tells apart are followed as one."""

from __future__ import annotations

from flows.checks.knowing.conditions import Conditions, closed_inputs
from flows.checks.knowing.scope import Scope
from flows.conditions.checking import full_name, tests
from flows.model import Do

Live = dict[str, frozenset[int]]


def live_names(scope: Scope, conditions: Conditions) -> Live:
    """For each step the places of the names that it, or a step after it, may ask about before they are known anew."""
    followed = conditions.followed or ()
    asked = {
        name: _asked(name, scope, conditions) if name in followed else frozenset[int]() for name in scope.flow.steps
    }
    onward = {name: _onward(name, scope, conditions) for name in scope.flow.steps}
    behind: dict[str, set[str]] = {name: set() for name in scope.flow.steps}
    for name, targets in onward.items():
        for target, _ in targets:
            behind[target].add(name)
    live: Live = {name: frozenset() for name in scope.flow.steps}
    waiting = list(reversed(scope.flow.steps))
    while waiting:
        name = waiting.pop(0)
        found = asked[name].union(*(live[target] - anew for target, anew in onward[name]))
        if found != live[name]:
            live[name] = found
            waiting += behind[name]
    return live


def _asked(name: str, scope: Scope, conditions: Conditions) -> frozenset[int]:
    step = scope.flow.steps[name]
    tree = conditions.trees.get(name)
    names = [full_name(test, conditions.names) for test in tests(tree)] if tree else []
    names += [test.name for (asking, _), guard in conditions.guards.items() if asking == name for test in tests(guard)]
    names += [right for right, _ in closed_inputs(step, scope)] if isinstance(step, Do) else []
    return frozenset(conditions.place[one] for one in names)


def _onward(name: str, scope: Scope, conditions: Conditions) -> list[tuple[str, frozenset[int]]]:
    """Each step that can follow, with the names that are known anew by then."""
    found = []
    for edge in scope.graph.after(name):
        if edge.target in scope.flow.steps and edge.target is not None:
            anew = {*scope.gives(name, edge.how), *scope.loses(name, edge.how)}
            found.append((edge.target, frozenset(n for d, n in conditions.place.items() if scope.unit(d) in anew)))
    return found
