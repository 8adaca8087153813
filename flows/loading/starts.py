"""``starts:`` of a flow: from a menu, by a keyword, or by itself (an event, or a day of the week)."""

from __future__ import annotations

import re

from flows.loading import take
from flows.loading.draft import Draft
from flows.loading.nodes import Scalar, Table
from flows.loading.shape import BY_ITSELF, STARTS
from flows.loading.times import example, said_well
from flows.model import Starts, Text

OPT_OUT = frozenset(
    ("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "ACHA", "START", "UNSTOP")
)
"""What ends messages or lets them come again (47 CFR 64.1200(a)(10), and what providers take), and Swahili for stop."""


def read_starts(draft: Draft, header: Table) -> Starts:
    table = take.table(header.items.get("starts"), "starts", draft.report)
    if table is None:
        return Starts()
    take.check_keys(table, (), STARTS, "starts", draft.report)
    _check_together(draft, table)
    times = {key: _time(draft, table, key) for key in ("after", "between", "remind", "closes", "every")}
    if times["every"]:
        message = "No schedule starts a flow in this release yet: it will not begin by itself."
        draft.report.warning(table.at("every"), "starts.every", message, "Let it start by an event.")
    return Starts(
        menu=take.word(table.items.get("menu"), "menu", draft.report),
        label=_text(draft, table, "as"),
        shortcut=_shortcut(draft, table),
        keywords=_keywords(draft, table),
        event=take.word(table.items.get("event"), "event", draft.report),
        to=_to(draft, table),
        invite=_text(draft, table, "invite"),
        **times,
    )


def _check_together(draft: Draft, table: Table) -> None:
    """Some keys make sense only with others."""
    by_itself = "event" in table.items or "every" in table.items
    for key in ("as", "shortcut"):
        _check_needs(draft, table, key, "menu")
    _check_needs(draft, table, "menu", "as")
    for key in BY_ITSELF:
        if not by_itself:
            _check_needs(draft, table, key, "event")
    if by_itself and "invite" not in table.items:
        message = "A flow that starts by itself must invite the client, and no words for that are here."
        draft.report.error(table.line, "starts.no_invite", message, 'Write invite: "…".')


def _check_needs(draft: Draft, table: Table, key: str, other: str) -> None:
    if key in table.items and other not in table.items:
        draft.report.error(
            table.at(key), "starts.alone", f'"{key}" has no meaning without "{other}".', f'Write "{other}:" too.'
        )


def _text(draft: Draft, table: Table, key: str) -> Text | None:
    text = take.words(table.items.get(key), f"starts.{key}", key, draft.report)
    if text:
        draft.texts.append((None, text))
    return text


def _shortcut(draft: Draft, table: Table) -> int | None:
    text = take.word(table.items.get("shortcut"), "shortcut", draft.report)
    if text is None:
        return None
    line, keys = table.at("shortcut"), draft.institution.keys
    if not re.fullmatch(r"[1-9]\d{0,2}", text):
        meant = text.strip("*# ").lstrip("0")
        fix = f"Write shortcut: {meant}." if re.fullmatch(r"[1-9]\d{0,2}", meant) else "Write a number from 1 to 999."
        draft.report.error(line, "starts.shortcut", f'"{text}" cannot be a shortcut.', fix)
        return None
    for key, name in ((keys.back, "back"), (keys.home, "home"), (keys.more, "more")):
        if text == key:
            message = f'"{text}" is the key for "{name}" on every screen.'
            draft.report.error(line, "starts.reserved_key", message, "Choose another number.")
    return int(text)


def _keywords(draft: Draft, table: Table) -> tuple[str, ...]:
    found = take.rows(table.items.get("keywords"), "keywords", draft.report)
    for word, line in found:
        if not (word.isalnum() and len(word) <= 20):
            fix = "Write one word of letters and digits, such as PAY."
            draft.report.error(line, "starts.keyword", f'"{word}" cannot be a keyword.', fix)
        elif word.upper() in OPT_OUT:
            message = f'"{word}" is what people send to have no more messages, or to have them again.'
            draft.report.error(line, "starts.opt_out_word", message, "Choose another word.")
        elif word.isdecimal():
            message = f'"{word}" is a number, and a number is the answer to a question.'
            draft.report.error(line, "starts.number_keyword", message, "Choose a word with letters.")
    return tuple(word.upper() for word, _ in found)


def _time(draft: Draft, table: Table, key: str) -> str | None:
    node = table.items.get(key)
    text = take.word(node, key, draft.report)
    if text is None or said_well(key, text):
        return text
    line = node.line if isinstance(node, Scalar) else table.at(key)
    draft.report.error(line, "starts.time", f'"{text}" is not how "{key}" is written.', f"Write {key}: {example(key)}.")
    return None


def _to(draft: Draft, table: Table) -> tuple[tuple[str, str], ...]:
    to = take.table(table.items.get("to"), "to", draft.report)
    if to is None:
        return ()
    take.check_keys(to, (), ("share", "each client"), "this to", draft.report)
    found = [(key, _time(draft, to, key)) for key in to.items if key in ("share", "each client")]
    return tuple((key, value) for key, value in found if value)
