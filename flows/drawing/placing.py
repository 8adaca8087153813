"""Where every box and every word on an arrow stands: none over another, and arrows as straight as may be."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Final

from flows.drawing.layers import Layered, Node, neighbours

APART: Final = {"box": 14.0, "label": 9.0, "bend": 7.0}  # half of the room between two, by what they are
ROUNDS: Final = 16
STRAIGHTENED: Final = 3


def spread(
    wanted: Sequence[float],
    apart: Sequence[float],
    weights: Sequence[float] | None = None,
    within: tuple[float, float] = (float("-inf"), float("inf")),
) -> list[float]:
    """The places nearest to those ``wanted`` that keep their order, each so far ``apart`` from the one before it, and
    all of them ``within`` (where there is room for them).

    Least squares, by pooling neighbours that would come too near (isotonic regression).
    """
    shifts, total = [], 0.0
    for distance in apart:
        total += distance
        shifts.append(total)
    pools: list[list[float]] = []  # middle, weight, how many
    for place, shift, weight in zip(wanted, shifts, weights or [1.0] * len(wanted), strict=True):
        pools.append([place - shift, weight, 1])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (one, heavy, few), (other, weight_, more) = pools[-2:]
            pools[-2:] = [[(one * heavy + other * weight_) / (heavy + weight_), heavy + weight_, few + more]]
    low, high = within
    flat = [max(min(pool[0], high - total), low) for pool in pools for _ in range(int(pool[2]))]
    return [place + shift for place, shift in zip(flat, shifts, strict=True)]


def place_across(made: Layered) -> float:
    """Sets every ``x``; the width of all."""
    above, below = neighbours(made)
    for layer in made.layers:
        _put(layer, [0.0] * len(layer))
    for turn in range(ROUNDS):
        last = turn >= ROUNDS - 2
        down = turn % 2 == 0
        for layer in made.layers if down else reversed(made.layers):
            joined = [above[n] + below[n] if last else (above[n] if down else below[n]) for n in layer]
            wanted = [
                sum(o.x for o in others) / len(others) if others else n.x
                for n, others in zip(layer, joined, strict=True)
            ]
            _put(layer, wanted)
    for _ in range(STRAIGHTENED):
        _straighten(made)
    left = min(node.x - node.wide / 2 for layer in made.layers for node in layer)
    for layer in made.layers:
        for node in layer:
            node.x = round(node.x - left, 1)
    return max(node.x + node.wide / 2 for layer in made.layers for node in layer)


def _straighten(made: Layered) -> None:
    """Long arrows go straight down for as long as nothing is in their way."""
    place = {node: at for layer in made.layers for at, node in enumerate(layer)}
    for chain in made.chains:
        run: list[Node] = []
        low, high = float("-inf"), float("inf")
        for node in [node for node in chain.nodes if node.kind != "box"]:
            left, right = _free(node, made.layers[node.layer], place[node])
            if run and max(low, left) > min(high, right):
                _align(run, low, high)
                run, low, high = [], float("-inf"), float("inf")
            run, low, high = [*run, node], max(low, left), min(high, right)
        _align(run, low, high)


def _free(node: Node, layer: Sequence[Node], at: int) -> tuple[float, float]:
    """How far to the left and to the right it may go among its neighbours."""
    left = layer[at - 1].x + _between(layer[at - 1], node) if at else float("-inf")
    right = layer[at + 1].x - _between(node, layer[at + 1]) if at + 1 < len(layer) else float("inf")
    return left, right


def _align(run: Sequence[Node], low: float, high: float) -> None:
    """All of them under the first one, or as near to that as there is room."""
    if len(run) > 1:
        x = min(max(run[0].x if run[0].kind == "label" else sorted(n.x for n in run)[len(run) // 2], low), high)
        for node in run:
            node.x = x


def _put(layer: Sequence[Node], wanted: Sequence[float]) -> None:
    apart = [0.0, *(_between(one, other) for one, other in itertools.pairwise(layer))][: len(layer)]
    weights = [4.0 if node.kind == "bend" else 1.0 for node in layer]  # long arrows are straight
    for node, x in zip(layer, spread(wanted, apart, weights), strict=True):
        node.x = x


def _between(one: Node, other: Node) -> float:
    return one.wide / 2 + APART[one.kind] + APART[other.kind] + other.wide / 2
