"""``kinds.yaml``: which kinds of party there are beside the client, and which roles can be held."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from flows.faults import Fault, suggest
from flows.loading import take
from flows.loading.nodes import Table
from flows.loading.reading import read_table
from flows.loading.report import Report
from flows.loading.source import SourceFile

ALWAYS = ("client", "account")  # what a role can be held in, beside the declared kinds of party


@dataclass(frozen=True, slots=True)
class Role:
    """``of``: the kinds of party (or ``account``, ``client``) in which it is held; empty: in any."""

    name: str
    label: str
    of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kinds:
    """``parties``: each kind of party with what staff call it."""

    parties: dict[str, str] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)


def load_kinds(source: SourceFile) -> tuple[Kinds, list[Fault]]:
    """The declared kinds and roles, and everything that is wrong with the file."""
    report = Report(source.path)
    table = read_table(source, report)
    if table is None:
        return Kinds(), sorted(report.faults)
    take.check_keys(table, ("parties", "roles"), (), "kinds", report)
    parties = _parties(table, report)
    return Kinds(parties, _roles(table, (*parties, *ALWAYS), report)), sorted(report.faults)


def _parties(table: Table, report: Report) -> dict[str, str]:
    """``group: "Group"``: the name, and what staff call it."""
    entries = take.table(table.items.get("parties"), "parties", report)
    found = {}
    for name, node in (entries.items if entries else {}).items():
        _check_name(name, entries.at(name) if entries else 1, report)
        text = take.words(node, name, name, report)
        found[name] = text.source if text else name
    return found


def _roles(table: Table, held_in: Collection[str], report: Report) -> dict[str, Role]:
    found = {}
    for name, entry in _roles_in(table, report):
        take.check_keys(entry, ("label",), ("of",), "a role", report)
        places = take.rows(entry.items.get("of"), "of", report)
        for place, line in places:
            if place not in held_in:
                report.error(line, "kinds.unknown_party", f'"{place}" is no kind of party.', suggest(place, held_in))
        found[name] = Role(name, _label(entry, report) or name, tuple(place for place, _ in places))
    return found


def _roles_in(table: Table, report: Report) -> list[tuple[str, Table]]:
    """``leader: {label: "Leader", of: group}``, one a line."""
    entries = take.table(table.items.get("roles"), "roles", report)
    found = []
    for name, node in (entries.items if entries else {}).items():
        _check_name(name, entries.at(name) if entries else 1, report)
        entry = take.table(node, name, report)
        if entry:
            found.append((name, entry))
    return found


def _check_name(name: str, line: int, report: Report) -> None:
    if not re.fullmatch(r"[a-z][a-z ]{0,39}", name):
        report.error(line, "kinds.name", f'"{name}" cannot be a kind or a role.', "Use small letters and spaces.")


def _label(entry: Table, report: Report) -> str:
    text = take.words(entry.items.get("label"), "label", "label", report)
    return text.source if text else ""
