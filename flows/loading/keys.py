"""What YAML takes for a key, and was not meant as one: words in quotes, half of a number, a name without a space."""

from __future__ import annotations

import re

from flows.loading.meant import in_quotes, slug
from flows.loading.nodes import Node, Scalar, Table
from flows.loading.report import Report

_LISTS = ("keywords", "hidden from", "of", "options")
_JOINED = re.compile(r"([A-Za-z_][\w ]*?)(?::(?=\S)| +(?=\"))(.+)")


def quoted_key(key: Scalar, value: Node, report: Report) -> tuple[Scalar, Node]:
    """``"end": "Bye."``, or words alone where a name should stand before them."""
    if isinstance(value, Scalar) and value.empty:
        fix = f"Write {slug(key.text)}: {in_quotes(key.text)}."
        report.error(key.line, "yaml.key", "These words stand without a name before them.", fix)
        return Scalar(slug(key.text), key.line), Scalar(key.text, key.line, "double")
    message = "What stands before the colon is a name, and no client reads it."
    report.error(key.line, "yaml.key", message, f"Take the double quotes away: {key.text}.")
    return Scalar(key.text, key.line), value


def take_in(table: Table, key: Scalar, report: Report) -> bool:
    """Whether ``key``, which has no value, is a slip: then that is told, and ``table`` holds what was meant."""
    last = next(reversed(table.items), "")
    before = table.items.get(last)
    if isinstance(before, Scalar) and before.style == "bare" and before.text and _goes_on(last, before, key, table):
        _told(table, last, key.line, report)
        return True
    joined = _JOINED.fullmatch(key.text)
    if joined is None:
        return False
    name, text = joined.groups()
    quoted = re.fullmatch(r'"(.*)"', text)
    table.items[name] = Scalar(quoted[1], key.line, "double") if quoted else Scalar(text, key.line)
    table.lines[name] = key.line
    missing = "a colon" if quoted else "a space"
    report.error(key.line, "yaml.no_colon", f'After "{name}" {missing} is missing.', f"Write {name}: {text}.")
    return True


def _goes_on(last: str, before: Scalar, key: Scalar, table: Table) -> bool:
    """Whether the value before the comma goes on after it: 1,000, or a list without brackets."""
    number = re.fullmatch(r"\D{0,5}\d{1,3}(,?\d{3})*", before.text) and re.fullmatch(r"\d{3}(\.\d+)?", key.text)
    if number:
        table.items[last] = Scalar(before.text + key.text, before.line)
    elif last in _LISTS:
        table.items[last] = Scalar(f"{before.text}, {key.text}", before.line)
    return bool(number) or last in _LISTS


def _told(table: Table, last: str, line: int, report: Report) -> None:
    """Once, with all that came of it."""
    node = table.items[last]
    text = node.text if isinstance(node, Scalar) else ""
    said = "several stand in square brackets" if last in _LISTS else "a number is written without"
    report.faults[:] = [
        one for one in report.faults if not (one.line == line and one.fix.startswith(f"Write {last}: "))
    ]
    fix = f"Write {last}: [{text}]." if last in _LISTS else f"Write {last}: {text}."
    report.error(line, "yaml.comma", f'A comma ends the value of "{last}" here: {said}.', fix)
