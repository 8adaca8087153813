"""From changes to the files of a home: what they would say, what the check says of that, and all written at once."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from flows.faults import Fault
from flows.loading.reading import read_table
from flows.loading.report import Report
from flows.loading.source import SourceFile
from gateway.home import templates
from gateway.publishing import Sources, check
from gateway.wording.editing import Edit, Uneditable, edited, without_strangers
from gateway.wording.entries import Wording, file_of
from gateway.wording.judging import Change
from gateway.wording.stages import sound, spoken

_EXPECTED = ("words.missing", "words.missing_file", "system.missing")
_TOLD = ("fit.screens", "fit.parts", "fit.button")  # of a line that is known to be too long


def written(
    home: Path | None, wording: Wording, changes: Sequence[Change], today: str
) -> tuple[dict[str, str], list[Fault]]:
    """The new text of each file that changes, by its path in a home, and the files that cannot be changed like that."""
    files: dict[str, str] = {}
    faults: list[Fault] = []
    for flow in dict.fromkeys(change.entry.flow for change in changes):
        path = file_of(wording.language, flow)
        edits = [_edit(change, today) for change in changes if change.entry.flow == flow]
        try:
            files[path] = edited(_there(home, path, wording.orders[flow]), edits, wording.orders[flow])
        except Uneditable as wrong:
            fix = "Mend this file by hand first. See: njia flows check"
            faults.append(Fault(path, wrong.line, "error", "words.uneditable", str(wrong), fix))
        except UnicodeDecodeError:
            message, fix = "There are characters here that are not UTF-8.", 'Save it with the encoding "UTF-8" first.'
            faults.append(Fault(path, 1, "error", "file.encoding", message, fix))
    return files, faults


def _edit(change: Change, today: str) -> Edit:
    return Edit(change.entry.key, change.entry.source, change.to, (change.by, today) if change.by else None)


def _there(home: Path | None, path: str, known: Sequence[str]) -> str:
    """The file as it is in force now, every byte of it: that of the home, else what is shipped, else nothing.

    The institution's flow may have taken the place of a shipped one: texts that only that one has are not copied.
    """
    if home is not None and (home / path).is_file():
        return (home / path).read_bytes().decode("utf-8")
    shipped = templates() / path
    return without_strangers(shipped.read_bytes().decode("utf-8"), known) if shipped.is_file() else ""


# -- what the check says --------------------------------------------------------------------------------------------


def news(sources: Sources, files: Mapping[str, str], language: str, changes: Sequence[Change]) -> list[Fault]:
    """What would be found of the new words and is not found of those that are in force."""
    before = sound(spoken(sources, language))
    after = Sources(before.institution, {**before.files, **{at: text.lstrip("\ufeff") for at, text in files.items()}})
    known = {_same(fault) for fault in check(before)[1]}
    fresh = [fault for fault in check(after)[1] if _same(fault) not in known and fault.code not in _EXPECTED]
    return [_in_the_sheet(_no_block(fault), after, changes) for fault in fresh]


def _no_block(fault: Fault) -> Fault:
    """Words that are too long are a translator's to shorten, and nothing that is broken: publishing asks again."""
    return replace(fault, level="warning") if fault.code.startswith("fit.") else fault


def _same(fault: Fault) -> Fault:
    """Wherever it stands in its file."""
    return replace(fault, line=0)


def _in_the_sheet(fault: Fault, after: Sources, changes: Sequence[Change]) -> Fault:
    """With the line of the sheet that it comes from as its line, and no file, if that is clear."""
    key = _key_at(fault, after)
    for change in changes:
        entry = change.entry
        named = key == entry.key and fault.file.endswith(f"/{entry.flow}.yaml")
        if change.row and (named or (key is None and fault.flow == entry.flow and fault.step == entry.step)):
            return replace(fault, line=change.row, file="")
    return fault


def _key_at(fault: Fault, after: Sources) -> str | None:
    """The entry that a fault of a words file stands in."""
    text = after.files.get(fault.file)
    if text is None or not fault.file.startswith("messages/"):
        return None
    table = read_table(SourceFile(fault.file, text), Report(fault.file))
    lines = {line: key for key, line in table.lines.items()} if table else {}
    return lines.get(max((line for line in lines if line <= fault.line), default=0))


def merged(own: Sequence[Fault], more: Sequence[Fault], sheet: str) -> list[Fault]:
    """All faults, each once: what the check says of a line's length only where that is not said already."""
    long = {fault.line for fault in own if fault.code == "words.length"}
    kept = [one for one in more if one.file or one.code not in _TOLD or one.line not in long]
    return [*own, *(replace(one, file=one.file or sheet) for one in kept)]


# -- writing --------------------------------------------------------------------------------------------------------


def write(home: Path, files: Mapping[str, str]) -> None:
    """All files or, if one cannot be written, none: each is whole before the first takes its place. Raises OSError."""
    with contextlib.ExitStack() as stack:
        ready = [(home / path, stack.enter_context(_beside(home / path, text))) for path, text in files.items()]
        done: list[tuple[Path, bytes | None]] = []
        try:
            for path, beside in ready:
                done.append((path, path.read_bytes() if path.exists() else None))
                beside.replace(path.resolve())
        except OSError:
            _put_back(done)
            raise


def _put_back(done: Sequence[tuple[Path, bytes | None]]) -> None:
    for path, before in done:
        if before is None:
            path.unlink(missing_ok=True)
        elif path.read_bytes() != before:
            path.write_bytes(before)


@contextlib.contextmanager
def _beside(path: Path, text: str) -> Iterator[Path]:
    """A file with ``text`` in the folder of ``path``, with its permissions."""
    path.parent.mkdir(parents=True, exist_ok=True)
    target = path.resolve()
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=".words-")
    made = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        mask = os.umask(0)
        os.umask(mask)
        made.chmod(target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~mask)
        yield made
    finally:
        made.unlink(missing_ok=True)
