"""What stands in a box, and on an arrow: its lines, how wide and how high they are, and where each of them stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flows.drawing.layers import Node
from flows.drawing.measuring import width, wrapped
from flows.drawing.picture import Box, Picture

MARGIN: Final = 16.0  # around the picture
PAD: Final = 10.0  # between the edge of a box and its words
NAME, TEXT, SMALL = 13.0, 12.0, 11.0  # sizes of letters
LINE: Final = 1.35  # from one line to the next, as a part of their size
WIDEST: Final = 210.0  # of what stands in a box
LABEL: Final = 120.0  # of what stands on an arrow
NARROWEST: Final = 60.0
WORDS, LINES, DETAILS = 4, 7, 3  # lines of a box at most
CHIP: Final = 7.0  # around the letters of a mark
BOLD: Final = 1.1  # times as wide


@dataclass(frozen=True, slots=True)
class Line:
    """A line of words; ``part`` says what it is: name, kind, mark, condition, words, answer, detail, label."""

    text: str
    x: float
    y: float  # where the letters stand
    size: float
    part: str
    middle: bool = False
    strong: bool = False

    @property
    def wide(self) -> float:
        return width(self.text, self.size) * (BOLD if self.strong else 1.0)


@dataclass(frozen=True, slots=True)
class Shape:
    """A box, or the room of words on an arrow: its corner, its size, and its lines."""

    name: str
    kind: str
    x: float
    y: float
    wide: float
    high: float
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A line that has no place yet."""

    text: str
    part: str
    size: float
    strong: bool = False


def up(value: float) -> float:
    return float(int(value + 0.999))


def beginning(picture: Picture) -> list[Row]:
    rows = [Row(line, "name", NAME, True) for line in wrapped(picture.flow, NAME, WIDEST / BOLD)]
    rows.append(Row("begins", "kind", SMALL))
    return [
        *rows,
        *(Row(line, "detail", SMALL) for said in picture.begins for line in wrapped(said, SMALL, WIDEST, 3)),
    ]


def rows_of(box: Box, selves: dict[str, tuple[str, ...]]) -> list[Row]:
    head = wrapped(box.name, NAME, WIDEST / BOLD)
    rows = [Row(line, "name", NAME, True) for line in head]
    rows += [Row(box.kind, "kind", SMALL)]
    rows += [
        Row(line, "condition", SMALL) for line in wrapped(f"only if {box.only_if}", SMALL, WIDEST, 3) if box.only_if
    ]
    rows += [Row(line, "words", TEXT) for line in wrapped(box.words, TEXT, WIDEST, WORDS)]
    answers = [line for said in box.lines for line in wrapped(f"• {said}", TEXT, WIDEST, 1)]
    if len(answers) > LINES:
        answers = [*answers[: LINES - 1], f"• and {len(answers) - LINES + 1} more"]
    rows += [Row(line, "answer", TEXT) for line in answers]
    for said in box.details[:DETAILS]:
        rows += [Row(line, "detail", SMALL) for line in wrapped(said, SMALL, WIDEST, 2)]
    if len(box.details) > DETAILS:
        rows.append(Row(f"and {len(box.details) - DETAILS} more", "detail", SMALL))
    if box.name in selves:
        again = " / ".join(selves[box.name]) or "always"
        rows += [Row(line, "detail", SMALL) for line in wrapped(f"here again: {again}", SMALL, WIDEST, 2)]
    return rows


def _chip(mark: str) -> float:
    return width(mark, SMALL) * BOLD + 2 * CHIP


def size(rows: list[Row], marks: tuple[str, ...]) -> tuple[float, float]:
    """A box's; its marks stand beside its kind."""
    widths = [width(row.text, row.size) * (BOLD if row.strong else 1.0) for row in rows]
    beside = sum(_chip(mark) + 6 for mark in marks)
    widths = [wide + (beside if row.part == "kind" else 0) for wide, row in zip(widths, rows, strict=True)]
    high = sum(row.size * LINE for row in rows) + 2 * PAD - 3
    return up(max(NARROWEST, *widths) + 2 * PAD), up(high)


def shape(node: Node, rows: list[Row], marks: tuple[str, ...], picture: Picture) -> Shape:
    left, y = node.x - node.wide / 2 + MARGIN, node.y + MARGIN
    lines, at = [], y + PAD - 3
    for row in rows:
        at += row.size * LINE
        lines.append(Line(row.text, left + PAD, round(at - row.size * 0.3, 1), row.size, row.part, strong=row.strong))
        if row.part == "kind":
            lines += _marks(lines[-1], marks)
    kinds = {box.name: box.kind for box in picture.boxes}
    return Shape(
        node.name, kinds.get(node.name, "start"), round(left, 1), round(y, 1), node.wide, node.high, tuple(lines)
    )


def _marks(beside: Line, marks: tuple[str, ...]) -> list[Line]:
    found, x = [], beside.x + beside.wide + 6
    for mark in marks:
        found.append(Line(mark, x + CHIP, beside.y, SMALL, "mark", strong=True))
        x += _chip(mark) + 6
    return found


def label(node: Node) -> Shape:
    x, y = node.x + MARGIN, node.y + MARGIN
    lines = tuple(
        Line(line, x, round(y + 2 + (at + 0.78) * SMALL * LINE, 1), SMALL, "label", middle=True)
        for at, line in enumerate(node.lines)
    )
    return Shape("", "label", round(x - node.wide / 2, 1), round(y, 1), node.wide, node.high, lines)
