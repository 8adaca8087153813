"""Do the actions, lists and fields exist that a flow names, and does it give each of them what it takes?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flows.actions import Action
from flows.faults import SPOKEN, suggest
from flows.inputs import Input
from flows.loading.answers import typed
from flows.loading.draft import NAME, Draft
from flows.loading.fields import Field
from flows.loading.names import Catalogue, Known
from flows.loading.uses import secret, unknown
from flows.model import Ask, Choose, Do, Menu, Split
from flows.values import Kind

_FITS: dict[Kind, set[Kind]] = {
    Kind.TEXT: {Kind.TEXT, Kind.CHOICE, Kind.NAME, Kind.PHONE},
    Kind.NAME: {Kind.TEXT, Kind.NAME},
    Kind.CHOICE: {Kind.CHOICE, Kind.TEXT},
    Kind.NUMBER: {Kind.NUMBER, Kind.RATING},
}


def look_up(draft: Draft, catalogue: Catalogue, fields: Mapping[str, Field]) -> None:
    """Actions, lists and fields by name; fills in the item of each ``choose``."""
    for name, step in list(draft.steps.items()):
        draft.report.step = name
        if isinstance(step, Do):
            _action(draft, step, catalogue.actions)
        elif isinstance(step, Choose):
            _source(draft, name, "from", step.source.source, catalogue)
            source = catalogue.sources.get(step.source.source)
            draft.change(name, item=source.item if source else name)
        elif isinstance(step, Split):
            _source(draft, name, "over", step.over, catalogue)
        elif isinstance(step, Menu | Ask) and step.saves:
            _field(draft, step, fields)
    draft.report.step = None


def _source(draft: Draft, step: str, key: str, name: str, catalogue: Catalogue) -> None:
    if name not in catalogue.sources:
        fix = suggest(name, catalogue.sources)
        draft.report.error(draft.line(step, key), "source.unknown", f'There is no list "{name}".', fix)


def _action(draft: Draft, step: Do, actions: Mapping[str, Action]) -> None:
    action = actions.get(step.action)
    names = [name for name, known in actions.items() if not known.builtin]
    if action is None:
        fix = suggest(step.action, names)
        draft.report.error(draft.line(step.name, "do"), "action.unknown", f'There is no action "{step.action}".', fix)
        return
    if action.builtin:
        message = f'"{step.action}" is done where it is needed, without a step.'
        draft.report.error(draft.line(step.name, "do"), "action.builtin", message, "Take this step away.")
    _exits(draft, step, action)
    _laters(draft, step, action)


def _exits(draft: Draft, step: Do, action: Action) -> None:
    table = draft.tables[step.name]
    given = [key for key in table.items if key not in ("do", "with", "later", "only if", "redial", "go to")]
    for name in action.exits:
        if name not in given:
            message = f'"{step.action}" can end with "{name}", and this step does not say where that leads.'
            draft.report.error(step.line, "action.missing_exit", message, f'Write "{name}: STEP".')
    for name in given:
        if name not in action.exits:
            message = f'"{step.action}" never ends with "{name}".'
            draft.report.error(table.at(name), "action.unknown_exit", message, suggest(name, (*action.exits, "with", "later")))


def _laters(draft: Draft, step: Do, action: Action) -> None:
    split = any(isinstance(other, Split) or other is None for other in draft.steps.values())
    needed = (*action.laters, *(action.laters_of_split if split else ()))
    given = [name for name, _ in step.later]
    for name in action.laters:
        if name not in given:
            message = f'What the client is told later when it is "{name}" is missing.'
            draft.report.error(draft.line(step.name, "later"), "action.missing_later", message, f'Write {name}: "…" under "later".')
    for name in given:
        if name not in needed:
            message = f'"{step.action}" never tells "{name}" later.'
            fix = suggest(name, needed) if needed else 'Take it away: this action has nothing to tell later.'
            draft.report.error(draft.line(step.name, "later", name), "action.unknown_later", message, fix)


def check_inputs(draft: Draft, known: Known, actions: Mapping[str, Action]) -> None:
    """``with:`` of every ``do``: what the action needs, of the right type."""
    for step in draft.steps.values():
        if not isinstance(step, Do) or step.action not in actions:
            continue
        draft.report.step = step.name
        declared = actions[step.action].inputs
        given = dict(step.inputs)
        _missing(draft, step, declared, given)
        for name, value in given.items():
            line = draft.line(step.name, "with", name)
            if name not in declared:
                message = f'"{step.action}" takes no "{name}".'
                fix = suggest(name, declared) if declared else 'Take it away: this action takes nothing.'
                draft.report.error(line, "action.unknown_input", message, fix)
            else:
                _input(draft, name, value, declared[name], known, line)
    draft.report.step = None


def _missing(draft: Draft, step: Do, declared: Mapping[str, Input], given: Iterable[str]) -> None:
    for name, need in declared.items():
        if need.required and name not in given:
            message = f'"{step.action}" needs "{name}".'
            draft.report.error(draft.line(step.name, "with"), "action.missing_input", message, f"Write with: {{{name}: …}}.")


def _input(draft: Draft, name: str, value: str, need: Input, known: Known, line: int) -> None:
    kind = known.kinds.get(value)
    if kind is None:
        _literal(draft, name, value, need, known, line)
    elif value in need.choices:
        message = f'"{value}" is a word that "{name}" takes, and the name of a step too.'
        draft.report.error(line, "action.two_meanings", message, "Give the step another name.")
    elif kind is Kind.SECRET and need.kind is not Kind.SECRET:
        secret(draft, value, line)
    elif kind not in _FITS.get(need.kind, {need.kind}):
        message = f'"{name}" takes {_said(need)}, and "{value}" is another thing.'
        draft.report.error(line, "action.input_type", message, "Name another one.")


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
        draft.report.error(line, "action.input_type", message, suggest(value, known.kinds, "Name the answer of a step."))


def _is_literal(value: str, kind: Kind) -> bool:
    if kind is Kind.YES_NO:
        return value in ("yes", "no")
    if kind in (Kind.NUMBER, Kind.RATING):
        return typed(kind, value, "") is not None
    return kind in (Kind.TEXT, Kind.CHOICE)


def _said(need: Input) -> str:
    from flows.faults import SPOKEN

    return SPOKEN[need.kind.value]


def _field(draft: Draft, step: Menu | Ask, fields: Mapping[str, Field]) -> None:
    """``saves:`` names a declared field of the same type; ``check`` offers the declaration."""
    line = draft.line(step.name, "saves")
    kind = step.answer.kind if isinstance(step, Ask) else Kind.CHOICE
    declared = fields.get(step.saves or "")
    if kind is Kind.SECRET:
        draft.report.error(line, "saves.secret", "A secret is never kept.", 'Take "saves" away.')
    elif declared is None:
        offer = f'declare it in fields/: {step.saves}: {{type: {kind.value}, label: "…", sensitive: no, keep: 5 years}}.'
        near = suggest(step.saves or "", fields, ".")
        fix = f"{near} Or {offer}" if near != "." else offer[0].upper() + offer[1:]
        draft.report.error(line, "saves.unknown_field", f'There is no field "{step.saves}".', fix)
    elif declared.kind is not kind:
        message = f'The field "{step.saves}" is of the type "{declared.kind.value}", and this answer is "{kind.value}".'
        draft.report.error(line, "saves.type", message, "Save it to another field, or change one of the two types.")
    else:
        _options(draft, step, declared, line)


def _options(draft: Draft, step: Menu | Ask, declared: Field, line: int) -> None:
    options = [o.name for o in step.options] if isinstance(step, Menu) else [name for name, _ in step.answer.options]
    for option in options:
        if declared.options and option not in declared.options:
            message = f'The field "{step.saves}" has no option "{option}".'
            draft.report.error(line, "saves.option", message, suggest(option, declared.options))
