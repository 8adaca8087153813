"""Tables as people have them: CSV files of any spreadsheet, and .xlsx. Read row by row, however long they are.

What cannot be read without guessing is refused with what to do: an unknown encoding, formulas, broken quotes.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Cell = str | dt.date
AS_UTF8 = "Save it in the spreadsheet as “CSV UTF-8”, or as .xlsx, and try again."
MAX_CELL = 2000  # characters
FORMULA = "there is a formula in this cell: copy the column and paste it back as values"
BLOCK = 1 << 20


class BadFile(Exception):
    """The file as a whole cannot be used; ``reasons`` are whole sentences."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = list(reasons)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a row, in plain words, never repeating what stands there."""

    column: str
    reason: str


@dataclass(slots=True)
class Row:
    """A row by its number in the spreadsheet (the heading is usually 1). Empty cells are left out."""

    number: int
    cells: dict[str, Cell] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


class Sheet:
    """A file that can be read: its ``heading``, and ``rows`` once. Raises BadFile."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self._lines = _lines(path)
        self.heading = next((_heading(cells) for _, cells in self._lines if any(_filled(c) for c in cells)), [])
        if not self.heading:
            raise BadFile(f"{path.name} is empty.")

    def rows(self) -> Iterator[Row]:
        """Every row that has anything in it."""
        for number, cells in self._lines:
            if any(_filled(cell) for cell in cells):
                yield self._row(number, cells)

    def _row(self, number: int, cells: Sequence[Any]) -> Row:
        row = Row(number)
        for place, cell in enumerate(cells):
            name = self.heading[place] if place < len(self.heading) else ""
            try:
                value = _value(cell)
            except ValueError as error:
                row.faults.append(Fault(name, str(error)))
                continue
            if value and not name:
                row.faults.append(Fault("", f"there is something in column {place + 1}, which has no heading"))
            elif value:
                row.cells[name] = value
        return row


def _heading(cells: Sequence[Any]) -> list[str]:
    names = [re.sub(r"[\s\-]+", "_", str(_raw(cell) or "").strip().casefold()) for cell in cells]
    while names and not names[-1]:
        names.pop()
    return names


def _filled(cell: Any) -> bool:
    raw = _raw(cell)
    return raw is not None and bool(str(raw).strip())


def _raw(cell: Any) -> Any:
    return cell if isinstance(cell, str) else cell.value


def _value(cell: Any) -> Cell:
    """A text without surrounding space, or a day. Raises ValueError with the reason."""
    kind = "s" if isinstance(cell, str) else cell.data_type
    value = _raw(cell)
    if kind == "e":
        raise ValueError("the cell shows an error of the spreadsheet")
    if kind == "f":
        raise ValueError(FORMULA)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):  # Excel keeps whole numbers so
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, dt.datetime):
        return value.date()
    return value if isinstance(value, dt.date) else _text("" if value is None else str(value))


def _text(text: str) -> str:
    text = text.replace("\u00a0", " ").strip()
    if text.startswith(("=", "@")) or (text.startswith(("+", "-")) and re.match(r"[+-]+[^\d\s.(]", text)):
        raise ValueError(FORMULA)
    if any(not char.isprintable() and char not in "\n\r\t\u200e\u200f\u202a\u202c" for char in text):
        raise ValueError("there are characters in this cell that cannot be seen: type it again")
    if len(text) > MAX_CELL:
        raise ValueError(f"the cell is longer than {MAX_CELL} characters")
    return text


# -- files ------------------------------------------------------------------------------------------------------------


def _lines(path: Path) -> Iterator[tuple[int, Sequence[Any]]]:
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(b"PK"):
        return _xlsx(path)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadFile(f"{path.name} is in Excel's old format. Save it as .xlsx and try again.")
    _check_text(path, start)
    return _csv(path)


def _check_text(path: Path, start: bytes) -> None:
    """The whole file is looked through first, so that nothing is taken from one that breaks later."""
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise BadFile(f"{path.name} is in UTF-16 (“Unicode text”). {AS_UTF8}")
    decoder, line = codecs.getincrementaldecoder("utf-8")(), 1
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            if b"\0" in block:
                raise BadFile(f"{path.name} is no text file, or it is in UTF-16. {AS_UTF8}")
            try:
                decoder.decode(block)
            except UnicodeDecodeError as error:
                line += block[: error.start].count(b"\n")
                raise BadFile(
                    f"{path.name} is not in UTF-8: line {line} has a letter in another encoding, "
                    f"probably that of Windows (cp1252). {AS_UTF8}"
                ) from None
            line += block.count(b"\n")
    try:
        for _ in _csv(path):
            pass
    except csv.Error as error:
        raise BadFile(f"{path.name} cannot be read as a table ({error}). Is a quotation mark not closed?") from None


def _csv(path: Path) -> Iterator[tuple[int, Sequence[Any]]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        first = file.readline()
        file.seek(0)
        delimiter = max(",;\t|", key=re.sub(r'"[^"]*"', "", first).count)
        yield from enumerate(csv.reader(file, delimiter=delimiter, strict=True), 1)


def _xlsx(path: Path) -> Iterator[tuple[int, Sequence[Any]]]:
    import openpyxl  # noqa: PLC0415 - for those who import a workbook
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    try:
        book = openpyxl.load_workbook(path, read_only=True)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        raise BadFile(f"{path.name} is no workbook that can be read. Save it as .xlsx or CSV UTF-8.") from error
    try:
        sheet = next(each for each in book.worksheets if each.sheet_state == "visible")
        sheet.reset_dimensions()  # what the file says of its size is often wrong
        yield from enumerate(sheet.iter_rows(), 1)
    finally:
        book.close()
