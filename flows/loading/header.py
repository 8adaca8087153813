"""The header of a flow: who may use it, what it is for, and how it starts."""

from __future__ import annotations

import re

from flows.faults import suggest
from flows.loading import take
from flows.loading.choosing import read_from
from flows.loading.draft import Draft, Target
from flows.loading.nodes import Scalar, Table
from flows.loading.shape import HEADER, HEADER_MAY, HIDDEN_FROM, PURPOSE, REDIAL, WHO
from flows.loading.starts import read_starts
from flows.model import From

PERSON = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+|[A-Za-z]{1,5}-?\d+")  # an e-mail address, or a reference: E-0001
_CODES = {"english": "en", "eng": "en", "swahili": "sw", "kiswahili": "sw", "french": "fr", "francais": "fr"}
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][A-Za-z]{1,3})?")


def read_header(draft: Draft, table: Table) -> None:
    """Fills ``draft.header`` with what ``Flow`` takes."""
    report, items = draft.report, table.items
    take.check_keys(table, HEADER, HEADER_MAY, "the header", report)
    check_name(draft, table)
    header = {
        "language": _language(draft, table),
        "who": take.one_of(items.get("who"), WHO, "who", report) or "anyone",
        "purpose": take.one_of(items.get("purpose"), PURPOSE, "purpose", report) or "service",
        "redial": take.one_of(items.get("redial"), REDIAL, "redial", report) or "restart",
        "starts": read_starts(draft, table),
        "without_pin": _without_pin(draft, table),
        "acting_for": _acting_for(draft, table),
        "hidden_from": _hidden_from(draft, table),
    }
    draft.header = header


def check_name(draft: Draft, table: Table) -> None:
    name = take.word(table.items.get("flow"), "flow", draft.report)
    if name and name != draft.name:
        message = f'This flow is called "{name}", and its file "{draft.name}".'
        draft.report.error(table.at("flow"), "flow.name", message, f"Write flow: {draft.name}, or rename the file.")
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", draft.name):
        fix = "Use small letters, digits and _, and begin with a letter."
        draft.report.error(table.at("flow"), "flow.file_name", f'"{draft.name}" cannot be the name of a flow.', fix)


def _language(draft: Draft, table: Table) -> str:
    language = take.word(table.items.get("words"), "words", draft.report) or "en"
    if not LANGUAGE.fullmatch(language):
        code = _CODES.get(language.casefold())
        fix = f"Write words: {code}." if code else 'Write its code: "en" for English, "sw" for Swahili.'
        draft.report.error(table.at("words"), "flow.language", f'"{language}" is not the code of a language.', fix)
    return language


def _without_pin(draft: Draft, table: Table) -> str | None:
    node = table.items.get("without PIN")
    step = take.word(node, "without PIN", draft.report)
    if step and isinstance(node, Scalar):
        draft.targets.append(Target(None, "without PIN", step, node.line))
    return step


def _hidden_from(draft: Draft, table: Table) -> tuple[str, ...]:
    """``officer, branch``: roles of the staff, or one of them."""
    found = take.rows(table.items.get("hidden from"), "hidden from", draft.report)
    for name, line in found:
        if name not in HIDDEN_FROM and not PERSON.fullmatch(name):
            message = f'"{name}" is no role of the staff, and so this is hidden from nobody in particular.'
            draft.report.error(line, "flow.unknown_role", message, suggest(name, HIDDEN_FROM))
    return tuple(name for name, _ in found)


def _acting_for(draft: Draft, table: Table) -> From | None:
    """``members of my.groups where my role is leader``: for whom one acts is always the members of something."""
    node = table.items.get("acting for")
    if isinstance(node, Scalar):
        node = Scalar(node.text.removeprefix("members of "), node.line, node.style)
    return read_from(node, "acting for", draft.report)
