"""Where an export goes: a file, which is there when it is whole and only its owner can read, or standard output."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Literal, TextIO

from gateway.exporting.exports import Export
from gateway.exporting.files import CsvWriter, JsonWriter, Writer, XlsxWriter

Form = Literal["csv", "xlsx", "json"]


class Target:
    """``with`` gives the writer. A workbook is made in a file of its own even where it goes to standard output."""

    def __init__(self, file: Path | None, form: Form, export: Export) -> None:
        self._file, self._form, self._export = file, form, export
        self._beside: Path | None = None
        self._stream: TextIO
        self._writer: Writer

    def __enter__(self) -> Writer:
        if self._file is None and self._form != "xlsx":
            self._stream = sys.stdout
        else:
            handle, beside = tempfile.mkstemp(dir=self._file.parent if self._file else None, prefix=".export-")  # 0600
            self._beside, self._stream = Path(beside), os.fdopen(handle, "w", encoding="utf-8", newline="")
        self._writer = self._made()
        return self._writer

    def _made(self) -> Writer:
        columns = self._export.columns
        if self._form == "xlsx" and self._beside is not None:
            return XlsxWriter(self._beside, self._export.name, columns)
        return JsonWriter(self._stream, columns) if self._form == "json" else CsvWriter(self._stream, columns)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        try:
            if kind is None:
                self._writer.close()
                self._stream.flush()
                self._hand_over()
        finally:
            if self._beside is not None:
                self._stream.close()
                self._beside.unlink(missing_ok=True)

    def _hand_over(self) -> None:
        if self._beside is not None and self._file is not None:
            self._beside.replace(self._file)
        elif self._beside is not None:
            with self._beside.open("rb") as book:
                shutil.copyfileobj(book, sys.stdout.buffer)
