"""From a file to its nodes, with everything that is wrong on the way."""

from __future__ import annotations

import re

import yaml

from flows.loading.compose import TooDeep, compose
from flows.loading.nodes import Node, Table
from flows.loading.report import Report
from flows.loading.scan import scan
from flows.loading.source import SourceFile
from flows.loading.yaml_words import bare_value, explain, report_bare

_MENDINGS = 20  # so many lines with a bare value are reported at once


def read_table(source: SourceFile, report: Report) -> Table | None:
    """The keys of the file; None, and a fault in ``report``, when it is no table of keys."""
    node = read(source, report)
    if node is None or isinstance(node, Table):
        return node
    message, fix = "This file does not begin with a key.", 'Write "name: value" lines.'
    if rows := re.match(r"\s*([^\s,;\"]+)[,;]", report.written(node.line)):
        message = "This file reads like a table that was saved by a spreadsheet."
        fix = f'Write each of its rows as a name and values: {rows[1]}: {{type: number, label: "…"}}'
    report.error(node.line, "yaml.not_a_table", message, fix)
    return None


def read(source: SourceFile, report: Report) -> Node | None:
    """The tree of the file; None, and a fault in ``report``, when it cannot be read to its end."""
    text = scan(source.text, report)
    if text is None:
        return None
    report.lines = lines = text.split("\n")
    for _ in range(_MENDINGS):
        mark = len(report.faults)
        try:
            return _whole("\n".join(lines), report)
        except yaml.YAMLError as error:
            if not _mend(error, lines, report, mark):
                return None
    return None


def _whole(text: str, report: Report) -> Node | None:
    try:
        node = compose(text, report)
    except TooDeep as deep:
        fix = "Write it as steps one below the other."
        report.error(deep.line, "yaml.too_deep", "Too many things stand inside one another here.", fix)
        return None
    if node is None:
        report.error(1, "yaml.empty", "This file is empty.", "Write it, or delete the file.")
    return node


def _mend(error: yaml.YAMLError, lines: list[str], report: Report, mark: int) -> bool:
    """True if the line was put right in ``lines``, so that the rest of the file can be read and checked too."""
    bare = bare_value(error, lines)
    if bare is None:
        if not any(fault.code in ("file.tab", "file.hard_space") for fault in report.faults):
            explain(error, lines, report)
        return False
    del report.faults[mark:]
    line, value, mended = bare
    report_bare(line, value, mended, report)
    lines[line - 1] = mended
    return True
