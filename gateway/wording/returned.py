"""What came back from a translator: the file as lines, or what is wrong with it in a translator's words."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from flows.faults import Fault, listed
from gateway.record.sheets import BadFile, Cell, Row, Sheet
from gateway.record.sheets import Fault as Wrong
from gateway.wording.sheet import as_text

LARGEST: Final = 4 << 20  # bytes; the words of a hundred flows are far below
UNPACKED: Final = 64 << 20  # bytes that a workbook may come to
MOST_ROWS: Final = 20_000
_NEEDED: Final = ("flow", "key", "source")
_NEW: Final = re.compile(r"new_([a-z]{2,3})")
_ANEW: Final = "Use a file that was made with: njia flows words {} --to words.xlsx"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the sheet, by its number there. ``new``: "" where nothing was filled in; ``present``: None where the
    column was taken out."""

    number: int
    flow: str
    key: str
    source: str
    new: str
    present: str | None = None


def fault(path: Path, row: int, code: str, message: str, fix: str) -> Fault:
    return Fault(path.name, row, "error", f"words.{code}", message, fix)


def returned(path: Path, language: str) -> tuple[list[Line], list[Fault]]:
    """The lines in which something can be read, and everything that is wrong with the file itself."""
    try:
        if (wrong := _too_much(path)) is not None:
            return [], [wrong]
        sheet = Sheet(path)
        faults = list(_heading(path, sheet.heading, language))
        return ([], faults) if faults else _lines(path, sheet, language)
    except BadFile as bad:
        return [], [fault(path, 1, "file", " ".join(bad.reasons), _ANEW.format(language))]
    except (SyntaxError, EOFError, KeyError, TypeError, ValueError, zipfile.BadZipFile, zlib.error):
        message = "This workbook is broken, or it is none."
        return [], [fault(path, 1, "file", message, "Open it in the spreadsheet, save it as .xlsx, and try again.")]
    except OSError as error:
        return [], [fault(path, 1, "file", f"This file cannot be read ({error.strerror}).", "Check its name.")]


def _too_much(path: Path) -> Fault | None:
    size, most = path.stat().st_size, LARGEST
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as book:
            size, most = (size, most) if size > most else (sum(part.file_size for part in book.infolist()), UNPACKED)
    if size <= most:
        return None
    message = f"This file has {size / (1 << 20):.0f} MB; {most >> 20} is the most that is read."
    return fault(path, 1, "too_large", message, "Copy the lines with the words into a new sheet, without pictures.")


def _heading(path: Path, heading: list[str], language: str) -> Iterator[Fault]:
    made_for = [found[1] for name in heading if (found := _NEW.fullmatch(name))]
    if made_for and language not in made_for:
        message = f'This file is for "{made_for[0]}", and it was given as "{language}".'
        yield fault(path, 1, "other_language", message, f"Write: njia flows words {made_for[0]} --from {path.name}")
        return
    missing = [name for name in (*_NEEDED, f"new_{language}") if name not in heading]
    twice = [name for name in (*_NEEDED, f"new_{language}") if heading.count(name) > 1]
    if missing:
        names = listed(f'"{name.replace("_", " ")}"' for name in missing)
        message = f"The first line of the sheet has no column {names}. It has: {listed(heading)}."
        yield fault(path, 1, "columns", message, _why(heading) or _ANEW.format(language))
    if twice:
        yield fault(
            path, 1, "columns", f'The column "{twice[0].replace("_", " ")}" is there twice.', "Take one of them away."
        )


def _why(heading: list[str]) -> str:
    if any(sign in name for name in heading for sign in "“”„«»"):
        return "The quotation marks were made curly by a word processor: save the file from the spreadsheet instead."
    if len(heading) == 1:
        return "Is it another sheet, or all in one column? The first sheet of a workbook is read."
    return ""


def _lines(path: Path, sheet: Sheet, language: str) -> tuple[list[Line], list[Fault]]:
    lines: list[Line] = []
    faults: list[Fault] = []
    new = f"new_{language}"
    for count, row in enumerate(sheet.rows(), 1):
        if count > MOST_ROWS:
            message = f"There are more than {MOST_ROWS:,} lines."
            faults.append(fault(path, row.number, "too_large", message, "Send only the lines with words."))
            break
        wrong = [one for one in row.faults if one.column in (*_NEEDED, new)]
        wrong += [Wrong(name, _DAY) for name in (*_NEEDED, new) if not isinstance(row.cells.get(name, ""), str)]
        faults += [
            fault(path, row.number, "cell", f'In the column "{one.column.replace("_", " ")}" {one.reason}.', _FIX)
            for one in wrong
        ]
        if not wrong:
            lines.append(_line(row, new, f"present_{language}" if f"present_{language}" in sheet.heading else ""))
    return lines, faults


_FIX: Final = "Type the words themselves into the cell."
_DAY: Final = "the spreadsheet has made a day of what was typed"


def _line(row: Row, new: str, present: str) -> Line:
    flow, key, source, said = (_said(row.cells.get(name, "")) for name in (*_NEEDED, new))
    return Line(row.number, flow, key, source, said, _said(row.cells.get(present, "")) if present else None)


def _said(cell: Cell) -> str:
    return as_text(cell) if isinstance(cell, str) else cell.isoformat()
