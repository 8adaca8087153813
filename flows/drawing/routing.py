"""The lines between the boxes: down from a port, across on a track of its own, down again; or back up on the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from flows.drawing.layers import Chain, Layered, Node
from flows.drawing.placing import spread

Point = tuple[float, float]
PORT: Final = 14.0  # between two lines at one box, at least (unless there are too many)
TRACK: Final = 9.0  # between two lines across
NEAR: Final = 6.0
LANE: Final = 14.0


@dataclass(eq=False, slots=True)
class Hop:
    """The part of a line in the room below ``layer``: from ``upper`` (None: from its lane) to ``lower``."""

    layer: int
    upper: float
    lower: float
    chain: Chain
    track: int = 0

    @property
    def straight(self) -> bool:
        return abs(self.upper - self.lower) < 0.5

    @property
    def span(self) -> tuple[float, float]:
        return min(self.upper, self.lower) - NEAR, max(self.upper, self.lower) + NEAR


@dataclass(slots=True)
class Routes:
    """``hops`` by chain, from top to bottom (of one that leads back up: to its lane, and from its lane); ``tracks``:
    how many there are below each layer."""

    hops: dict[int, list[Hop]]
    tracks: list[int]
    lanes: dict[str, float] = field(default_factory=dict)  # the x of the lane to each step that is come back to

    @property
    def right(self) -> float:
        return max(self.lanes.values(), default=0.0)


def route(made: Layered, wide: float) -> Routes:
    """All lines of a picture whose boxes have their x."""
    downs, ups = _ports(made)
    routes = Routes({}, [0] * len(made.layers))
    returns = list(dict.fromkeys(chain.arrow.target for chain in made.chains if chain.back))
    returns.sort(key=lambda name: -made.boxes[name].layer)
    routes.lanes = {name: wide + LANE * (at + 1.5) for at, name in enumerate(returns)}
    for number, chain in enumerate(made.chains):
        routes.hops[number] = list(_hops(number, chain, made, (downs, ups), routes))
    for layer in range(len(made.layers)):
        here = [hop for hops in routes.hops.values() for hop in hops if hop.layer == layer and not hop.straight]
        routes.tracks[layer] = _lay(here)
    return routes


Ports = dict[tuple[int, int], float]  # by the number of the chain and the place in it


def _ports(made: Layered) -> tuple[Ports, Ports]:
    """Where each line leaves what stands above it, and where it comes to what stands below."""
    out: dict[Node, list[tuple[float, int, int]]] = {}
    into: dict[Node, list[tuple[float, int, int]]] = {}
    for number, chain in enumerate(made.chains):
        for at, (one, other) in enumerate(zip(chain.nodes, chain.nodes[1:], strict=False)):
            out.setdefault(one, []).append((other.x, number, at))
            into.setdefault(other, []).append((one.x, number, at))
    for target, (_, number) in _longest(made).items():  # the one arrow that comes back is at the right
        into.setdefault(made.boxes[target], []).append((float("inf"), number, -1))
    downs = {key: x for node, found in out.items() for key, x in _along(node, found)}
    return downs, {key: x for node, found in into.items() for key, x in _along(node, found)}


def _longest(made: Layered) -> dict[str, tuple[int, int]]:
    """For each step that is come back to: of the lines that do, the layer and the number of the one from furthest
    down. The others join it."""
    found: dict[str, tuple[int, int]] = {}
    for number, chain in enumerate(made.chains):
        if chain.back:
            here = (chain.nodes[-1].layer, number)
            found[chain.arrow.target] = max(found.get(chain.arrow.target, here), here)
    return found


def _along(node: Node, found: list[tuple[float, int, int]]) -> list[tuple[tuple[int, int], float]]:
    """Lines of a box, each as near to where it goes as the box is wide."""
    found = sorted(found)
    if node.kind != "box":
        return [((number, at), node.x) for _, number, at in found]
    left, right = node.x - node.wide / 2 + 10, node.x + node.wide / 2 - 10
    gap = min(PORT, (right - left) / max(len(found) - 1, 1))
    apart = [0.0] + [gap] * (len(found) - 1)
    places = spread([min(max(x, left), right) for x, _, _ in found], apart, within=(left, right))
    return [((number, at), x) for (_, number, at), x in zip(found, places, strict=True)]


def _hops(number: int, chain: Chain, made: Layered, ports: tuple[Ports, Ports], routes: Routes) -> list[Hop]:
    downs, ups = ports
    found = [Hop(node.layer, downs[number, at], ups[number, at], chain) for at, node in enumerate(chain.nodes[:-1])]
    if chain.back:
        lane, target = routes.lanes[chain.arrow.target], made.boxes[chain.arrow.target]
        found.append(Hop(chain.nodes[-1].layer, chain.nodes[-1].x, lane, chain))
        if (number, -1) in ups:
            found.append(Hop(target.layer - 1, lane, ups[number, -1], chain))
    return found


def _lay(hops: Sequence[Hop]) -> int:
    """Gives each a track, so that no two lie on one another; how many tracks there are."""
    waiting = sorted(hops, key=lambda hop: (hop.span, hop.upper))
    tracks: list[list[Hop]] = []
    while waiting:
        hop = next((one for one in waiting if not any(_first(other, one) for other in waiting)), waiting[0])
        waiting.remove(hop)
        least = max((other.track + 1 for track in tracks for other in track if _first(other, hop)), default=0)
        at = next(
            (n for n in range(least, len(tracks)) if not any(_meet(hop, other) for other in tracks[n])), len(tracks)
        )
        if at == len(tracks):
            tracks.append([])
        hop.track = at
        tracks[at].append(hop)
    return len(tracks)


def _first(other: Hop, hop: Hop) -> bool:
    """Whether ``other`` must lie above ``hop``, so that their lines down are not one."""
    return other is not hop and abs(other.upper - hop.lower) < NEAR and abs(other.lower - hop.upper) >= NEAR


def _meet(one: Hop, other: Hop) -> bool:
    return one.span[0] < other.span[1] and other.span[0] < one.span[1]
