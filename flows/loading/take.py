"""Taking values out of nodes: a bare word, the client's words, a list, a table. What does not fit is reported."""

from __future__ import annotations

import re
from collections.abc import Iterable

from flows.faults import suggest
from flows.loading.nodes import Node, Rows, Scalar, Table
from flows.loading.report import Report
from flows.model import Text
from flows.words.templates import BadText, names

LONGEST_TEXT = 1_000  # characters: more than six screens of a keypad phone
_CURLY = "“”„«»‘’"


def check_keys(table: Table, needs: Iterable[str], may: Iterable[str], what: str, report: Report) -> None:
    """Every needed key is there, and no other than these. ``what`` the table is, in words: "a menu"."""
    needs, known = tuple(needs), (*needs, *may)
    for key in needs:
        if key not in table.items:
            fix = f'Write "{key}:" and its value.'
            report.error(table.line, f"{_family(what)}.missing_key", f'"{key}" is missing in {what}.', fix)
    for key in table.items:
        if key not in known:
            message = f'"{key}" is not a key of {what}.'
            report.error(table.at(key), f"{_family(what)}.unknown_key", message, suggest(key, known))


def _family(what: str) -> str:
    return what.rsplit(maxsplit=1)[-1]


def word(node: Node | None, what: str, report: Report) -> str | None:
    """A value that is not for clients: bare, or in single quotes. None, and a fault, if it is something else."""
    if node is None:
        return None
    if not isinstance(node, Scalar):
        report.error(
            node.line,
            "value.not_a_word",
            f'"{what}" takes one value, and a list or table stands here.',
            "Write one value.",
        )
        return None
    if node.style in ("double", "block", "folded"):
        message = f'Only what a client reads stands in double quotes, and no client reads "{what}".'
        report.error(node.line, "quotes.not_for_clients", message, f"Take the double quotes away: {plain(node.text)}.")
    elif node.empty:
        report.error(
            node.line, "value.empty", f'Nothing stands after "{what}".', "Write its value, or take the line away."
        )
        return None
    return node.text


def plain(text: str) -> str:
    """The value as it may stand in a file without double quotes."""
    text = text.replace("\n", " ")[:60]
    return f"'{text}'" if re.match(r"[*&!%@`\[\]{},#>|?'-]", text) or ": " in text else text


def words(node: Node | None, key: str, what: str, report: Report) -> Text | None:
    """What a client reads, in double quotes or after ``|``. ``key`` is the key of the words files."""
    if node is None:
        return None
    if not isinstance(node, Scalar):
        message = f'"{what}" takes the words that a client reads.'
        report.error(node.line, "value.not_words", message, f'Write {what}: "…".')
        return None
    if not node.empty:
        _check_quotes(node, what, report)
    if not node.text.strip():
        report.error(node.line, "text.empty", "A client would see nothing here.", f'Write what "{what}" says.')
    if len(node.text) > LONGEST_TEXT:
        message = f"This text has {len(node.text):,} characters; {LONGEST_TEXT:,} is the most."
        report.error(node.line, "text.too_long", message, "Split it over several steps.")
        return Text(key, node.text, node.line)  # its names are for when it is shorter
    return Text(key, node.text, node.line, check_braces(node.text, node.line, report))


def _check_quotes(node: Scalar, what: str, report: Report) -> None:
    if node.style in ("double", "block"):
        return
    message = "What a client reads stands in double quotes."
    if node.text[:1] in _CURLY and node.text:
        message = "These quotes are curly ones, perhaps from a word processor; double quotes are straight."
    shown = node.text.strip(f"{_CURLY} \n").replace("\n", " ").replace('"', '\\"')
    fix = f'Write {what}: "{shown[:40]}{"…" if len(shown) > 40 else ""}".'
    report.error(node.line, "quotes.for_clients", message, fix)


def check_braces(text: str, line: int, report: Report) -> tuple[str, ...]:
    """The names between braces, in order; everything else between braces is reported, and then there are none."""
    try:
        return names(text)
    except BadText as bad:
        for trouble in bad.troubles:
            report.error(line, trouble.code.replace(" ", "_"), trouble.message, trouble.fix)
        return ()


def table(node: Node | None, what: str, report: Report) -> Table | None:
    """A table of keys; None, and a fault, if it is something else."""
    if node is None or isinstance(node, Table):
        return node
    report.error(
        node.line, "value.not_a_table", f'"{what}" takes names with values.', f"Write {what}: {{name: value}}."
    )
    return None


def rows(node: Node | None, what: str, report: Report) -> list[tuple[str, int]]:
    """A list of bare words with their lines: ``[PAY, LIPA]`` or ``officer, branch``."""
    if node is None:
        return []
    if isinstance(node, Rows):
        found = [(word(item, what, report), item.line) for item in node.items]
        return [(text, line) for text, line in found if text]
    text = word(node, what, report) or ""
    return [(part.strip(), node.line) for part in text.split(",") if part.strip()]


def one_of(node: Node | None, known: Iterable[str], what: str, report: Report) -> str | None:
    """One word of a closed set."""
    text = word(node, what, report)
    if node is None or text is None or text in (known := tuple(known)):
        return text
    report.error(node.line, "value.unknown", f'"{text}" is not a value of "{what}".', suggest(text, known))
    return None


def yes_no(node: Node | None, what: str, report: Report, default: bool) -> bool:
    text = one_of(node, ("yes", "no"), what, report)
    return default if text is None else text == "yes"
