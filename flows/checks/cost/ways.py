"""From the beginning of a flow to each of its ends: the shortest way, what is to be expected, and the longest.

- The shortest way is exact.
- What is to be expected takes each answer to be as likely as the others, or as often as ``shares`` say it was given;
  what fails is rare, a condition of the record holds as it does with usual values, and nobody goes round a loop twice.
- The longest way takes every step of a loop once, in whatever order they stand: it is at least as long as any way that
  goes round at most once.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping

from flows.checks.cost.effort import NOTHING, Effort
from flows.checks.graph import START, THIRD_MISS, Edge, Graph
from flows.checks.shown.before import order

Part = tuple[str, ...]  # steps that lead to one another, or one alone
Of = Callable[[Edge], Effort]
Share = Callable[[Edge], float]
IGNORED = (THIRD_MISS, "timeout", "not here")
RARE = 0.01  # how often something fails, beside ways on which nothing does


class Roads(Graph):
    """The ways that are looked at: neither wrong answers nor silence, nor what is ``closed`` on a channel."""

    def __init__(self, graph: Graph, closed: Callable[[Edge], bool] = lambda _: False) -> None:
        self.__dict__.update(graph.__dict__)
        self._roads = {
            step: tuple(edge for edge in graph.after(step) if edge.how not in IGNORED and not closed(edge))
            for step in (START, *graph.flow.steps)
        }

    def after(self, step: str) -> tuple[Edge, ...]:
        return self._roads[step]


def shortest(graph: Roads, of: Of) -> dict[str, Effort]:
    """To each step, by seconds."""
    found: dict[str, Effort] = {}
    waiting: list[tuple[float, int, str, Effort]] = [(0, 0, START, NOTHING)]
    number = 0
    while waiting:
        _, _, step, effort = heapq.heappop(waiting)
        if step in found:
            continue
        found[step] = effort
        for edge in graph.after(step):
            if edge.target is not None and edge.target not in found:
                number += 1
                there = effort + of(edge)
                heapq.heappush(waiting, (there.seconds, number, edge.target, there))
    return found


def expected(graph: Roads, of: Of, share: Share) -> dict[str, tuple[float, Effort]]:
    """To each step: how many of those who begin come there, and what it takes of them."""
    place = {step: number for number, step in enumerate((START, *order(graph)))}
    came: dict[str, float] = {START: 1.0}
    spent: dict[str, Effort] = {START: NOTHING}
    for step, here in place.items():
        edges = [edge for edge in graph.after(step) if edge.target is None or place[edge.target] > here]
        whole = sum(map(share, edges)) or 1.0
        for edge in edges:
            if edge.target is not None:
                part = came[step] * share(edge) / whole
                came[edge.target] = came.get(edge.target, 0.0) + part
                more = spent[step].times(share(edge) / whole) + of(edge).times(part)
                spent[edge.target] = spent.get(edge.target, NOTHING) + more
    return {step: (mass, spent[step].times(1 / mass)) for step, mass in came.items() if mass}


def longest(graph: Roads, of: Of) -> dict[str, Effort]:
    """To each step, with every step of a loop on the way taken once."""
    part: dict[str, Part] = {step: (step,) for step in (START, *graph.flow.steps)}
    for loop in graph.components():
        part.update(dict.fromkeys(loop, tuple(sorted(loop))))
    inside = {name: _sum(graph, name, of) for name in set(part.values())}
    found: dict[Part, Effort] = {part[START]: NOTHING}
    for name in _parts_in_order(graph, part):
        here = found.get(name)
        if here is None:
            continue
        for step in name:
            for edge in graph.after(step):
                if edge.target is not None and part[edge.target] != name:
                    there = here + (inside[name] if len(name) > 1 else of(edge))
                    best = found.get(part[edge.target])
                    if best is None or there.seconds > best.seconds:
                        found[part[edge.target]] = there
    return {
        step: found[name] + (inside[name] if len(name) > 1 else NOTHING) for step, name in part.items() if name in found
    }


def _sum(graph: Roads, steps: Part, of: Of) -> Effort:
    whole = NOTHING
    for step in steps:
        whole += max((of(edge) for edge in graph.after(step)), key=lambda effort: effort.seconds, default=NOTHING)
    return whole


def _parts_in_order(graph: Roads, part: Mapping[str, Part]) -> list[Part]:
    """Each after all that lead to it (Kahn's way)."""
    leads: dict[Part, set[Part]] = {name: set() for name in part.values()}
    for step, name in part.items():
        leads[name] |= {part[edge.target] for edge in graph.after(step) if edge.target} - {name}
    before = dict.fromkeys(leads, 0)
    for targets in leads.values():
        for target in targets:
            before[target] += 1
    ready = [name for name, count in before.items() if not count]
    for name in ready:
        for target in leads[name]:
            before[target] -= 1
            if not before[target]:
                ready.append(target)
    return ready
