"""Tables of figures: for people as text, for a page as Markdown, for programs as they stand in the JSON."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

PLACE = re.compile(r"(<!-- bench: ([a-z ]+) -->\n).*?(<!-- end -->)", re.DOTALL)
Row = tuple[str, ...]


class Table(msgspec.Struct):
    """``name``: the place in a page that it fills. The first column names a row, the others are figures; a last one
    with an empty head is words again."""

    name: str
    title: str
    head: Row
    rows: Sequence[Row]
    note: str = ""


class Found(msgspec.Struct):
    """What a part has found: all figures, for programs, and the tables for people."""

    figures: dict[str, Any]
    tables: list[Table]


def text(table: Table) -> str:
    """Columns side by side, the title above, the note below."""
    rows = [table.head, *table.rows]
    widths = [max(len(row[n]) for row in rows) for n in range(len(table.head))]
    last = len(widths) - 1 if not table.head[-1] else len(widths)
    lines = [
        "  ".join(cell.rjust(width) if 0 < n < last else cell.ljust(width) for n, (cell, width) in _cells(row, widths))
        for row in rows
    ]
    return "\n".join(part for part in (table.title, *(line.rstrip() for line in lines), table.note) if part)


def _cells(row: Row, widths: list[int]) -> Iterator[tuple[int, tuple[str, int]]]:
    return enumerate(zip(row, widths, strict=True))


def markdown(table: Table) -> str:
    """The table, and its note as a paragraph; the heading is the page's own."""
    ends = ["---" if n == 0 or not head else "--:" for n, head in enumerate(table.head)]
    lines = [_line(table.head), _line(ends), *(_line(row) for row in table.rows)]
    return "\n".join([*lines, *(["", " ".join(table.note.split("\n"))] if table.note else [])])


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def filled(page: str, tables: Mapping[str, Table]) -> str:
    """``page`` with the tables in the places that name them; a place whose table was not made stays as it is."""

    def place(found: re.Match[str]) -> str:
        table = tables.get(found[2])
        return f"{found[1]}{markdown(table)}\n{found[3]}" if table else found[0]

    return PLACE.sub(place, page)
