"""The steps of a flow, one by one: what kind each is, and what all kinds share."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from flows.conditions import WORDS
from flows.faults import listed, nearest
from flows.loading import take
from flows.loading.asking import read_ask, read_menu, read_say
from flows.loading.choosing import read_choose, read_confirm, read_split
from flows.loading.doing import read_do, read_end, read_run, read_set
from flows.loading.draft import At, Draft
from flows.loading.meant import in_quotes, one_word
from flows.loading.nodes import Node, Rows, Scalar, Table
from flows.loading.shape import COMMON, NO_GO_TO, REDIAL, STEPS
from flows.model import AnyStep

MOST = 500  # steps of a flow: that no walk is too long is proved apart
_NO_KINDS = {*COMMON, *(key for shape in STEPS.values() for key in (*shape.needs, *shape.may))}
_READERS: dict[str, Callable[[At, dict[str, Any]], AnyStep | None]] = {
    "say": read_say,
    "menu": read_menu,
    "ask": read_ask,
    "choose": read_choose,
    "confirm": read_confirm,
    "split": read_split,
    "set": read_set,
    "do": read_do,
    "run": read_run,
    "end": read_end,
}


def read_steps(draft: Draft, table: Table) -> None:
    """Fills ``draft.steps``, in the order of the file."""
    steps = take.table(table.items.get("steps"), "steps", draft.report)
    if steps is None:
        return
    if not steps.items:
        draft.report.error(steps.line, "flow.no_steps", "This flow has no steps.", "Write at least one.")
    if len(steps.items) > MOST:
        message = f"This flow has {len(steps.items)} steps; {MOST} is the most."
        draft.report.error(steps.line, "flow.too_many_steps", message, "Split it into several flows.")
        return
    for name, node in steps.items.items():
        draft.report.step = name
        draft.steps[name] = _step(draft, name, steps.at(name), node)
    draft.report.step = None


def _step(draft: Draft, name: str, line: int, node: Node) -> AnyStep | None:
    _check_name(draft, name, line)
    if not isinstance(node, Table):
        draft.report.error(line, "step.not_a_table", "A step has a kind and its words.", _as_step(draft, name, node))
        return None
    table = Table(node.items, node.lines, line)
    draft.tables[name] = table
    kind = _kind(draft, table)
    if kind is None:
        return None
    at = At(draft, name, table)
    _check_keys(at, kind)
    return _READERS[kind](at, _common(at, kind))


def _as_step(draft: Draft, name: str, node: Node) -> str:
    """What to write for a step that is only its words, or only its kind."""
    steps = draft.top.items.get("steps") if draft.top else None
    last = isinstance(steps, Table) and next(reversed(steps.items), "") == name
    if isinstance(node, Scalar) and node.style in ("double", "block", "folded"):
        return f"Write {name}: {{{'end' if last else 'say'}: {in_quotes(node.text)}}}"
    if isinstance(node, Scalar) and node.text == "end":
        return f"Write {name}: {{end: }}."
    return 'Write what it does below its name, such as say: "…".'


def _check_name(draft: Draft, name: str, line: int) -> None:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,39}", name):
        fix = "Use letters, digits and _, and begin with a letter."
        draft.report.error(line, "step.name", f'"{name}" cannot be the name of a step.', fix)
    elif name in WORDS:
        draft.report.error(line, "step.name", f'"{name}" is a word of the conditions.', "Give the step another name.")


def _kind(draft: Draft, table: Table) -> str | None:
    kinds = [key for key in table.items if key in STEPS]
    if kinds[:1] == ["do"]:
        return "do"  # any other key may be an exit: one action ends with "set"
    if len(kinds) == 1:
        return kinds[0]
    if kinds:
        message = f"This step does {len(kinds)} things: {listed(kinds)}."
        draft.report.error(table.at(kinds[1]), "step.two_kinds", message, "Make a step of each.")
        return None
    for key in [key for key in table.items if key not in _NO_KINDS]:
        if near := nearest(key, STEPS):
            message = f'"{key}" is nothing that a step can do.'
            draft.report.error(table.at(key), "step.no_kind", message, f'Did you mean "{near}"?')
            table.items[near], table.lines[near] = table.items.pop(key), table.lines.pop(key)
            return near
    fix = f"Begin it with one of these: {listed(STEPS)}."
    draft.report.error(table.line, "step.no_kind", "This step does not say what it does.", fix)
    return None


def _check_keys(at: At, kind: str) -> None:
    shape = STEPS[kind]
    may = [key for key in (*shape.may, *COMMON) if not (key == "go to" and kind in NO_GO_TO)]
    if kind == "do":
        may += [key for key in at.table.items if key != "go to"]  # every other key is an exit
    what = f"{'an' if kind[0] in 'ae' else 'a'} {kind} step"
    take.check_keys(at.table, (kind, *shape.needs), may, what, at.report)


def _common(at: At, kind: str) -> dict[str, Any]:
    """What every step can have."""
    _condition(at)
    redial = take.one_of(at.table.items.get("redial"), REDIAL, "redial", at.report)
    goes = at.table.items.get("go to")
    if isinstance(goes, Table) and kind not in ("menu", "ask"):
        at.report.error(goes.line, "step.go_to", "Nothing is answered here.", "Write go to: STEP.")
    if isinstance(goes, Rows):
        meant = one_word(goes)
        fix = "Write go to: STEP, or where the answers have names, go to: {answer: STEP}."
        fix = f"Write go to: {meant.text}." if meant else fix
        at.report.error(goes.line, "step.go_to", "A list stands here, and a step leads to one place.", fix)
    one = at.goes(goes, "go to") if isinstance(goes, Scalar) and kind not in NO_GO_TO else None
    return {"name": at.name, "line": at.line, "goes": one, "redial": redial}


def _condition(at: At) -> None:
    node = at.table.items.get("only if")
    text = take.word(node, "only if", at.report)
    if text and node:
        at.draft.conditions[at.name] = (text, node.line)
