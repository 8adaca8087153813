"""``messages/<language>/system.yaml``: what the engine itself says, one flat list of keys a language."""

from __future__ import annotations

import re
from collections.abc import Mapping

from flows.faults import Fault
from flows.loading import take
from flows.loading.nodes import Table
from flows.loading.reading import read_table
from flows.loading.report import Report
from flows.loading.source import SourceFile
from flows.model import Text

System = dict[str, dict[str, str]]  # language -> key -> text


def load_system(files: Mapping[str, SourceFile]) -> tuple[System, list[Fault]]:
    """The engine's words by language and key, and what is wrong with them.

    A key that only some of the languages have is a warning: readers of the others get it in the first language.
    """
    reports = {language: Report(source.path, language=language) for language, source in files.items()}
    tables = {language: read_table(source, reports[language]) for language, source in files.items()}
    texts = {language: _texts(table, reports[language]) for language, table in tables.items() if table}
    first: dict[str, Text] = {}
    for language, found in texts.items():
        for key, text in found.items():
            _compare(first.setdefault(key, text), text, reports[language])
    for language, found in texts.items():
        _missing(first, found, reports[language])
    system = {language: {key: text.source for key, text in found.items()} for language, found in texts.items()}
    return system, sorted(fault for report in reports.values() for fault in report.faults)


def _texts(table: Table, report: Report) -> dict[str, Text]:
    found = {}
    for key, node in table.items.items():
        if not re.fullmatch(r"[a-z][a-z0-9_]*", key):
            fix = "Use small letters, digits and _."
            report.error(table.at(key), "system.key", f'"{key}" cannot be a key of these words.', fix)
            continue
        text = take.words(node, key, key, report)
        if text:
            found[key] = text
    return found


def _compare(first: Text, text: Text, report: Report) -> None:
    for name in sorted(set(first.names) ^ set(text.names)):
        message = f'{{{name}}} does not stand in "{text.key}" in every language.'
        report.error(text.line, "system.placeholders", message, "The same names in braces must stand in all of them.")


def _missing(first: Mapping[str, Text], found: Mapping[str, Text], report: Report) -> None:
    for key, text in first.items():
        if key not in found:
            fix = f'Write {key}: "…". Until then it reads: {text.source[:60]}'
            report.warning(1, "system.missing", f'"{key}" is missing in this language.', fix)
