"""An export as a file: CSV, a workbook or JSON, written row by row.

A text that a spreadsheet would take for a formula gets an apostrophe in front, in a workbook too: somebody may save it
as CSV later. Source: OWASP, "CSV Injection".
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol, TextIO

from gateway.exporting.columns import Column

FORMULA = re.compile(r"[\s\x00-\x1f]*[=+\-@|%＝＋－＠]")
UNSEEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")  # XML 1.0, section 2.2, and DEL
MOST_ROWS = 1_048_576  # of a sheet, with its heading
MOST_SIGNS = 32_767  # of a cell


class Writer(Protocol):
    def row(self, values: Sequence[Any]) -> None: ...

    def close(self) -> None: ...


def safe(value: Any) -> Any:
    """What may stand in a cell. Numbers stay numbers; moments are ISO 8601."""
    if value is None or isinstance(value, bool | int | float | Decimal):
        return "" if value is None else str(value).lower() if isinstance(value, bool) else value
    text = UNSEEN.sub("", value.isoformat() if isinstance(value, dt.date) else str(value))
    text = f"'{text}" if FORMULA.match(text) else text
    return text[:MOST_SIGNS]


class CsvWriter:
    """UTF-8, commas, quotation marks where they are needed, ``\\r\\n`` at line ends (RFC 4180)."""

    def __init__(self, file: TextIO, columns: Iterable[Column]) -> None:
        self._csv = csv.writer(file)
        self._csv.writerow([column.name for column in columns])

    def row(self, values: Sequence[Any]) -> None:
        self._csv.writerow([safe(value) for value in values])

    def close(self) -> None:
        """Nothing is left to do."""


class JsonWriter:
    """A list of objects. Amounts are texts, as JSON has no exact numbers; nothing here is a formula."""

    def __init__(self, file: TextIO, columns: Iterable[Column]) -> None:
        self._file, self._names, self._first = file, [column.name for column in columns], True

    def row(self, values: Sequence[Any]) -> None:
        made = dict(zip(self._names, map(_plain, values), strict=True))
        self._file.write(("[" if self._first else ",\n ") + json.dumps(made, ensure_ascii=False))
        self._first = False

    def close(self) -> None:
        self._file.write("[]\n" if self._first else "]\n")


class XlsxWriter:
    """A workbook: the rows, on more sheets where one is full, and the dictionary of the columns at the end."""

    def __init__(self, path: Path, title: str, columns: Sequence[Column]) -> None:
        import openpyxl  # noqa: PLC0415 - for those who want a workbook

        self._path, self._title, self._columns = path, title, columns
        self._book = openpyxl.Workbook(write_only=True)
        self._sheet: Any = None
        self._rows, self._sheets = MOST_ROWS, 0

    def row(self, values: Sequence[Any]) -> None:
        if self._rows >= MOST_ROWS:
            self._begin()
        self._append(values)

    def close(self) -> None:
        if self._sheet is None:
            self._begin()
        self._sheet = self._book.create_sheet("columns")
        self._append(["column", "kind", "private", "what it is"])
        for column in self._columns:
            self._append([column.name, column.kind, column.private, column.about])
        self._book.save(self._path)

    def _begin(self) -> None:
        self._sheets += 1
        self._sheet = self._book.create_sheet(f"{self._title} {self._sheets}" if self._sheets > 1 else self._title)
        self._sheet.freeze_panes = "A2"
        self._rows = 0
        self._append([column.name for column in self._columns])

    def _append(self, values: Sequence[Any]) -> None:
        self._sheet.append([self._cell(safe(value)) for value in values])
        self._rows += 1

    def _cell(self, value: Any) -> Any:
        """Nothing for an empty cell. Only words that openpyxl would take for an error of a spreadsheet (``#N/A``) need
        a cell of their own: it costs several times as much."""
        if not isinstance(value, str) or value[:1] not in ("", "#"):
            return value
        if not value:
            return None
        from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415

        cell = WriteOnlyCell(self._sheet, value=value)
        cell.data_type = "s"
        return cell


def _plain(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
