"""Which box stands in which layer, and in which order: arrows lead downwards, and cross each other seldom.

The boxes are in the even layers, the words on the arrows in the odd ones between them; an arrow that passes a layer has
a place of its own there (Sugiyama, Tagawa and Toda, 1981). An arrow back up leaves its layer to the right.
"""

from __future__ import annotations

import itertools
from bisect import bisect_right, insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from flows.checks.graph import START, postorder
from flows.drawing.picture import Arrow

SWEEPS: Final = 12


@dataclass(eq=False, slots=True)
class Node:
    """Something that takes a place in a layer. ``x`` is its middle, ``y`` its top."""

    kind: Literal["box", "label", "bend"]
    layer: int
    name: str = ""  # of the step, for a box
    lines: tuple[str, ...] = ()  # of a label
    wide: float = 0
    high: float = 0
    x: float = 0
    y: float = 0


@dataclass(eq=False, slots=True)
class Chain:
    """An arrow as the places that it passes, from box to box; one that leads back up ends at its words."""

    arrow: Arrow
    nodes: list[Node]
    back: bool = False


@dataclass(slots=True)
class Layered:
    layers: list[list[Node]]
    boxes: dict[str, Node]
    chains: list[Chain] = field(default_factory=list)


def layered(steps: Sequence[str], arrows: Sequence[Arrow]) -> Layered:
    """All steps in layers, in an order with few crossings. (An arrow from a step to itself has no chain.)"""
    names = [START, *steps]
    ways: dict[str, list[str]] = {name: [] for name in names}
    for arrow in arrows:
        if arrow.target != arrow.step:
            ways[arrow.step].append(arrow.target)
    ranks, backward = _ranks(names, ways)
    boxes = {name: Node("box", 2 * ranks[name], name) for name in names}
    made = Layered([[] for _ in range(2 * max(ranks.values()) + 2)], boxes)
    for name in names:
        made.layers[boxes[name].layer].append(boxes[name])
    for arrow in arrows:
        if arrow.target != arrow.step:
            made.chains.append(_chain(arrow, made, (arrow.step, arrow.target) in backward))
    _order(made)
    return made


def _ranks(names: Sequence[str], ways: Mapping[str, Sequence[str]]) -> tuple[dict[str, int], set[tuple[str, str]]]:
    """The longest way from the beginning to each step, and the arrows that lead back up."""
    after = postorder(names, lambda name: ways[name])
    place = {name: -at for at, name in enumerate(after)}
    backward = {(name, target) for name in names for target in ways[name] if place[target] <= place[name]}
    ranks = {name: 0 if name == START else 1 for name in names}
    for name in reversed(after):
        for target in ways[name]:
            if (name, target) not in backward:
                ranks[target] = max(ranks[target], ranks[name] + 1)
    return ranks, backward


def _chain(arrow: Arrow, made: Layered, back: bool) -> Chain:
    first, last = made.boxes[arrow.step], made.boxes[arrow.target]
    nodes = [first, Node("label" if arrow.labels else "bend", first.layer + 1, lines=arrow.labels)]
    if not back:
        nodes += [Node("bend", layer) for layer in range(first.layer + 2, last.layer)]
    for node in nodes[1:]:
        made.layers[node.layer].append(node)
    return Chain(arrow, nodes if back else [*nodes, last], back)


def _order(made: Layered) -> None:
    """Sweeps down and up; of all orders that are met the one with the fewest crossings is kept."""
    above, below = neighbours(made)
    best, fewest = [list(layer) for layer in made.layers], crossings(made.layers, below)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        for layer in made.layers if down else reversed(made.layers):
            _sort(layer, above if down else below, made.layers)
        if (count := crossings(made.layers, below)) < fewest:
            best, fewest = [list(layer) for layer in made.layers], count
    made.layers = best


def neighbours(made: Layered) -> tuple[dict[Node, list[Node]], dict[Node, list[Node]]]:
    """What each place is joined with, in the layer above it and in the one below."""
    above: dict[Node, list[Node]] = {node: [] for layer in made.layers for node in layer}
    below: dict[Node, list[Node]] = {node: [] for layer in made.layers for node in layer}
    for chain in made.chains:
        for one, other in zip(chain.nodes, chain.nodes[1:], strict=False):
            below[one].append(other)
            above[other].append(one)
    return above, below


def _sort(layer: list[Node], joined: Mapping[Node, Sequence[Node]], layers: Sequence[Sequence[Node]]) -> None:
    """By the middle of what they are joined with; what is joined with nothing stays where it is."""
    place = {node: at for others in _beside(layer, layers) for at, node in enumerate(others)}
    means = {n: sum(place[o] for o in joined[n]) / len(joined[n]) for n in layer if joined[n]}
    moving = iter(sorted(means, key=lambda node: means[node]))
    layer[:] = [next(moving) if node in means else node for node in layer]


def _beside(layer: Sequence[Node], layers: Sequence[Sequence[Node]]) -> list[Sequence[Node]]:
    at = layer[0].layer if layer else 0
    return [layers[n] for n in (at - 1, at + 1) if 0 <= n < len(layers)]


def crossings(layers: Sequence[Sequence[Node]], below: Mapping[Node, Sequence[Node]]) -> int:
    count = 0
    for upper, lower in itertools.pairwise(layers):
        place = {node: at for at, node in enumerate(lower)}
        seen: list[int] = []
        for node in upper:
            ends = sorted(place[other] for other in below[node])
            count += sum(len(seen) - bisect_right(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return count
