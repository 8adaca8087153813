"""What a returned file would change, and what must not be changed like that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from flows.faults import Fault, listed, suggest
from flows.loading.take import LONGEST_TEXT
from flows.words.templates import BadText, names
from gateway.wording.entries import Entry, Wording, file_of
from gateway.wording.returned import Line, fault
from gateway.wording.room import Room
from gateway.wording.sheet import as_cell

SHOWN: Final = 60  # characters of a text in a message
_ANEW: Final = "Make the file anew with --to, and translate it there."


@dataclass(frozen=True, slots=True)
class Change:
    """What an entry says afterwards. ``row``: the line of the sheet; 0: none. ``by``: who has reviewed it."""

    entry: Entry
    to: str
    row: int = 0
    by: str = ""

    @property
    def loses_review(self) -> bool:
        return self.entry.state == "good" and not self.by


def judged(
    path: Path, lines: Sequence[Line], wording: Wording, room: Room, by: str = ""
) -> tuple[list[Change], list[Fault]]:
    """The changes, and the faults of lines that cannot be taken. ``by``: has read all lines that are translated."""
    entries = {entry.place: entry for entry in wording.entries}
    seen: dict[tuple[str, str], int] = {}
    changes: dict[tuple[str, str], Change] = {}
    faults: list[Fault] = []
    for line in lines:
        found = list(_faults(path, line, entries, wording, seen))
        entry = entries.get((line.flow, line.key))
        if entry is not None and line.new:
            found += [] if found else _words(path, line, entry, room)
            seen.setdefault(entry.place, line.number)
        elif entry is not None and by and entry.state == "unreviewed":
            found += _still_there(path, line, entry, "error")
        faults += found
        if entry is not None and not any(one.level == "error" for one in found):
            for change in _change(line, entry, by):
                if line.new or entry.place not in changes:
                    changes[entry.place] = change
    return list(changes.values()), faults


def _faults(
    path: Path, line: Line, entries: dict[tuple[str, str], Entry], wording: Wording, seen: dict[tuple[str, str], int]
) -> Iterator[Fault]:
    """A line without a new text is none of ours, whatever it says."""
    if line.new and (line.flow, line.key) in entries:
        yield from _twice(path, line, seen)
    elif line.new:
        yield _place(path, line, entries, wording)


def _place(path: Path, line: Line, entries: dict[tuple[str, str], Entry], wording: Wording) -> Fault:
    """Why this line belongs to no text."""
    flows = sorted({*wording.flows, *wording.broken, "system"})
    if not (line.flow and line.key):
        message = "This line does not say which text it is: was its cell merged with another, or moved?"
        return fault(path, line.number, "no_key", message, 'Fill in "flow" and "key" as they were in the file.')
    if line.flow in wording.broken:
        message = f'The flow "{line.flow}" cannot be read now, so its words cannot be taken in.'
        return fault(path, line.number, "unreadable", message, "See: njia flows check")
    if line.flow in wording.own:
        message = f'"{line.flow}" is itself written in "{wording.language}".'
        return fault(path, line.number, "own_language", message, f"Change its words in flows/{line.flow}.yaml.")
    if line.flow not in flows:
        fix = suggest(line.flow, flows, "Take this line out.")
        return fault(path, line.number, "unknown_flow", f'There is no flow "{line.flow}".', fix)
    known = [key for flow, key in entries if flow == line.flow]
    message = f'"{line.flow}" has no text "{line.key}".'
    return fault(path, line.number, "unknown_key", message, suggest(line.key, known, "Take this line out."))


def _twice(path: Path, line: Line, seen: dict[tuple[str, str], int]) -> Iterator[Fault]:
    first = seen.get((line.flow, line.key))
    if first:
        message = f'"{line.key}" of "{line.flow}" is in line {first} already.'
        yield fault(path, line.number, "duplicate", message, "Keep one of the two.")


def _words(path: Path, line: Line, entry: Entry, room: Room) -> Iterator[Fault]:
    """What is wrong with a new text."""
    if line.source != as_cell(entry.source):
        message = f'This line translates "{_short(line.source)}", and the source now says "{_short(entry.source)}".'
        yield fault(path, line.number, "changed", message, _ANEW)
        return
    if len(line.new) > LONGEST_TEXT:
        message = f"This text has {len(line.new):,} characters; {LONGEST_TEXT:,} is the most."
        yield fault(path, line.number, "too_long", message, "Say it in fewer words.")
        return
    try:
        here = names(line.new)
    except BadText as bad:
        for trouble in bad.troubles:
            yield fault(path, line.number, "braces", trouble.message, trouble.fix)
        return
    yield from _names(path, line, set(here), set(_named(entry.source)))
    yield from _still_there(path, line, entry, "warning")
    most = room.get(entry.place, 0)
    if most and len(line.new) > most:
        message = f"This text has {len(line.new)} characters, and {most} fit here."
        found = fault(path, line.number, "length", message, f"Take {len(line.new) - most} away, if you can.")
        yield replace(found, level="warning")


def _named(source: str) -> tuple[str, ...]:
    try:
        return names(source)
    except BadText:
        return ()


def _still_there(path: Path, line: Line, entry: Entry, level: Literal["error", "warning"]) -> Iterator[Fault]:
    """Somebody else may have changed the translation since this file was made."""
    if line.present is not None and line.present != as_cell(entry.present):
        message = f'The present translation is "{_short(entry.present)}" by now, and not what stands in this line.'
        fix = _ANEW if level == "error" else "Look whether the new one is still better."
        yield replace(fault(path, line.number, "overtaken", message, fix), level=level)


def _names(path: Path, line: Line, here: set[str], there: set[str]) -> Iterator[Fault]:
    if here != there:
        said = [f"{listed(_braced(there - here))} is missing"] if there - here else []
        said += [f"{listed(_braced(here - there))} is not in the source"] if here - there else []
        fix = f"Write {listed(_braced(there))}, letter for letter." if there else "Take it out."
        yield fault(path, line.number, "placeholders", f"In this text {' and '.join(said)}.", fix)


def _braced(found: set[str]) -> list[str]:
    return sorted(f"{{{name}}}" for name in found)


def _short(text: str) -> str:
    text = text.replace("\n", " ")
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}..."


def _change(line: Line, entry: Entry, by: str) -> Iterator[Change]:
    """A stale text is good again when it is filled in, be it as it was; one that is good is left alone."""
    new = bool(line.new) and (entry.state in ("missing", "stale", "wrong") or line.new != as_cell(entry.present))
    if new:
        kept = entry.present if line.new == as_cell(entry.present) else line.new
        yield Change(entry, kept, line.number, by)
    elif by and entry.state == "unreviewed":
        yield Change(entry, entry.present, line.number, by)


def reviewed(wording: Wording, asked: Sequence[str], by: str) -> tuple[list[Change], list[Fault], list[str]]:
    """The texts of the flows (``repay``) or keys (``repay:pay.paid``) that ``by`` has read; those that are not ready to
    be marked; and what is not there."""
    changes: list[Change] = []
    faults: list[Fault] = []
    strange: list[str] = []
    for one in dict.fromkeys(asked):
        flow, _, key = one.partition(":")
        meant = [entry for entry in wording.entries if entry.flow == flow and key in ("", entry.key)]
        strange += [] if meant else [one]
        changes += [Change(entry, entry.present, 0, by) for entry in meant if entry.state == "unreviewed"]
        faults += [
            _not_ready(entry, wording.language) for entry in meant if entry.state in ("missing", "wrong", "stale")
        ]
    return list(dict.fromkeys(changes)), list(dict.fromkeys(faults)), strange


def _not_ready(entry: Entry, language: str) -> Fault:
    message, fix = f'"{entry.key}" is {entry.state}, so it was not marked.', "Translate it first."
    return Fault(file_of(language, entry.flow), entry.line or 1, "warning", "words.not_ready", message, fix, entry.flow)
