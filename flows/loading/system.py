"""``messages/<language>/system.yaml``: what the engine itself says, one flat list of keys a language.

``back: "Rudi"``, or as a translation that can grow old and be reviewed: ``back: {from: "Back", to: "Rudi"}``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from flows.faults import Fault, suggest
from flows.loading import take
from flows.loading.meant import in_quotes
from flows.loading.nodes import Node, Table
from flows.loading.reading import read_table
from flows.loading.report import Report
from flows.loading.source import SourceFile
from flows.loading.words import check_stale, read_entry
from flows.model import Text
from flows.words.book import Translation
from flows.words.spoken import KEYS, is_key

_Entry = tuple[Text | None, Text, bool]  # what was translated, the words, reviewed
System = dict[str, dict[str, str]]  # language -> key -> text
Spoken = dict[str, dict[str, Text]]  # the same, with where it stands


def load_system(files: Mapping[str, SourceFile]) -> tuple[System, list[Fault]]:
    """The engine's words by language and key, and what is wrong with them."""
    texts, faults = load_spoken(files)
    return {language: {key: text.source for key, text in found.items()} for language, found in texts.items()}, faults


def load_spoken(files: Mapping[str, SourceFile]) -> tuple[Spoken, list[Fault]]:
    """The engine's words with their lines, and what is wrong with them.

    A key that the engine does not say is an error. One that only some of the languages have is a warning: readers of
    the others get it in the first language.
    """
    reports = {language: Report(source.path, language=language) for language, source in files.items()}
    entries = {language: _entries(source, reports[language]) for language, source in files.items()}
    texts = {language: {key: to for key, (_, to, _) in found.items()} for language, found in entries.items() if found}
    first: dict[str, Text] = {}
    for language, found in texts.items():
        for key, text in found.items():
            _compare(first.setdefault(key, text), text, reports[language])
    for language, found in texts.items():
        _missing(first, found, reports[language])
        _stale(entries[language], [others for of, others in texts.items() if of != language], reports[language])
    return texts, sorted(fault for report in reports.values() for fault in report.faults)


def system_translations(source: SourceFile) -> tuple[dict[str, Translation], list[Fault]]:
    """One of these files as translations (``from_text`` is "" where it does not say), and the faults of reading it."""
    report = Report(source.path)
    found = _entries(source, report)
    made = {
        key: Translation(made_from.source if made_from else "", to.source, reviewed, to.line)
        for key, (made_from, to, reviewed) in found.items()
    }
    return made, report.faults


def _entries(source: SourceFile, report: Report) -> dict[str, _Entry]:
    table = read_table(source, report)
    found: dict[str, _Entry] = {}
    for key, node in table.items.items() if table else ():
        if not re.fullmatch(r"[a-z][a-z0-9_]*", key):
            fix = "Use small letters, digits and _."
            report.error(table.at(key) if table else 1, "system.key", f'"{key}" cannot be a key of these words.', fix)
            continue
        if not is_key(key):
            fix = suggest(key, KEYS, "Take this line away.")
            report.error(node.line, "system.unknown_key", f'The engine says nothing that is called "{key}".', fix)
            continue
        made = _read(node, key, report)
        if made:
            found[key] = made
    return found


def _read(node: Node, key: str, report: Report) -> _Entry | None:
    if isinstance(node, Table):
        return read_entry(node, key, report)  # (its names are compared with those of the other languages)
    text = take.words(node, key, key, report)
    return (None, text, False) if text else None


def _stale(found: Mapping[str, _Entry], others: Sequence[Mapping[str, Text]], report: Report) -> None:
    """No other language says any more what was translated."""
    for key, (made_from, _, _) in found.items():
        if made_from:
            check_stale([texts[key].source for texts in others if key in texts], made_from, "engine", report)


def _compare(first: Text, text: Text, report: Report) -> None:
    for name in sorted(set(first.names) ^ set(text.names)):
        message = f'{{{name}}} does not stand in "{text.key}" in every language.'
        report.error(text.line, "system.placeholders", message, "The same names in braces must stand in all of them.")


def _missing(first: Mapping[str, Text], found: Mapping[str, Text], report: Report) -> None:
    for key, text in first.items():
        if key not in found:
            fix = f"Add this line with its translation: {key}: {in_quotes(text.source)}"
            report.warning(1, "system.missing", f'"{key}" is missing in this language.', fix)
