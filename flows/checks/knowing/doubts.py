"""Which conditions must be followed answer by answer, so that what is in doubt can be told."""

from __future__ import annotations

from flows.checks.knowing.cases import Ways
from flows.checks.knowing.conditions import closed_inputs
from flows.checks.knowing.missing import is_lacking, is_missing, stray_words
from flows.conditions.checking import full_name, tests
from flows.model import AnyStep, Do, End


def doubts(ways: Ways) -> frozenset[str]:
    """The steps that are in doubt, and all those whose conditions decide on it. Empty where nothing is in doubt.

    Conditions of other steps need no following: whether such a step is done or skipped, the way goes on at the same
    place with the same things known.
    """
    units = {ways.scope.unit(need.name) for step in _steps(ways) for need in ways.scope.needs(step)
             if is_missing(need, ways) or is_lacking(need, ways)}  # fmt: skip
    steps = {step.name for step in _steps(ways) if _is_doubtful(step, ways)}
    units |= {unit for unit, bit in ways.scope.units.items() if _at_some_end(bit, ways) and not ways.at_end & bit}
    if not steps and not units:
        return frozenset()
    while True:
        before = len(units)
        steps |= {name for name in ways.conditions.trees if _decides(name, units, ways)}
        units |= {ways.scope.unit(name) for step in steps for name in _asked(step, ways)}
        if len(units) == before:
            return frozenset(steps)


def _steps(ways: Ways) -> list[AnyStep]:
    return list(ways.scope.flow.steps.values())


def _is_doubtful(step: AnyStep, ways: Ways) -> bool:
    needs = ways.scope.needs(step)
    return any(is_missing(need, ways) or is_lacking(need, ways) for need in needs) or bool(stray_words(step, ways))


def _at_some_end(bit: int, ways: Ways) -> bool:
    ends = (step.name for step in _steps(ways) if isinstance(step, End))
    return ways.scope.is_run and any(case.may & bit for name in ends for case in ways.down.get(name, ()))


def _decides(name: str, units: set[str | None], ways: Ways) -> bool:
    """Whether it matters that this step is done and not skipped."""
    edges = ways.scope.graph.after(name)
    targets = {edge.target for edge in edges if edge.how != "third miss"}
    changes = {
        unit for edge in edges for unit in (*ways.scope.gives(name, edge.how), *ways.scope.loses(name, edge.how))
    }
    return len(targets) > 1 or bool(changes & units)


def _asked(name: str, ways: Ways) -> list[str]:
    """The names that the condition, the guards and the fixed words of a step ask about."""
    tree = ways.conditions.trees.get(name)
    found = [full_name(test, ways.conditions.names) for test in tests(tree)] if tree else []
    guards = [guard for (step, _), guard in ways.conditions.guards.items() if step == name]
    found += [test.name for guard in guards for test in tests(guard)]
    step = ways.scope.flow.steps[name]
    return found + [right for right, _ in closed_inputs(step, ways.scope)] if isinstance(step, Do) else found
