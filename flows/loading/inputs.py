"""``with:`` of a ``do`` step: does the action get what it takes, of the right type?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from flows.actions import Action
from flows.faults import SPOKEN, nearest, suggest
from flows.inputs import Input
from flows.loading.answers import typed
from flows.loading.draft import NAME, Draft
from flows.loading.names import Known
from flows.loading.nodes import Table
from flows.loading.uses import secret, unknown
from flows.model import Do
from flows.values import Kind

_FITS: dict[Kind, set[Kind]] = {
    Kind.TEXT: {Kind.TEXT, Kind.CHOICE, Kind.NAME, Kind.PHONE},
    Kind.NAME: {Kind.TEXT, Kind.NAME},
    Kind.CHOICE: {Kind.CHOICE, Kind.TEXT},
    Kind.NUMBER: {Kind.NUMBER, Kind.RATING},
}


def check_inputs(draft: Draft, known: Known, actions: Mapping[str, Action]) -> None:
    """``with:`` of every ``do``: what the action needs, of the right type."""
    for step in draft.steps.values():
        if not isinstance(step, Do) or step.action not in actions:
            continue
        draft.report.step = step.name
        action = actions[step.action]
        declared = {} if action.collects else action.inputs  # that one is given what a confirmation bound
        given = dict(step.inputs)
        _missing(draft, step, declared, given)
        for name, value in given.items():
            line = draft.line(step.name, "with", name)
            if name not in declared:
                message = f'"{step.action}" takes no "{name}".'
                fix = suggest(name, declared) if declared else "Take it away: this action takes nothing."
                draft.report.error(line, "action.unknown_input", message, fix)
            else:
                _input(draft, name, value, declared[name], known, line)
    draft.report.step = None


def _missing(draft: Draft, step: Do, declared: Mapping[str, Input], given: Iterable[str]) -> None:
    node = draft.tables[step.name].items.get("with")
    if node is not None and not step.inputs and not (isinstance(node, Table) and not node.items):
        return  # it cannot be read, and that is told
    meant = {nearest(name, declared) for name in given if name not in declared}
    for name, need in declared.items():
        if need.required and name not in given and name not in meant:
            message = f'"{step.action}" needs "{name}".'
            draft.report.error(
                draft.line(step.name, "with"), "action.missing_input", message, f"Write with: {{{name}: …}}."
            )


def _input(draft: Draft, name: str, value: str, need: Input, known: Known, line: int) -> None:
    kind = known.kinds.get(value)
    if kind is None:
        _literal(draft, name, value, need, known, line)
    elif value in need.choices:
        message = f'"{value}" is a word that "{name}" takes, and the name of a step too.'
        draft.report.error(line, "action.two_meanings", message, "Give the step another name.")
    elif kind is Kind.SECRET and need.kind is not Kind.SECRET:
        secret(draft, value, line)
    elif kind not in _FITS.get(need.kind, {need.kind}) and not _says_yes_no(need, known.choices.get(value)):
        message = f'"{name}" takes {_said(need)}, and "{value}" is {SPOKEN[kind.value]}.'
        draft.report.error(line, "action.input_type", message, "Name another one.")


def _says_yes_no(need: Input, options: tuple[str, ...] | None) -> bool:
    """A menu of yes and no answers what takes yes or no."""
    return need.kind is Kind.YES_NO and options is not None and set(options) <= {"yes", "no"}


def _literal(draft: Draft, name: str, value: str, need: Input, known: Known, line: int) -> None:
    """The word itself: one of the words that the input takes, a number, yes or no."""
    if known.is_unsure(value):
        return
    if "." in value and NAME.fullmatch(value):
        unknown(draft, value, line, known.kinds)
    elif need.choices:
        if value not in need.choices:
            fix = suggest(value, need.choices)
            draft.report.error(line, "action.unknown_word", f'"{name}" cannot be "{value}".', fix)
    elif not _is_literal(value, need.kind):
        message = f'"{name}" takes {_said(need)}, and nothing is known by the name "{value}".'
        draft.report.error(
            line, "action.input_type", message, suggest(value, known.kinds, "Name the answer of a step.")
        )
    elif near := get_close_matches(value, [name for name in known.kinds if "." not in name], n=1, cutoff=0.8):
        message = f'"{name}" gets the word "{value}" as it stands here: nothing is known by that name.'
        draft.report.warning(line, "action.near_name", message, f'Did you mean "{near[0]}"?')


def _is_literal(value: str, kind: Kind) -> bool:
    if kind is Kind.YES_NO:
        return value in ("yes", "no")
    if kind in (Kind.NUMBER, Kind.RATING):
        return typed(kind, value, "") is not None
    return kind in (Kind.TEXT, Kind.CHOICE)


def _said(need: Input) -> str:
    return SPOKEN[need.kind.value]
