"""Every name that a step cannot do without is there, on every way to it, and with the back key too."""

from __future__ import annotations

from collections.abc import Iterator

from flows.checks.graph import NOT_CARRIED, Edge
from flows.checks.knowing import Both, Case, Need, Ways
from flows.checks.knowing.cases import BACK, RETURN
from flows.checks.knowing.missing import is_lacking, is_missing
from flows.checks.meaning.guarding import guard, sentence
from flows.checks.subject import Faults
from flows.faults import Fault
from flows.model import Ask
from flows.values import Kind

_WHY = {
    "shown": "These words could not be filled in, and the call would break off.",
    "given": 'The action would not be done, and the client would read "try again later".',
    "paid": 'Nothing could be paid, and the client would read "try again later".',
    "bound": "Any answer would be taken.",
}
MOST_SAID = 4  # steps of a way that a message names


def findings(both: Both, faults: Faults) -> Iterator[Fault]:
    """What was known in the rough is known; of the rest more is known where answers were followed one by one."""
    if both.fine is None:
        return
    for step in both.rough.scope.flow.steps.values():
        needs = {need.name: need for need in reversed(both.rough.scope.needs(step))}
        for need in needs.values():
            fault = None
            if is_missing(need, both.rough):
                fault = _missing(need, both.fine, faults)
            if fault is None and is_lacking(need, both.rough):
                fault = _lacking(need, both.fine, faults)
            if fault:
                yield fault


def _missing(need: Need, ways: Ways, faults: Faults) -> Fault | None:
    without = is_missing(need, ways)
    sure = next((case for case in without if not case.joined), None)
    if sure is None:
        return _too_many(need, faults) if without else None
    return (
        _lost(need, sure, ways, faults) if sure.again or _is_after(sure, ways) else _not_known(need, sure, ways, faults)
    )


def _is_after(case: Case, ways: Ways) -> bool:
    """Whether the back key, or another day, lies on the way to here."""
    return any(edge.how in (BACK, RETURN) for edge in ways.way_to(case))


def _lacking(need: Need, ways: Ways, faults: Faults) -> Fault | None:
    """Not every account has every amount."""
    without = is_lacking(need, ways)
    if not without or all(case.joined for case in without):
        return _too_many(need, faults) if without else None
    message = f'Not every item of its list has "{need.name}", and a client may have chosen one that has none. '
    fix = sentence(_guard(need, ways))
    return faults.error(need.step, "meaning.lacking", message + _WHY[need.how], fix, need.line)


def _not_known(need: Need, case: Case, ways: Ways, faults: Faults) -> Fault:
    unit = ways.scope.unit(need.name) or need.name
    if ways.scope.kinds.get(unit) is Kind.SECRET:
        message = f'"{need.name}" is not there any more, or not yet: what is secret is forgotten at the next screen.'
        fix = f'Give it to the action right after it was asked for ("{unit}"), before any other screen.'
        return faults.error(need.step, "meaning.secret_gone", message, fix, need.line)
    giver = ways.scope.flow.steps.get(unit)
    if isinstance(giver, Ask) and any(edge == Edge(unit, NOT_CARRIED, edge.target) for edge in ways.way_to(case)):
        return _not_carried(need, giver, ways, faults)
    ever = any(one.may & ways.scope.units[unit] for one in ways.down.get(need.step, ()))
    how = "on every way to this step" if ever else "yet at this step"
    message = f'"{need.name}" is not known {how}. {_by(ways.way_to(case))}{_WHY[need.how]}'
    return faults.error(need.step, "meaning.not_known", message, _fix(need, unit, ways, ever), need.line)


def _not_carried(need: Need, asked: Ask, ways: Ways, faults: Faults) -> Fault:
    profiles = ways.scope.subject.profiles.values()
    deaf = " and ".join(sorted({one.kind for one in profiles if one.carries.isdisjoint(asked.answer.of)}))
    sent = " or ".join(asked.answer.of)
    message = f'On {deaf} no {sent} can be sent: "{asked.name}" is not asked there, and is empty. '
    fix = sentence(_guard(need, ways))
    return faults.error(need.step, "meaning.not_carried", message + _WHY[need.how], fix, need.line)


def _fix(need: Need, unit: str, ways: Ways, ever: bool) -> str:
    giver = next((e.step for e in ways.scope.graph.edges if unit in ways.scope.gives(e.step, e.how)), unit)
    if not ever:
        return f'Move this step below "{giver}", or lead every way past "{giver}" first.'
    step = ways.scope.flow.steps.get(giver)
    if isinstance(step, Ask) and not step.answer.required:
        return f'"{giver}" may be left without an answer: {_guard(need, ways)}'
    return f'Lead every way past "{giver}". Or {_guard(need, ways)}'


def _guard(need: Need, ways: Ways) -> str:
    return guard(ways.scope.flow.steps[need.step], need.name, need.how == "shown")


def _lost(need: Need, case: Case, ways: Ways, faults: Faults) -> Fault:
    way = ways.way_to(case)
    if any(edge.how == RETURN for edge in way):
        message = f'"{need.name}" is not known any more when an invited client goes on with this survey another day. '
        fix = f"Find it out behind the questions. Or {_guard(need, ways)}"
        return faults.error(need.step, "meaning.lost_by_return", message + _WHY[need.how], fix, need.line)
    message = f'"{need.name}" is forgotten when a client goes back behind it with the back key and comes here again. '
    fix = f"Do not lead back to a question that was asked. Or {_guard(need, ways)}"
    return faults.error(need.step, "meaning.lost_by_back", f"{message}{_by(way)}{_WHY[need.how]}", fix, need.line)


def _too_many(need: Need, faults: Faults) -> Fault:
    message = (
        f'Whether "{need.name}" is known on every way to this step cannot be told: there are too many cases to follow.'
    )
    fix = "Split this flow into several, or have fewer conditions that depend on earlier answers."
    return faults.warning(need.step, "meaning.too_many_cases", message, fix, need.line)


def _by(edges: list[Edge]) -> str:
    """One way, by what can be chosen on it."""
    told = [edge for edge in edges if edge.how not in ("start", "next", "back")]
    said = [f"{edge.step} ({edge.how})" if edge.step else edge.how for edge in told]
    if not said:
        return ""
    more = "… " if len(said) > MOST_SAID else ""
    return f"One way without it: {more}{', '.join(said[-MOST_SAID:])}. "
