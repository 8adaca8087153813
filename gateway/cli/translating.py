"""What ``njia flows words LANG`` works on, and the way back of a file that was filled in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any

import click

from flows.checks.shown.stage import Stage
from flows.faults import Fault
from gateway.cli.common import Problem, counted, print_json, shared
from gateway.clock import Clock
from gateway.home import Home
from gateway.institution import institution
from gateway.publishing import Sources, gather
from gateway.settings import Settings, load_or_sample
from gateway.wording import applying
from gateway.wording.entries import Entry, Wording, file_of, read_wording
from gateway.wording.judging import Change, judged, reviewed
from gateway.wording.notes import note
from gateway.wording.returned import returned
from gateway.wording.room import Room, room
from gateway.wording.stages import shows_in, stages_in


@dataclass(frozen=True)
class Workbench:
    """One language of a home: its texts, how long they may be, and what is to be known of them."""

    settings: Settings
    sources: Sources
    wording: Wording

    @cached_property
    def _shown(self) -> tuple[Room, dict[str, Stage]]:
        language = self.wording.language
        shows = shows_in(self.sources, institution(self.settings), language)
        return room(shows, language, self.wording.entries), stages_in(shows, language)

    @property
    def room(self) -> Room:
        return self._shown[0]

    @property
    def spoken(self) -> bool:
        """Whether the institution offers this language already."""
        return self.wording.language in self.settings.institution.languages

    def note(self, entry: Entry) -> str:
        stages = self._shown[1]
        stage = stages.get(entry.flow) or next(iter(stages.values()), None)
        return note(entry, self.wording.flows.get(entry.flow), stage)

    def hints(self) -> list[str]:
        if self.spoken:
            return []
        languages = ", ".join(f'"{one}"' for one in (*self.settings.institution.languages, self.wording.language))
        file = f"{self.settings.home / 'njia.toml'}" if self.settings.home else "njia.toml"
        return [
            f'"{self.wording.language}" is not offered to clients yet. To turn it on, write in {file}:',
            f"languages = [{languages}]    (in the part [institution])",
        ]

    def as_json(self, entry: Entry) -> dict[str, Any]:
        return {
            "file": file_of(self.wording.language, entry.flow),
            "flow": entry.flow,
            "step": entry.step,
            "key": entry.key,
            "state": entry.state,
            "source": entry.source,
            "old_source": entry.old_source or None,
            "present": entry.present or None,
            "line": entry.line or None,
            "limit": self.room.get(entry.place),
            "note": self.note(entry),
        }


def workbench(language: str) -> Workbench:
    """Raises UsageError, UnreadableHome."""
    if not re.fullmatch(r"[a-z]{2,3}", language):
        raise click.UsageError(f"{language} is not a language code. Write one of ISO 639, such as en or sw.")
    settings = load_or_sample()
    sources = gather(Home(settings.home), institution(settings))
    return Workbench(settings, sources, read_wording(sources, institution(settings), language))


def take_back(at: Workbench, path: Path, by: str) -> None:
    """A file that was filled in: what it changes, and what is wrong with it."""
    language = at.wording.language
    lines, faults = returned(path, language)
    changes, more = judged(path, lines, at.wording, at.room, by)
    _carry_out(at, changes, [*faults, *more], path.name)


def mark(at: Workbench, asked: Sequence[str], by: str) -> None:
    """Texts that somebody has read."""
    changes, faults, strange = reviewed(at.wording, asked, by)
    if strange:
        raise click.UsageError(
            f"There is no text {strange[0]} in {at.wording.language}. Write repay, or repay:pay.paid."
        )
    _carry_out(at, changes, faults, "")


def _carry_out(at: Workbench, changes: Sequence[Change], faults: list[Fault], sheet: str) -> None:
    settings = at.settings
    today = Clock(settings.institution.timezone).today().isoformat()
    files: dict[str, str] = {}
    if not _errors(faults):
        files, wrong = applying.written(settings.home, at.wording, changes, today)
        faults += wrong
    if files and not _errors(faults) and any(change.to != change.entry.present for change in changes):
        faults = applying.merged(faults, applying.news(at.sources, files, at.wording.language, changes), sheet)
    good = not _errors(faults)
    done = good and bool(files) and shared().yes
    if done:
        _write(settings.home, files)
    if shared().json:
        findings = [fault.as_json() for fault in faults]
        rows = [_as_json(at, change) for change in changes]
        print_json({"language": at.wording.language, "written": done, "changes": rows, "findings": findings})
    else:
        _tell(at, changes, faults, done)
    if not good:
        raise SystemExit(Problem.exit_code)


def _errors(faults: Sequence[Fault]) -> list[Fault]:
    return [fault for fault in faults if fault.level == "error"]


def _write(home: Path | None, files: dict[str, str]) -> None:
    if home is None:
        raise Problem("There is no home to write into. Name it: njia --home my-institution flows words …")
    try:
        applying.write(home, files)
    except OSError as error:
        raise Problem(f"{error.filename} cannot be written ({error.strerror}). Nothing was changed.") from error


def _as_json(at: Workbench, change: Change) -> dict[str, Any]:
    entry = change.entry
    return {
        "file": file_of(at.wording.language, entry.flow),
        "flow": entry.flow,
        "key": entry.key,
        "row": change.row or None,
        "source": entry.source,
        "old": entry.present or None,
        "new": change.to,
        "reviewed_by": change.by or None,
        "loses_review": change.loses_review,
    }


def _tell(at: Workbench, changes: Sequence[Change], faults: Sequence[Fault], done: bool) -> None:
    for flow, found in groupby(changes, lambda change: change.entry.flow):
        click.echo(click.style(file_of(at.wording.language, flow), bold=True))
        for change in found:
            for line in _lines(change):
                click.echo(f"  {line}")
        click.echo()
    for fault in faults:
        click.echo(f"{fault.file}, line {fault.line}: {fault.level}\n    {fault.message}\n    {fault.fix}")
    click.echo(_last(changes, faults, done))
    for hint in at.hints() if done else ():
        click.echo(hint)


def _lines(change: Change) -> list[str]:
    entry, lines = change.entry, []
    if change.to != entry.present:
        lines += [f'- "{entry.present}"'] if entry.present else []
        lines += [f'+ "{change.to}"']
    elif entry.old_source:
        lines += [f'still right for "{entry.source}"']
    review = [f"reviewed by {change.by}"] if change.by else ["no longer reviewed"] if change.loses_review else []
    return [entry.key, *(f"  {line}".replace("\n", " / ") for line in (*lines, *review))]


def _last(changes: Sequence[Change], faults: Sequence[Fault], done: bool) -> str:
    if errors := _errors(faults):
        return f"{counted(len(errors), 'error')}: nothing was changed. Mend these lines, and try again."
    if not changes:
        return "Nothing to change."
    return (
        f"{counted(len(changes), 'text')} changed."
        if done
        else (f"{counted(len(changes), 'text')} would change. Nothing is written yet: add --yes.")
    )
