"""The file that a translator fills in: a workbook or a CSV file, a line a text."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from gateway.exporting.files import FORMULA, safe
from gateway.wording.entries import MEANING, Entry

ENDINGS: Final = (".xlsx", ".csv")
_WIDTHS: Final = (14, 22, 11, 44, 30, 40, 44, 8, 60)
LIMIT, NEW = 7, 6  # columns, from 0


def columns(language: str) -> tuple[str, ...]:
    return (
        "flow", "key", "state", "source", "old source", f"present {language}", f"new {language}", "limit", "notes",
    )  # fmt: skip


def row(entry: Entry, most: int | None, note: str) -> tuple[Any, ...]:
    """One text; what is to be filled in is empty."""
    place = (entry.flow, entry.key, entry.state)
    return tuple(map(safe, (*place, entry.source, entry.old_source, entry.present, None, most, note)))


def as_cell(text: str) -> str:
    """A text as it comes back from a cell that nobody changed: see ``gateway.record.sheets``."""
    return as_text(str(safe(text)).replace("\u00a0", " ").replace("\r\n", "\n").strip())


def as_text(cell: str) -> str:
    """A cell without what keeps it from being taken for a formula."""
    cell = cell.replace("\r\n", "\n")
    return cell[1:].strip() if cell.startswith("'") and FORMULA.match(cell[1:]) else cell


def write(path: Path, language: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """The whole file; its kind follows from its name. Raises OSError."""
    if path.suffix.lower() == ".xlsx":
        _workbook(path, language, rows)
        return
    with path.open("w", encoding="utf-8-sig", newline="") as file:  # Excel takes a file without the mark for cp1252
        csv.writer(file).writerows([columns(language), *rows])


def _workbook(path: Path, language: str, rows: Sequence[tuple[Any, ...]]) -> None:
    import openpyxl  # noqa: PLC0415 - for those who want a workbook
    from openpyxl.styles import Alignment, Font, PatternFill  # noqa: PLC0415

    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.title = language
    sheet.append(columns(language))
    for values in rows:
        sheet.append(values)
    for line in sheet.iter_rows(min_row=2):
        for cell in line:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if isinstance(cell.value, str):
                cell.data_type = "s"  # "#N/A" and the like are words here
        line[NEW].fill = PatternFill("solid", fgColor="FFF8D6")
    for cell, width in zip(sheet[1], _WIDTHS, strict=True):
        cell.font = Font(bold=True)
        sheet.column_dimensions[cell.column_letter].width = width
    sheet.freeze_panes = "C2"
    _mark_what_is_too_long(sheet)
    _explain(book.create_sheet("how"), language)
    book.save(path)


def _mark_what_is_too_long(sheet: Any) -> None:
    from openpyxl.formatting.rule import FormulaRule  # noqa: PLC0415
    from openpyxl.styles import PatternFill  # noqa: PLC0415

    new, limit = (sheet.cell(1, at + 1).column_letter for at in (NEW, LIMIT))
    rule: Any = FormulaRule(  # type: ignore[no-untyped-call]
        formula=[f"AND({limit}2>0,LEN({new}2)>{limit}2)"], fill=PatternFill(bgColor="F4B6B0")
    )
    sheet.conditional_formatting.add(f"{new}2:{new}{max(sheet.max_row, 2)}", rule)


def _explain(sheet: Any, language: str) -> None:
    said = {
        f"new {language}": "Write here, and nowhere else. A line that is left empty changes nothing.",
        "source": "What is to be translated. Names in {braces} stand in the translation too, letter for letter.",
        "old source": "What the present translation was made from, if the source was changed since.",
        "limit": "So many characters fit, braces included; the cell turns red when there are more.",
        "notes": "Where the text stands, and what is filled in between braces.",
        **{f"state: {state}": meaning for state, meaning in MEANING.items()},
    }
    for line in said.items():
        sheet.append(line)
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 22, 100
