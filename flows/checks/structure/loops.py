"""Does every loop wait for the client, and can the client leave it? Does a turn stay within what the engine walks?"""

from __future__ import annotations

from collections.abc import Iterator

from flows.checks.graph import Edge, Graph
from flows.checks.structure.silent import Silence
from flows.checks.subject import Subject
from flows.engine import MAX_ACTIONS, MAX_STEPS
from flows.faults import Fault, listed
from flows.model import AnyStep, Ask
from flows.values import Kind

_OF_THE_WORLD = ("exit ", "none", "unavailable", "not here", "not carried", "third miss", "timeout")  # nobody's answer
_FIGURES = (Kind.NUMBER, Kind.MONEY, Kind.RATING)


def findings(subject: Subject) -> Iterator[Fault]:
    silence = Silence(subject)
    for name, graph in subject.graphs.items():
        endless = list(_never_waits(silence.graph(name), subject))
        yield from endless or _long_walks(graph, silence, subject)
        yield from _cannot_leave(graph, subject)


def _never_waits(silent: Graph, subject: Subject) -> Iterator[Fault]:
    for loop in silent.components():
        steps = [step for step in silent.flow.steps if step in loop]
        message = f"This can go round and round without asking the client anything ({listed(steps)})."
        fix = "Put a question on the way round, or lead to another step: a call in such a circle is broken off."
        yield subject.faults(silent.flow).error(steps[0], "structure.never_waits", message, fix)


def _long_walks(graph: Graph, silence: Silence, subject: Subject) -> Iterator[Fault]:
    """The first step from which too much follows in one turn."""
    walks = silence.walks(graph.flow.name)
    for step in graph.flow.steps:
        steps, asked = walks[step]
        said = f"{steps} steps" if steps > MAX_STEPS else f"{asked} actions and lists" if asked > MAX_ACTIONS else ""
        if said:
            most = MAX_STEPS if steps > MAX_STEPS else MAX_ACTIONS
            message = (
                f"From here {said} can follow one another without a question; after {most} the call is broken off."
            )
            fix = "Ask the client something on the way, or do with fewer."
            yield subject.faults(graph.flow).error(step, "structure.long_walk", message, fix)
            return


def _cannot_leave(graph: Graph, subject: Subject) -> Iterator[Fault]:
    """A loop that only the world can end: the wrong code again and again. The home key leaves it where it is one."""
    home = subject.institution.keys.home
    for loop in graph.components():
        steps = [step for step in graph.flow.steps if step in loop]
        asked = [graph.flow.steps[step] for step in steps if graph.waits(step)]
        if asked and not _left(graph, loop) and all(_may_answer(step, home) for step in asked):
            message = f"Whoever goes round here ({listed(steps)}) cannot leave: {home} is an answer to each question."
            fix = "Let one of the answers lead away, or choose another key for home."
            yield subject.faults(graph.flow).error(steps[0], "structure.cannot_leave", message, fix)


def _left(graph: Graph, loop: frozenset[str]) -> bool:
    """Whether an answer of the client leads out."""
    ways: list[Edge] = [edge for step in loop for edge in graph.after(step)]
    return any(edge.target not in loop and not edge.how.startswith(_OF_THE_WORLD) for edge in ways)


def _may_answer(step: AnyStep, key: str) -> bool:
    """Whether a reserved key may be an answer here (its bounds may still say no)."""
    if not isinstance(step, Ask) or not key.isdecimal():
        return False
    fewest, most = step.answer.digits
    is_secret = step.answer.kind is Kind.SECRET and fewest <= len(key) <= most
    return is_secret or (step.answer.kind in _FIGURES and not _led_by_nought(key))


def _led_by_nought(key: str) -> bool:
    return key.startswith("0") and len(key) > 1
