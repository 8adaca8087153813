"""Is every step come to, and does every step lead to an end?"""

from __future__ import annotations

from collections.abc import Iterator

from flows.checks.graph import Edge, Graph
from flows.checks.subject import Subject
from flows.faults import Fault, listed
from flows.model import Choose, Split


def findings(subject: Subject) -> Iterator[Fault]:
    for graph in subject.graphs.values():
        yield from _unreachable(graph, subject)
        yield from _no_way_out(graph, subject)
        yield from _not_yet(graph, subject)


def _unreachable(graph: Graph, subject: Subject) -> Iterator[Fault]:
    """The first step of each part that no way leads to; what only that part leads to goes without saying."""
    seen = graph.reachable()
    for step in graph.flow.steps:
        if step in seen:
            continue
        seen |= graph.reachable(step)
        message = "No way leads to this step, so nobody will ever see it."
        fix = f'Lead to it with "go to: {step}", or take it away.'
        yield subject.faults(graph.flow).error(step, "structure.unreachable", message, fix)


def _no_way_out(graph: Graph, subject: Subject) -> Iterator[Fault]:
    """One finding a loop: whoever is in it stays in it."""
    ends = graph.to_end()
    for loop in graph.components():
        steps = [step for step in graph.flow.steps if step in loop]
        if ends.isdisjoint(loop - _alone(graph, steps)) and all(
            edge.target in {None, *loop} for edge in _ways(graph, steps)
        ):
            message = f"From here the client goes round for ever ({listed(steps)}): no answer leads to an end."
            key = subject.institution.keys.home
            fix = f'Let one of these steps "go to" a step with "end". (The key {key} leaves a flow, but few know it.)'
            yield subject.faults(graph.flow).error(steps[0], "structure.no_way_out", message, fix)


def _ways(graph: Graph, steps: list[str]) -> Iterator[Edge]:
    for step in steps:
        alone = _alone(graph, steps)
        yield from (edge for edge in graph.after(step) if not (step in alone and edge.how == "skipped"))


def _alone(graph: Graph, steps: list[str]) -> set[str]:
    """A step that leads to itself, and does not ask about itself: where it was done once, it is never skipped."""
    only_if = graph.flow.steps[steps[0]].only_if
    named = {name.partition(".")[0] for name in only_if.names} if only_if else {steps[0]}
    return set(steps) - named if len(steps) == 1 else set()


def _not_yet(graph: Graph, subject: Subject) -> Iterator[Fault]:
    if graph.flow.acting_for is not None:
        message = '"acting for" does nothing in this release yet: whoever calls would act, and pay, for themselves.'
        fix = "Take that line away for now, or keep the flow out of the folder."
        yield subject.faults(graph.flow).error(None, "structure.not_yet", message, fix)
    for step in graph.flow.steps.values():
        if isinstance(step, Split):
            message = "Amounts over a list cannot be asked for in this release yet: the call would end with an apology."
            fix = "Take this step away for now, or keep the flow out of the folder."
            yield subject.faults(graph.flow).error(step.name, "structure.not_yet", message, fix)
        if isinstance(step, Choose) and step.source.where is not None:
            message = (
                f'"where {step.source.where[0]} is …" does nothing in this release yet: the whole list would be shown.'
            )
            fix = f"Write from: {step.source.source}, or keep the flow out of the folder."
            yield subject.faults(graph.flow).error(step.name, "structure.not_yet", message, fix)
