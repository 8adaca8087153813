"""What the back key forgets: the answer to each screen that it comes to."""

from __future__ import annotations

from flows.checks.graph import START, Edge
from flows.checks.knowing.scope import ASKING, Scope
from flows.model import Ask, Choose, Confirm, Do, Menu, Run

Tops = dict[str, frozenset[str]]


def forgotten_by_back(scope: Scope) -> dict[str, int]:
    """For each step the units (bits) that may be forgotten when it is come to by nothing but the back key."""
    tops = trail_tops(scope)
    own = {name: scope.bits(scope.reopened(name)) for name in tops}
    forgotten = dict.fromkeys(tops, 0)
    waiting = list(tops)
    while waiting:
        name = waiting.pop()
        if not isinstance(scope.flow.steps[name], (*ASKING, Run)):
            continue
        for top in tops[name]:
            found = forgotten[top] | forgotten[name] | own[top]
            if found != forgotten[top]:
                forgotten[top] = found
                waiting.append(top)
    return forgotten


def trail_tops(scope: Scope) -> Tops:
    """For each step the screens that can have been answered last.

    An effect that was done, and the answer to a confirmation, cannot be gone back behind.
    """
    tops: Tops = {name: frozenset() for name in scope.flow.steps}
    waiting = list(scope.flow.steps)
    while waiting:
        name = waiting.pop(0)
        for edge in scope.graph.after(name):
            if edge.target is None or edge.target not in tops or edge.step == START:
                continue
            found = tops[edge.target] | _behind(edge, tops[name], scope)
            if found != tops[edge.target]:
                tops[edge.target] = found
                waiting.append(edge.target)
    return tops


def _behind(edge: Edge, before: frozenset[str], scope: Scope) -> frozenset[str]:
    match scope.flow.steps[edge.step]:
        case Menu() | Ask() if edge.how.startswith(("option ", "way ")) or edge.how in ("next", "refused"):
            return frozenset({edge.step})
        case Choose() if edge.how == "next":
            return before | {edge.step}  # a single one was taken without asking
        case Confirm() if edge.how != "skipped":
            return frozenset()
        case Do(action=action) if edge.how.startswith("exit ") and edge.how != "exit unavailable":
            return frozenset() if scope.subject.actions[action].effect else before
    return before
