"""What is paid is what was agreed to, and in the call in which it was."""

from __future__ import annotations

from collections.abc import Iterator

from flows.checks.graph import Graph
from flows.checks.subject import Faults, Subject
from flows.faults import Fault
from flows.model import Ask, Choose, Confirm, Do, Flow, Menu, Set

_WAIT = (Menu, Ask, Choose)


def findings(subject: Subject) -> Iterator[Fault]:
    for flow in subject.flows.values():
        between = dict(_between(flow, subject))
        for step, confirm in between.items():
            yield from _changed(flow, step, confirm, subject.faults(flow))
            yield from _redial(flow, step, confirm, subject.faults(flow))


def _between(flow: Flow, subject: Subject) -> Iterator[tuple[str, Confirm]]:
    """The steps that can lie between a yes and the payment that it agreed to."""
    graph = subject.graphs[flow.name]
    collecting = {s.name for s in flow.steps.values() if isinstance(s, Do) and subject.actions[s.action].collects}
    for confirm in flow.steps.values():
        if isinstance(confirm, Confirm) and collecting:
            yes = [edge.target for edge in graph.after(confirm.name) if edge.how == "yes" and edge.target]
            for name in _onward(graph, yes, collecting) - collecting:
                if _onward(graph, [name], collecting) & collecting:
                    yield name, confirm


def _onward(graph: Graph, start: list[str], collecting: set[str]) -> set[str]:
    """All steps from here to where money is collected, or agreed to anew."""
    found: set[str] = set()
    waiting = list(start)
    while waiting:
        name = waiting.pop()
        if name not in found and not isinstance(graph.flow.steps[name], Confirm):
            found.add(name)
            waiting += [e.target for e in graph.after(name) if e.target] if name not in collecting else []
    return found


def _changed(flow: Flow, name: str, confirm: Confirm, faults: Faults) -> Iterator[Fault]:
    """An answer that was shown is given anew: what is texted later would not be what was agreed to."""
    step = flow.steps[name]
    shown = {part for text in (*confirm.text.names, *(right for _, right in confirm.payment)) for part in _roots(text)}
    anew = {name}
    if isinstance(step, Choose):
        anew.add(step.item)
    if isinstance(step, Set):
        anew = {one for one, _ in step.values}
    for one in sorted(anew & shown) if isinstance(step, (*_WAIT, Set)) else ():
        message = (
            f'"{one}" changes here, after the client has agreed at "{confirm.name}" to a payment that shows it. '
            "What is paid is what was agreed to, and the texts about it would say something else."
        )
        yield faults.error(name, "safety.changed_after_yes", message, f'Ask for it before "{confirm.name}".')


def _roots(name: str) -> tuple[str, ...]:
    return name, name.partition(".")[0]


def _redial(flow: Flow, name: str, confirm: Confirm, faults: Faults) -> Iterator[Fault]:
    """A new call must not go on between the yes and the payment."""
    step = flow.steps[name]
    policy = step.redial or flow.redial
    if isinstance(step, _WAIT) and policy in ("continue", "ask"):
        message = (
            f'A new call can go on here, and money moves that was agreed to at "{confirm.name}" in the one before.'
        )
        yield faults.error(name, "safety.redial_into_payment", message, "Write redial: restart at this step.")
