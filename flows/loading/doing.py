"""Steps that change something or lead elsewhere: ``set``, ``do``, ``run`` and ``end``."""

from __future__ import annotations

import re
from typing import Any

from flows.faults import nearest, suggest
from flows.loading.draft import At
from flows.loading.nodes import Table
from flows.loading.shape import COMMON, STEPS
from flows.model import Do, End, Run, Set, Text

Common = dict[str, Any]
OF_THE_CONTACT = ("contact.language", "contact.notice")  # what `set` may change beside a flow's own names


def read_set(at: At, common: Common) -> Set | None:
    """Names, and what each of them is from now on."""
    table = at.sub("set")
    if table is None:
        return None
    if not table.items:
        at.report.error(table.line, "set.nothing", "Nothing is set here.", "Write set: {name: value}.")
    values = [
        (name, at.use(node, name, bare=True))
        for name, node in table.items.items()
        if _can_set(at, name, table.at(name))
    ]
    return Set(**common, values=tuple((name, value) for name, value in values if value is not None))


def _can_set(at: At, name: str, line: int) -> bool:
    if name in OF_THE_CONTACT or re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        return True
    fix = suggest(name, OF_THE_CONTACT, "Write a name of your own without a dot, or contact.language.")
    at.report.error(line, "set.cannot", f'"{name}" cannot be set by a flow.', fix)
    return False


def read_do(at: At, common: Common) -> Do | None:
    """The action is looked up later; here every key that is no other becomes an exit."""
    _misspelt(at)
    action = at.word("do")
    given = at.sub("with")
    inputs = [(name, at.word_in(given, name)) for name in (given.items if given else {})]
    later = None if at.scalar("later") else at.sub("later")  # a text alone is told of when the action is looked up
    told = [(name, at.text(node, name, name)) for name, node in (later.items if later else {}).items()]
    taken = ("do", *STEPS["do"].may, *COMMON)
    exits = [(name, at.target(name)) for name in at.table.items if name not in taken]
    if action is None:
        return None
    return Do(**common, action=action, inputs=_there(inputs), exits=_there(exits), later=_told(told))


def _misspelt(at: At) -> None:
    """No exit has names and values under it."""
    for key, node in list(at.table.items.items()):
        if not isinstance(node, Table) or key in ("with", "later"):
            continue
        if near := nearest(key, ("with", "later")):
            message, fix = f'"{key}" is not a key of a do step.', f'Did you mean "{near}"?'
            at.report.error(at.table.at(key), "step.unknown_key", message, fix)
            at.table.items[near], at.table.lines[near] = at.table.items.pop(key), at.table.lines.pop(key)


def _there(pairs: list[tuple[str, str | None]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in pairs if value is not None)


def _told(pairs: list[tuple[str, Text | None]]) -> tuple[tuple[str, Text], ...]:
    return tuple((name, text) for name, text in pairs if text)


def read_run(at: At, common: Common) -> Run | None:
    flow = at.word("run")
    return Run(**common, flow=flow) if flow else None


def read_end(at: At, common: Common) -> End | None:
    """``end:`` with nothing after it ends without words of its own: the flow that ran this one goes on."""
    node = at.scalar("end")
    if node is not None and node.empty:
        return End(**common)
    text = at.words("end")
    return End(**common, text=text) if text else None
