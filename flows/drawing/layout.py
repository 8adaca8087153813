"""A picture with everything in its place: boxes, words on arrows, lines. Nothing here knows how it will look."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flows.checks.graph import START
from flows.drawing.boxes import LABEL, LINE, MARGIN, SMALL, Shape, beginning, label, rows_of, shape, size, up
from flows.drawing.layers import Layered, Node, layered
from flows.drawing.measuring import width, wrapped
from flows.drawing.picture import Picture
from flows.drawing.placing import place_across
from flows.drawing.routing import TRACK, Hop, Point, Routes, route

LANE_ROOM: Final = 8.0  # to the right of the last line back up


@dataclass(frozen=True, slots=True)
class Path:
    """A line with an arrow at its end (``arrow``), or one that joins another's."""

    step: str
    target: str
    points: tuple[Point, ...]
    arrow: bool = True
    back: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    wide: float
    high: float
    boxes: tuple[Shape, ...]
    labels: tuple[Shape, ...]
    paths: tuple[Path, ...]


def lay_out(picture: Picture) -> Layout:
    """The same for the same picture, to the last figure."""
    made = layered([box.name for box in picture.boxes], picture.arrows)
    selves = {arrow.step: arrow.labels for arrow in picture.arrows if arrow.step == arrow.target}
    rows = {START: beginning(picture)} | {box.name: rows_of(box, selves) for box in picture.boxes}
    marks = {START: picture.marks} | {box.name: box.marks for box in picture.boxes}
    for name, node in made.boxes.items():
        node.wide, node.high = size(rows[name], marks[name])
    for layer in made.layers:
        for node in layer:
            if node.kind == "label":
                _write(node)
    wide = place_across(made)
    routes = route(made, wide)
    high = _place_down(made, routes)
    right = max(wide, routes.right + LANE_ROOM if routes.lanes else 0.0)
    boxes = tuple(shape(node, rows[name], marks[name], picture) for name, node in made.boxes.items())
    labels = tuple(label(node) for layer in made.layers for node in layer if node.kind == "label")
    return Layout(up(right + 2 * MARGIN), up(high + 2 * MARGIN), boxes, labels, tuple(_paths(made, routes)))


def _write(node: Node) -> None:
    """The words on an arrow; without any it is a place like others."""
    node.lines = tuple(wrapped(" / ".join(filter(None, node.lines)), SMALL, LABEL, 3))
    node.kind = "label" if node.lines else "bend"
    node.wide = max((width(line, SMALL) + 6 for line in node.lines), default=0.0)
    node.high = len(node.lines) * SMALL * LINE + 4 if node.lines else 0.0


def _place_down(made: Layered, routes: Routes) -> float:
    """Sets every ``y``: each layer under the one before it, with room for the lines between them."""
    y = 0.0
    for at, layer in enumerate(made.layers):
        high = max((node.high for node in layer), default=0.0)
        for node in layer:
            node.y = y if node.kind == "box" else y + (high - node.high) / 2
        y += high + _room(routes.tracks[at], at)
    last = max(node.y + node.high for layer in made.layers for node in layer)
    lanes = [hop for hops in routes.hops.values() for hop in hops if hop.layer == len(made.layers) - 1]
    return max(last, y) if lanes else last


def _room(tracks: int, at: int) -> float:
    """Between the words on the arrows and the boxes below there is the point of the arrow too."""
    return (tracks + 1) * TRACK + (8.0 if at % 2 else 0.0)


def _paths(made: Layered, routes: Routes) -> list[Path]:
    bottoms = [max((n.y + n.high for n in layer), default=0.0) for layer in made.layers]
    for at in range(1, len(bottoms)):
        bottoms[at] = max(bottoms[at], bottoms[at - 1])
    found = []
    for number, chain in enumerate(made.chains):
        points: list[Point] = []
        arrow = True
        for at, hop in enumerate(routes.hops[number]):
            node = chain.nodes[min(at, len(chain.nodes) - 1)]
            if chain.back and at == len(chain.nodes):  # from its lane back to the step
                points += _across(hop, bottoms)
                points.append((hop.lower, made.boxes[chain.arrow.target].y))
                continue
            if not points:
                points.append((hop.upper, node.y + node.high))
            points += _across(hop, bottoms)
            if at + 1 < len(chain.nodes):
                below = chain.nodes[at + 1]
                points.append((hop.lower, below.y))
        if chain.back and len(routes.hops[number]) == len(chain.nodes):
            arrow = False
            points += [to for to in _joining(made, routes, chain.arrow.target, bottoms) if to[1] < points[-1][1]]
        found.append(
            Path(
                chain.arrow.step,
                chain.arrow.target,
                tuple((round(x + MARGIN, 1), round(y + MARGIN, 1)) for x, y in _plain(points)),
                arrow,
                chain.back,
            )
        )
    return found


def _across(hop: Hop, bottoms: list[float]) -> list[Point]:
    if hop.straight:
        return []
    y = bottoms[hop.layer] + (hop.track + 1) * TRACK
    return [(hop.upper, y), (hop.lower, y)]


def _joining(made: Layered, routes: Routes, target: str, bottoms: list[float]) -> list[Point]:
    """Up the lane, to where the line of another comes to it."""
    for number, chain in enumerate(made.chains):
        if chain.back and chain.arrow.target == target and len(routes.hops[number]) > len(chain.nodes):
            return _across(routes.hops[number][-2], bottoms)[1:]
    return []


def _plain(points: list[Point]) -> list[Point]:
    """Without points that lie on the line between their neighbours, or on one another."""
    found: list[Point] = []
    for point in points:
        if found and abs(found[-1][0] - point[0]) < 0.05 and abs(found[-1][1] - point[1]) < 0.05:
            continue
        while len(found) > 1 and (_same(found[-2], found[-1], point, 0) or _same(found[-2], found[-1], point, 1)):
            found.pop()
        found.append(point)
    return found


def _same(one: Point, middle: Point, other: Point, axis: int) -> bool:
    return abs(one[axis] - middle[axis]) < 0.05 and abs(middle[axis] - other[axis]) < 0.05
