"""Nothing is written that can never come about: conditions, steps and answers that no client will ever meet."""

from __future__ import annotations

from collections.abc import Iterator

from flows.checks.graph import START, THIRD_MISS
from flows.checks.knowing import Ways
from flows.checks.knowing.missing import stray_words
from flows.checks.subject import Faults
from flows.conditions.checking import full_name, tests
from flows.conditions.tree import Test
from flows.faults import Fault, listed
from flows.model import AnyStep, Ask, Do

_SAID = {
    "least": "at least",
    "most": "at most",
    "more": "more than",
    "less": "less than",
    "empty": "is empty",
    "filled": "is not empty",
}


def findings(ways: Ways, faults: Faults) -> Iterator[Fault]:
    ever = {step for step, _ in ways.cases}  # with the back key, and on another day
    steps = ways.scope.flow.steps.values()
    closed = [fault for step in steps for fault in _bounds(step, faults)]
    yield from closed
    for step in steps if not closed else ():  # nobody comes past a question that takes no answer
        if step.name in ways.visited:
            yield from _condition(step, ways, faults)
        elif step.name not in ever and _is_first_lost(step.name, ways):
            message = "No client ever comes to this step: what stands before it always leads elsewhere or ends."
            fix = "Take the step away, or mend the conditions before it."
            yield faults.error(step.name, "meaning.never_reached", message, fix)


def _is_first_lost(name: str, ways: Ways) -> bool:
    """Whether a step that is done leads here, but never does. (What no step leads to, structure tells.)"""
    edges = [edge for edge in ways.scope.graph.before(name) if edge.how != THIRD_MISS]
    return any(edge.step != START and edge.step in ways.down for edge in edges) or any(
        edge.step in ways.visited and edge.how == "skipped" and edge.step not in ways.down for edge in edges
    )


def _condition(step: AnyStep, ways: Ways, faults: Faults) -> Iterator[Fault]:
    tree = ways.conditions.trees.get(step.name)
    if tree is None or step.only_if is None:
        return
    never = [test for number, test in enumerate(tests(tree)) if not _held(step.name, number, test, ways)]
    for test in never:
        if _is_told(step.name, test, ways):
            continue
        message, fix = _why(step.name, test, ways)
        yield faults.error(step.name, "meaning.never_true", message, fix)
    if step.name not in ways.down and not never:
        message = f'"{step.only_if.source}" can never hold as a whole when a client comes here.'
        fix = "Its parts exclude one another, or what was answered before does. Change it, or take the step away."
        yield faults.error(step.name, "meaning.never_true", message, fix)


def _held(step: str, number: int, test: Test, ways: Ways) -> bool:
    """Whether it is true of something. An answer may be empty by the back key only, or on another day."""
    held = ways.conditions.held if test.operator == "empty" else ways.held
    return (step, number) in held


def _is_told(step: str, test: Test, ways: Ways) -> bool:
    """Whether it is asked about the answer of a step above that is itself never done: that is told there."""
    asked = ways.scope.unit(full_name(test, ways.conditions.names)) or ""
    order = list(ways.scope.flow.steps)
    above = asked in order[: order.index(step)]
    return above and asked in ways.visited and asked not in ways.down


def _why(step: str, test: Test, ways: Ways) -> tuple[str, str]:
    name = full_name(test, ways.conditions.names)
    domain = ways.conditions.domains[ways.conditions.place[name]]
    values = f" {' or '.join(value.text for value in test.values)}" if test.values else ""
    if test.operator == "between":
        values = f" {' and '.join(value.text for value in test.values)}"
    said = f"{test.name} {_SAID.get(test.operator, test.operator)}{values}"
    if domain.true(test) == 0:
        return f'"{said}" can never be true, whatever is answered.', "Compare it with a value that it can have."
    unit, place = ways.scope.unit(name), ways.conditions.place[name]
    here = [values[place] for (name, _), values in ways.here.items() if name == step]
    if unit and all(kinds == domain.gone for kinds in here):
        message = f'"{said}" can never be true here: "{unit}" is not known yet when a client comes here.'
        return message, "Ask about it further down, or about something that is known by now."
    asked = ways.scope.flow.steps.get(name)
    if isinstance(asked, Ask) and not domain.within(asked.answer) & (domain.true(test) or 0):
        message = f'"{said}" can never be true: no such answer is taken at "{name}".'
        return message, "Compare it with an answer that is taken there."
    message = f'"{said}" can never be true here, by what was answered and decided before.'
    return message, "Compare it with a value that it can still have here, or take the condition away."


def stray(ways: Ways, faults: Faults) -> Iterator[Fault]:
    """What an action is given is one of the words that it takes."""
    for step in ways.scope.flow.steps.values():
        if not isinstance(step, Do):
            continue
        strays = {right: choices for right, choices, case in stray_words(step, ways) if not case.joined}
        for right, choices in strays.items():
            message = f'"{right}" can be something that "{step.action}" does not take: it takes {listed(choices)}.'
            fix = "Lead the other answers elsewhere, or have no others."
            yield faults.error(step.name, "meaning.input_word", message, fix)


def _bounds(step: AnyStep, faults: Faults) -> Iterator[Fault]:
    if not isinstance(step, Ask) or isinstance(step.answer.min, str) or isinstance(step.answer.max, str):
        return
    low, high = step.answer.min, step.answer.max
    if low is not None and high is not None and low > high:
        message = "No answer can be right: the least that is taken is more than the most."
        yield faults.error(step.name, "meaning.no_answer", message, 'Change "min" or "max".')
