"""The picture as SVG: words are words, the colours follow the reader's light or dark, and nothing in it can run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from xml.sax.saxutils import escape as _escape
from xml.sax.saxutils import quoteattr

from flows.drawing.boxes import CHIP, Line, Shape
from flows.drawing.layout import Layout, Path, lay_out
from flows.drawing.picture import Picture

ROUND: Final = 5.0  # the corners of lines
POINT: Final = 4.0  # half of an arrow's point
_UNSEEN: Final = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2
_ASKS: Final = ("menu", "question", "list", "confirmation", "split")
_DOES: Final = ("action", "sets", "other flow")
_STYLE: Final = """\
  svg { background: var(--paper); font-family: system-ui, "Segoe UI", Roboto, "Noto Sans", Arial, sans-serif;
    --paper: #fff; --ink: #1b1f24; --pale: #57606a; --line: #6e7781; --asks: #e6f0fd; --does: #eff1f3; --says: #fff;
    --ends: #e4f5e8; --starts: #1b1f24; --on-start: #fff; --mark: #7a4b00; --on-mark: #fff; --back: #8250df; }
  @media (prefers-color-scheme: dark) { svg { --paper: #0d1117; --ink: #e6edf3; --pale: #a2abb5; --line: #8b949e;
    --asks: #14233a; --does: #21262d; --says: #0d1117; --ends: #12301c; --starts: #e6edf3; --on-start: #0d1117;
    --mark: #f0c069; --on-mark: #1b1f24; --back: #bc9cff; } }
  text { fill: var(--ink); white-space: pre } .detail, .kind, .condition, .label { fill: var(--pale) }
  .condition { font-style: italic } .middle { text-anchor: middle } .strong { font-weight: 600 }
  .box { stroke: var(--line); stroke-width: 1 } .paper { fill: var(--paper) }
  .asks .box { fill: var(--asks) } .does .box { fill: var(--does) } .says .box { fill: var(--says) }
  .ends .box { fill: var(--ends); stroke-width: 2 } .starts .box { fill: var(--starts); stroke: none }
  .starts text { fill: var(--on-start) } .chip { fill: var(--mark) } text.mark { fill: var(--on-mark) }
  .way { fill: none; stroke: var(--line); stroke-width: 1.4 } .point { fill: var(--line) }
  .back .way { stroke: var(--back); stroke-dasharray: 5 3 } .back .point { fill: var(--back) }
"""


def svg(picture: Picture) -> str:
    """One file, the same for the same picture."""
    return "\n".join([*_lines(picture, lay_out(picture)), ""])


def _lines(picture: Picture, layout: Layout) -> Iterator[str]:
    size = f'width="{layout.wide:g}" height="{layout.high:g}" viewBox="0 0 {layout.wide:g} {layout.high:g}"'
    roles = 'role="graphics-document document" aria-labelledby="title" aria-describedby="desc"'
    yield f'<svg xmlns="http://www.w3.org/2000/svg" {size} {roles} xml:lang={_attribute(picture.language)}>'
    yield f'<title id="title">{_text(f"The flow {picture.flow}")}</title>'
    yield f'<desc id="desc">{_text(_described(picture))}</desc>'
    yield f"<style>\n{_STYLE}</style>"
    yield from (_path(path) for path in layout.paths)
    for label in layout.labels:
        yield f'<g><rect class="paper" {_rect(label)}/>{"".join(map(_line, label.lines))}</g>'
    for box in layout.boxes:
        yield from _box(box)
    yield "</svg>"


def _described(picture: Picture) -> str:
    loops = (
        "; dashed lines lead back up"
        if any(arrow for arrow in picture.arrows if _leads_back(picture, arrow.step, arrow.target))
        else ""
    )
    return (
        f"{len(picture.boxes)} steps from the top down; arrows lead from a step to the next{loops}. "
        f"The same in words: njia flows draw {picture.flow}"
    )


def _leads_back(picture: Picture, step: str, target: str) -> bool:
    names = [box.name for box in picture.boxes]
    return step in names and names.index(target) <= names.index(step)


def _box(box: Shape) -> Iterator[str]:
    form = "starts" if box.kind == "start" else "ends" if box.kind == "end" else ""
    form = form or ("asks" if box.kind in _ASKS else "does" if box.kind in _DOES else "says")
    name = f"step {box.name}, {box.kind}" if box.name else "the beginning"
    yield f'<g class="{form}" role="group" aria-label={_attribute(name)}>'
    yield f'<rect class="box" {_rect(box)} rx="{14 if form in ("starts", "ends") else 4}"/>'
    for line in box.lines:
        if line.part == "mark":
            wide, high = line.wide + 2 * CHIP, line.size + 5
            yield (
                f'<rect class="chip" x="{line.x - CHIP:.1f}" y="{line.y - line.size:.1f}" width="{wide:.1f}" '
                f'height="{high:.1f}" rx="{high / 2:.1f}"/>'
            )
        yield _line(line)
    yield "</g>"


def _rect(shape: Shape) -> str:
    return f'x="{shape.x:g}" y="{shape.y:g}" width="{shape.wide:.1f}" height="{shape.high:.1f}"'


def _line(line: Line) -> str:
    classes = " ".join([line.part, *(["middle"] if line.middle else []), *(["strong"] if line.strong else [])])
    return (
        f'<text class="{classes}" x="{line.x:.1f}" y="{line.y:.1f}" font-size="{line.size:g}">{_text(line.text)}</text>'
    )


def _path(path: Path) -> str:
    x, y = path.points[-1]
    point = f'<path class="point" d="M{x - POINT:.1f} {y - 2 * POINT:.1f}h{2 * POINT:g}l{-POINT:g} {2 * POINT:g}z"/>'
    classes = ' class="back"' if path.back else ""
    return f'<g{classes}><path class="way" d="{_drawn(path)}"/>{point if path.arrow else ""}</g>'


def _drawn(path: Path) -> str:
    """With rounded corners; the line ends where the arrow's point begins."""
    points = list(path.points)
    if path.arrow:
        points[-1] = (points[-1][0], points[-1][1] - POINT)
    parts = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"]
    for before, here, after in zip(points, points[1:], points[2:], strict=False):
        into, out = _toward(here, before), _toward(here, after)
        parts.append(f"L{into[0]:.1f} {into[1]:.1f}Q{here[0]:.1f} {here[1]:.1f} {out[0]:.1f} {out[1]:.1f}")
    return "".join([*parts, f"L{points[-1][0]:.1f} {points[-1][1]:.1f}"])


def _toward(here: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    """A little way from a corner: at most half of what lies between."""
    (x, y), (to_x, to_y) = here, other
    long = abs(to_x - x) + abs(to_y - y)
    part = min(ROUND, long / 2) / long if long else 0.0
    return x + (to_x - x) * part, y + (to_y - y) * part


def _text(words: str) -> str:
    return _escape(_UNSEEN.sub("\ufffd", words))


def _attribute(words: str) -> str:
    return quoteattr(_UNSEEN.sub("\ufffd", words))
