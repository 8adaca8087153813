"""Do the actions, lists and fields exist that a flow names, and does it give each of them what it takes?"""

from __future__ import annotations

from collections.abc import Mapping

from flows.actions import Action
from flows.faults import listed, nearest, suggest
from flows.life import HAPPENINGS
from flows.loading.answers import written
from flows.loading.draft import Draft
from flows.loading.fields import Field
from flows.loading.names import Catalogue
from flows.loading.nodes import Scalar
from flows.model import Ask, Choose, Do, Menu, Split
from flows.values import Kind


def look_up(draft: Draft, catalogue: Catalogue, fields: Mapping[str, Field]) -> None:
    """Actions, lists and fields by name; fills in the item of each ``choose``."""
    _event(draft)
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


def _event(draft: Draft) -> None:
    """A flow that waits for what never happens would never begin."""
    starts = draft.header.get("starts")
    if starts is not None and starts.event is not None and starts.event not in HAPPENINGS:
        message, fix = f'"{starts.event}" is nothing that happens to a client.', suggest(starts.event, HAPPENINGS)
        draft.report.error(draft.line(None, "starts", "event"), "starts.unknown_event", message, fix)


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
    meant = {nearest(name, action.exits) for name in given if name not in action.exits}
    for name in action.exits:
        if name not in given and name not in meant:
            message = f'"{step.action}" can end with "{name}", and this step does not say where that leads.'
            draft.report.error(step.line, "action.missing_exit", message, f'Write "{name}: STEP".')
    stray = [name for name in given if name not in action.exits]
    draft.targets = [t for t in draft.targets if not (t.step == step.name and t.what in stray)]  # said once: no exit
    for name in given:
        if name not in action.exits:
            message = f'"{step.action}" never ends with "{name}".'
            draft.report.error(
                table.at(name),
                "action.unknown_exit",
                message,
                suggest(name, (*action.exits, "with", "later"), f"It ends with one of these: {listed(action.exits)}."),
            )


def _laters(draft: Draft, step: Do, action: Action) -> None:
    split = any(isinstance(other, Split) or other is None for other in draft.steps.values())
    needed = (*action.laters, *(action.laters_of_split if split else ()))
    given = [name for name, _ in step.later]
    meant = {nearest(name, needed) for name in given if name not in needed}
    if isinstance(draft.tables[step.name].items.get("later"), Scalar):
        _one_later(draft, step, action)
        return
    for name in action.laters:
        if name not in given and name not in meant:
            message = f'What the client is told later when it is "{name}" is missing.'
            draft.report.error(
                draft.line(step.name, "later"), "action.missing_later", message, f'Write {name}: "…" under "later".'
            )
    for name in given:
        if name not in needed:
            message = f'"{step.action}" never tells "{name}" later.'
            fix = suggest(name, needed) if needed else "Take it away: this action has nothing to tell later."
            draft.report.error(draft.line(step.name, "later", name), "action.unknown_later", message, fix)


def _one_later(draft: Draft, step: Do, action: Action) -> None:
    """``later: "…"``: one text, where there is one for each thing that can become known."""
    message = '"later" takes a text for each thing that can become known.'
    texts = ", ".join(f'{name}: "…"' for name in action.laters)
    fix = f"Write later: {{{texts}}}."
    fix = fix if action.laters else f'Take it away: "{step.action}" has nothing to tell later.'
    draft.report.error(draft.line(step.name, "later"), "value.not_a_table", message, fix)


def _field(draft: Draft, step: Menu | Ask, fields: Mapping[str, Field]) -> None:
    """``saves:`` names a declared field of the same type; ``check`` offers the declaration."""
    line = draft.line(step.name, "saves")
    kind = step.answer.kind if isinstance(step, Ask) else Kind.CHOICE
    declared = fields.get(step.saves or "")
    if kind is Kind.SECRET:
        draft.report.error(line, "saves.secret", "A secret is never kept.", 'Take "saves" away.')
    elif declared is None:
        offer = (
            f'declare it in fields/: {step.saves}: {{type: {kind.value}, label: "…", sensitive: no, keep: 5 years}}.'
        )
        near = suggest(step.saves or "", fields, ".")
        fix = f"{near} Or {offer}" if near != "." else offer[0].upper() + offer[1:]
        draft.report.error(line, "saves.unknown_field", f'There is no field "{step.saves}".', fix)
    elif declared.kind is not kind:
        message = f'The field "{step.saves}" is of the type "{declared.kind.value}", and this answer is "{kind.value}".'
        draft.report.error(line, "saves.type", message, "Save it to another field, or change one of the two types.")
    else:
        _options(draft, step, declared, line)
        if isinstance(step, Ask):
            _bounds(draft, step, declared)


def _bounds(draft: Draft, step: Ask, declared: Field) -> None:
    """What is taken at the question is what the field may hold. (A bound with a name is another for each client.)"""
    low, high = step.answer.min, step.answer.max
    wrong = []
    if declared.min is not None and not isinstance(low, str) and (low is None or low < declared.min):
        wrong.append(("min", "at least", low, declared.min))
    if declared.max is not None and not isinstance(high, str) and (high is None or high > declared.max):
        wrong.append(("max", "at most", high, declared.max))
    if wrong:
        takes = " and ".join(f"{most} {written(theirs)}" for _, most, _, theirs in wrong)
        mine = [f"{most} {written(own)}" if own is not None else f'has no "{key}"' for key, most, own, _ in wrong]
        message = f'The field "{step.saves}" takes {takes}, and this question {" and ".join(mine)}.'
        fix = ", ".join(f"{key}: {written(theirs)}" for key, _, _, theirs in wrong)
        draft.report.error(draft.line(step.name, "answer", wrong[0][0]), "saves.bounds", message, f"Write {fix}.")


def _options(draft: Draft, step: Menu | Ask, declared: Field, line: int) -> None:
    options = [o.name for o in step.options] if isinstance(step, Menu) else [name for name, _ in step.answer.options]
    for option in options:
        if declared.options and option not in declared.options:
            message = f'The field "{step.saves}" has no option "{option}".'
            draft.report.error(line, "saves.option", message, suggest(option, declared.options))
