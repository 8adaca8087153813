"""Taking values out of nodes: a bare word, the client's words, a list, a table. What does not fit is reported."""

from __future__ import annotations

import re
from collections.abc import Iterable

from flows.faults import nearest, suggest
from flows.loading.meant import as_table, in_quotes, inline, one_word
from flows.loading.nodes import Node, Rows, Scalar, Table
from flows.loading.report import Report
from flows.model import Text
from flows.words.templates import BadText, names

LONGEST_TEXT = 1_000  # characters: more than six screens of a keypad phone
_YES_NO = {"true": "yes", "on": "yes", "y": "yes", "yes": "yes", "false": "no", "off": "no", "n": "no", "no": "no"}
_DOUBLED = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_BESIDE = re.compile(r"\{([A-Za-z_][\w.]*)\s*[|:!(\[+*/-]")  # a name, and what some other program does with one
_CURLY = "“”„«»‘’"


def check_keys(table: Table, needs: Iterable[str], may: Iterable[str], what: str, report: Report) -> None:
    """Every needed key is there, and no other than these. ``what`` the table is, in words: "a menu".

    A misspelt key is told once, and then stands in the table as the key that was meant.
    """
    needs, known = tuple(needs), tuple(dict.fromkeys((*needs, *may)))
    for key in [key for key in table.items if key not in known]:
        message = f'"{key}" is not a key of {what}.'
        near = nearest(key, [one for one in known if one not in table.items])
        fix = f'Did you mean "{near}"?' if near else suggest(key, known)
        report.error(table.at(key), f"{_family(what)}.unknown_key", message, fix)
        if near:
            table.items[near], table.lines[near] = table.items[key], table.lines[key]
    for key in needs:
        if key not in table.items:
            fix = f'Write "{key}:" and its value.'
            report.error(table.line, f"{_family(what)}.missing_key", f'"{key}" is missing in {what}.', fix)


def _family(what: str) -> str:
    return what.rsplit(maxsplit=1)[-1]


def word(node: Node | None, what: str, report: Report) -> str | None:
    """A value that is not for clients: bare, or in single quotes. None, and a fault, if it is something else."""
    if node is None:
        return None
    if not isinstance(node, Scalar):
        meant = one_word(node)
        fix = f"Write {what}: {inline(meant)}." if meant else "Write one value."
        message = f'"{what}" takes one value, and a list or table stands here.'
        report.error(node.line, "value.not_a_word", message, fix)
        return meant.text if meant else None
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
        message = f'"{what}" takes the words that a client reads, and a list or table stands here.'
        meant = one_word(node)
        said = in_quotes(meant.text) if meant else '"…"'
        report.error(node.line, "value.not_words", message, f"Write {what}: {said}.")
        return words(Scalar(meant.text, meant.line, "double"), key, what, report) if meant else None
    if not node.empty:
        _check_quotes(node, what, report)
    if not node.text.strip():
        fix = f'Write what "{what}" says.'
        if node.empty and (remark := re.search(r":\s+(#.*)", report.written(node.line))):
            fix = f"What follows # is not read. Write {what}: {in_quotes(remark[1].strip())}"
        report.error(node.line, "text.empty", "A client would see nothing here.", fix)
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
    fix = f"Write {what}: {in_quotes(_unquoted(node.text))}"
    report.error(node.line, "quotes.for_clients", message, fix)


def _unquoted(text: str) -> str:
    """Without the quotes of a word processor, or half of a pair."""
    bare = text.strip(f"{_CURLY} \n").replace("\n", " ")
    return bare.strip('"') if bare.count('"') == 1 else bare


def check_braces(text: str, line: int, report: Report) -> tuple[str, ...]:
    """The names between braces, in order; everything else between braces is reported, and then there are none."""
    for found in _DOUBLED.finditer(text):
        message, fix = f"{found[0]} stands in two pairs of braces, and one is enough.", f"Write {{{found[1]}}}."
        report.error(line, "words.not_a_name", message, fix)
    try:
        return names(_DOUBLED.sub(r"{\1}", text))
    except BadText as bad:
        for trouble in bad.troubles:
            fix = trouble.fix
            if first := _BESIDE.match(trouble.message):
                fix = f"Write {{{first[1]}}}: nothing else can stand in the braces."
            report.error(line, trouble.code.replace(" ", "_"), trouble.message, fix)
        return ()


def table(node: Node | None, what: str, report: Report) -> Table | None:
    """A table of keys; None, and a fault, if it is something else."""
    if node is None or isinstance(node, Table):
        return node
    meant = as_table(node, what)
    fix = f"Write {what}: {inline(meant)}." if meant else f"Write {what}: {{name: …}}."
    report.error(node.line, "value.not_a_table", f'"{what}" takes names with values.', fix)
    return meant


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
    return nearest(text, known)


def yes_no(node: Node | None, what: str, report: Report, default: bool) -> bool:
    if isinstance(node, Scalar) and (meant := _YES_NO.get(node.text.casefold())) and node.text != meant:
        message = f'"{node.text}" is not a value of "{what}".'
        report.error(node.line, "value.unknown", message, f"Write {what}: {meant}.")
        return meant == "yes"
    text = one_of(node, ("yes", "no"), what, report)
    return default if text is None else text == "yes"
