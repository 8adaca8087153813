"""What a step lacks in some of the cases in which it is done."""

from __future__ import annotations

from flows.checks.knowing.cases import Case, Ways
from flows.checks.knowing.conditions import closed_inputs, is_one_of
from flows.checks.knowing.scope import Need
from flows.model import AnyStep, Do


def is_missing(need: Need, ways: Ways) -> list[Case]:
    """The cases in which what is needed is not known; those on the way down first."""
    unit = ways.scope.unit(need.name)
    bit = ways.scope.units[unit] if unit else 0
    found = [*ways.down.get(need.step, ()), *ways.done.get(need.step, {}).values()]
    return [case for case in found if bit & ~case.known]


def is_lacking(need: Need, ways: Ways) -> list[Case]:
    """The cases in which the chosen item may not have the field that is needed."""
    cases = ways.down.get(need.step, ())
    return [case for case in cases if ways.conditions.lacks(need.step, need.name, case.values)]


def stray_words(step: AnyStep, ways: Ways) -> list[tuple[str, tuple[str, ...], Case]]:
    """What an action is given that it may not take, and what it takes."""
    found = []
    for right, choices in closed_inputs(step, ways.scope) if isinstance(step, Do) else ():
        place = ways.conditions.place[right]
        domain = ways.conditions.domains[place]
        taken = domain.true(is_one_of(right, choices))
        for case in ways.down.get(step.name, ()):
            if taken is not None and case.values[place] & domain.there & ~taken:
                found.append((right, choices, case))
    return found
