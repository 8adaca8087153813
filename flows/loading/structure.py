"""Does every place that names a step name one, does no walk fall off the end, and is every text key its own?"""

from __future__ import annotations

from collections.abc import Iterable

from flows.faults import suggest
from flows.loading.draft import Draft
from flows.loading.names import ROOTS
from flows.model import AnyStep, Ask, Choose, Confirm, Do, End, Menu, Run, Split, Text
from flows.values import Kind


def check_structure(draft: Draft) -> None:
    _targets(draft)
    _ends(draft)
    for name, step in draft.steps.items():
        draft.report.step = name
        _value_name(draft, name, step)
        _redial(draft, step)
    draft.report.step = None
    _keys(draft)


def _targets(draft: Draft) -> None:
    for target in draft.targets if draft.steps else ():  # else there are none yet that could be meant
        draft.report.step = target.step
        if target.name not in draft.steps:
            message = f'"{target.what}" leads to "{target.name}", and there is no such step.'
            fix = suggest(target.name, draft.steps)
            draft.report.error(target.line, "step.unknown_target", message, fix)
    draft.report.step = None


def _ends(draft: Draft) -> None:
    if not draft.steps or None in draft.steps.values():
        return
    steps = [step for step in draft.steps.values() if step]
    if falls_through(steps[-1]):
        draft.report.step = steps[-1].name
        message = "The flow walks on below its last step, and nothing is there."
        draft.report.error(
            steps[-1].line, "flow.falls_off", message, 'Write a step with "end", or "go to" another step.'
        )
        draft.report.step = None
    elif not _can_end(steps) and all(target.name in draft.steps for target in draft.targets):
        line = draft.line(None, "steps")
        draft.report.error(line, "flow.no_end", "This flow can never end.", 'Write a step with "end".')


def _can_end(steps: Iterable[AnyStep]) -> bool:
    return any(isinstance(step, End) or (isinstance(step, Menu) and step.lists) for step in steps)


def falls_through(step: AnyStep) -> bool:
    """Whether the walk can go on to the step below this one."""
    if step.only_if is not None:
        return True
    if step.goes is not None or isinstance(step, End | Do):
        return False
    if isinstance(step, Menu):
        return step.lists is None and not all(option.goes for option in step.options)
    return not (isinstance(step, Ask) and step.ways and len(step.ways) == _answers(step))


def _answers(step: Ask) -> int:
    return 2 if step.answer.kind is Kind.YES_NO else len(step.answer.options)


def _value_name(draft: Draft, name: str, step: AnyStep | None) -> None:
    """A step whose answer is known by its name must not hide a name that every flow knows."""
    gives = isinstance(step, Menu | Ask | Choose | Split | Do | Run) and not (isinstance(step, Menu) and step.lists)
    if gives and name in ROOTS:
        message = f'Every flow knows something else by the name "{name}".'
        draft.report.error(
            draft.tables[name].line, "step.hides_name", message, f'Call this step "{name}_asked", for instance.'
        )


def _redial(draft: Draft, step: AnyStep | None) -> None:
    """No redial resumes into a secret or a money step."""
    secret = isinstance(step, Ask) and step.answer.kind is Kind.SECRET
    if step and step.redial in ("continue", "ask") and (secret or isinstance(step, Confirm)):
        message = "A new call never goes on in the middle of a secret or a payment."
        draft.report.error(draft.line(step.name, "redial"), "step.redial", message, "Write redial: restart, or expire.")


def _keys(draft: Draft) -> None:
    """Two texts with one key could not be told apart in the words files."""
    for text in _twice(text for _, text in draft.texts):
        message = f'The words files cannot tell two texts apart that are both called "{text.key}".'
        draft.report.error(text.line, "text.same_key", message, "Give one of the two another name.")


def _twice(texts: Iterable[Text]) -> list[Text]:
    seen: set[str] = set()
    again = []
    for text in texts:
        if text.key in seen:
            again.append(text)
        seen.add(text.key)
    return again
