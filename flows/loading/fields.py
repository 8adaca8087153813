"""``fields/*.yaml``: the data dictionary. Each thing that can be known of a client is declared once, for everybody."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from flows.faults import Fault, nearest, suggest
from flows.loading import take
from flows.loading.answers import TYPES, meant_bound, typed
from flows.loading.nodes import Node, Rows, Scalar, Table
from flows.loading.reading import read_table
from flows.loading.report import Report
from flows.loading.source import SourceFile
from flows.loading.times import example, said_well
from flows.values import Kind, Value

KINDS = (
    Kind.TEXT, Kind.NUMBER, Kind.MONEY, Kind.DATE, Kind.PHONE, Kind.NAME, Kind.CHOICE, Kind.CHOICES, Kind.YES_NO,
    Kind.RATING, Kind.PLACE, Kind.MEDIA,
)  # fmt: skip
NEEDS = ("type", "label")
MAY = ("min", "max", "options", "unit", "sensitive", "keep")
_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
BOUNDED = (Kind.NUMBER, Kind.MONEY, Kind.DATE, Kind.RATING)


@dataclass(frozen=True, slots=True)
class Field:
    """``options`` closes a choice (empty: any). ``sensitive``: shown to those only whose role allows it. ``keep``: for
    how long after the client has left, "" for as long as the institution keeps the client's record."""

    name: str
    kind: Kind
    label: str
    min: Value = None
    max: Value = None
    options: tuple[str, ...] = ()
    unit: str = ""
    sensitive: bool = False
    keep: str = ""
    file: str = ""
    line: int = 0


def load_fields(files: Iterable[SourceFile], currency: str) -> tuple[dict[str, Field], list[Fault]]:
    """All declared fields by name, and everything that is wrong with the files. Amounts are in major units."""
    fields: dict[str, Field] = {}
    faults: list[Fault] = []
    for source in files:
        report = Report(source.path)
        table = read_table(source, report)
        for name, node in (table.items if table else {}).items():
            found = _field(name, node, table.at(name) if table else 1, report, currency)
            if found and name in fields:
                message = f'"{name}" is declared in {fields[name].file}, line {fields[name].line}, too.'
                report.error(found.line, "field.twice", message, "Keep one of the two.")
            elif found:
                fields[name] = found
        faults += report.faults
    return fields, sorted(faults)


def _field(name: str, node: Node, line: int, report: Report, currency: str) -> Field | None:
    if not _NAME.fullmatch(name):
        fix = 'Write two or more small words with a dot between them, such as "loan.ease".'
        report.error(line, "field.name", f'"{name}" cannot be the name of a field.', fix)
    table = take.table(node, name, report)
    if table is None:
        return None
    take.check_keys(table, NEEDS, MAY, "a field", report)
    kind = _kind(table, report)
    if kind is None:
        return None
    return Field(
        name,
        kind,
        _label(table, report),
        min=_bound(table, "min", kind, currency, report),
        max=_bound(table, "max", kind, currency, report),
        options=_options(table, kind, report),
        unit=take.word(table.items.get("unit"), "unit", report) or "",
        sensitive=take.yes_no(table.items.get("sensitive"), "sensitive", report, False),
        keep=_keep(table, report),
        file=report.file,
        line=line,
    )


def _kind(table: Table, report: Report) -> Kind | None:
    text = take.word(table.items.get("type"), "type", report)
    known = [kind.value for kind in KINDS]
    if text is None or text in known:
        return Kind(text) if text else None
    meant = TYPES.get(text.casefold()) or nearest(text, known)
    fix = f'Did you mean "{meant}"?' if meant in known else suggest(text, known)
    report.error(table.at("type"), "field.unknown_type", f'"{text}" is not a type of field.', fix)
    return Kind(meant) if meant in known else None


def _label(table: Table, report: Report) -> str:
    """What staff and exports call it. Labels stand in double quotes too."""
    text = take.words(table.items.get("label"), "label", "label", report)
    return text.source if text else ""


def _bound(table: Table, key: str, kind: Kind, currency: str, report: Report) -> Value:
    text = take.word(table.items.get(key), key, report)
    if text is None:
        return None
    value = typed(kind, text, currency) if kind in BOUNDED else None
    if value is None:
        meant = meant_bound(key, kind, text, currency)
        fix = f"Write {meant}." if meant else f'Write a value of the type "{kind.value}".'
        fix = fix if kind in BOUNDED else f'Take "{key}" away.'
        report.error(table.at(key), "field.bound", f'"{text}" cannot be the "{key}" of this field.', fix)
    return value


def _options(table: Table, kind: Kind, report: Report) -> tuple[str, ...]:
    """``[yes, no]``; their words stand in the flows that ask for them."""
    node = table.items.get("options")
    if node is None:
        return ()
    if kind not in (Kind.CHOICE, Kind.CHOICES):
        report.error(table.at("options"), "field.options", "Only a choice has options.", "Take them away.")
    if isinstance(node, Rows | Scalar):
        return tuple(text for text, _ in take.rows(node, "options", report))
    names = ", ".join(node.items) or "one, other"
    report.error(node.line, "field.options", "The options of a field are a list.", f"Write options: [{names}].")
    return ()


def _keep(table: Table, report: Report) -> str:
    text = take.word(table.items.get("keep"), "keep", report)
    if text is None or said_well("keep", text):
        return text or ""
    report.error(
        table.at("keep"), "field.keep", f'"{text}" is not how long it is kept.', f"Write keep: {example('keep')}."
    )
    return ""
