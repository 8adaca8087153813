"""What is private is shown to whom it belongs, and to nobody who only holds the phone."""

from __future__ import annotations

from collections.abc import Iterator

from flows.checks.knowing import Case, Scope, ways_of
from flows.checks.safety.proofs import Shown
from flows.checks.safety.traces import private_units
from flows.checks.subject import Subject
from flows.faults import Fault
from flows.model import AnyStep, Ask, Choose, Do, Flow, Menu, Split
from flows.values import Kind
from flows.words.quoted import texts_in

OWN = ("client.number", "client.stage")  # a client number proves who one is; a stage tells of arrears
ARREARS = ("due", "due_on", "overdue", "balance", "payoff")
NOT_BY_SMS = (Kind.MONEY, Kind.DATE, Kind.NUMBER, Kind.LIST)


def findings(subject: Subject) -> Iterator[Fault]:
    shown, ways = Shown(subject), ways_of(subject)
    private = private_units(subject, {name: both.rough.scope for name, both in ways.items()})
    for name, flow in subject.flows.items():
        scope = ways[name].rough.scope
        for step in flow.steps.values():
            yield from _before_pin(flow, step, shown, subject)
            yield from _arrears(flow, step, subject)
            yield from _told(flow, step, (scope, private[name]), subject)
        yield from _after_redial(flow, (scope, private[name]), ways[name].rough.down, subject)


def _before_pin(flow: Flow, step: AnyStep, shown: Shown, subject: Subject) -> Iterator[Fault]:
    ways = shown.at[flow.name].get(step.name, set())
    if all(proofs & {"pin", "code"} for proofs in ways):
        return
    named = {name for text in texts_in(step) for name in text.names} | set(step.only_if.names if step.only_if else ())
    for name in OWN:
        if name in named:
            message = (
                f'"{name}" is private, and this step can be come to without the PIN: whoever holds the phone learns it.'
            )
            fix = "Write who: client with PIN, or take it away here."
            yield subject.faults(flow).error(step.name, "safety.private", message, fix)


def _arrears(flow: Flow, step: AnyStep, subject: Subject) -> Iterator[Fault]:
    """What somebody else owes."""
    others = {item for other in flow.steps.values() for item in _of_others(other)}
    named = sorted({name for text in texts_in(step) for name in text.names})
    for name in named:
        item, _, field = name.partition(".")
        if item in others and field in ARREARS:
            message = f'"{name}" is what somebody else owes: it is told to who must pay it, and to nobody beside.'
            fix = "Show what was agreed to be paid, or take it away here."
            yield subject.faults(flow).error(step.name, "safety.arrears", message, fix)


def _of_others(step: AnyStep) -> tuple[str, ...]:
    if isinstance(step, Split):
        return () if step.over.startswith("my.") else (step.each,)
    if isinstance(step, Choose) and not step.source.source.startswith("my."):
        return step.item, step.name
    return ()


def _told(flow: Flow, step: AnyStep, known: tuple[Scope, frozenset[str]], subject: Subject) -> Iterator[Fault]:
    """By way of another name, too. (What is named as it was chosen, the loader tells.)"""
    scope, private = known
    chosen = {root for s in flow.steps.values() if isinstance(s, Choose) for root in (s.name, s.item)}
    for _, text in step.later if isinstance(step, Do) else ():
        for name in text.names:
            unit = scope.unit(name)
            if unit in private and unit not in chosen and scope.kinds.get(name) in NOT_BY_SMS:
                message = f'"{name}" is private, and this is sent by SMS: others may read it.'
                fix = "Take it away here: a text tells the amount and the receipt of a payment."
                yield subject.faults(flow).error(step.name, "safety.told_private", message, fix, text.line)


def _after_redial(
    flow: Flow, known: tuple[Scope, frozenset[str]], down: dict[str, list[Case]], subject: Subject
) -> Iterator[Fault]:
    """Where a new call goes on in a flow that does not ask for the PIN, nobody has typed it in that call."""
    scope, private = known
    bits = scope.bits(tuple(private))
    if flow.who == "client with PIN" or not bits:
        return
    for step in flow.steps.values():
        goes_on = (step.redial or flow.redial) in ("continue", "ask") and isinstance(step, Menu | Ask | Choose)
        if goes_on and any(case.may & bits for case in down.get(step.name, ())):
            named = _first_named(flow, step.name, scope, private)
            if named:
                message = (
                    f'A new call can go on here, and then shows "{named}" without the PIN having been typed in it.'
                )
                fix = "Write redial: restart, or who: client with PIN."
                yield subject.faults(flow).error(step.name, "safety.redial_private", message, fix)


def _first_named(flow: Flow, step: str, scope: Scope, private: frozenset[str]) -> str | None:
    reached = [name for name in flow.steps if name == step or name in scope.graph.reachable(step)]
    names = (need.name for name in reached for need in scope.needs(flow.steps[name]) if need.how == "shown")
    return next((name for name in names if scope.unit(name) in private), None)
