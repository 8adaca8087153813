"""What can only be seen with all flows side by side: shortcuts, keywords, menus, and who runs whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flows.faults import suggest
from flows.loading.draft import Draft
from flows.model import Menu, Run, Starts


def check_across(drafts: Mapping[str, Draft]) -> None:
    _shortcuts(drafts)
    _keywords(drafts)
    _menus(drafts)
    for draft in drafts.values():
        _runs(draft, drafts)


def _starting(drafts: Mapping[str, Draft]) -> Iterator[tuple[Draft, Starts]]:
    for draft in drafts.values():
        if "starts" in draft.header:
            yield draft, draft.header["starts"]


def _shortcuts(drafts: Mapping[str, Draft]) -> None:
    taken: dict[tuple[str, int], Draft] = {}
    for draft, starts in _starting(drafts):
        if starts.menu and starts.shortcut is not None:
            first = taken.setdefault((starts.menu, starts.shortcut), draft)
            if first is not draft:
                message = (
                    f'The shortcut {starts.shortcut} of the menu "{starts.menu}" belongs to "{first.name}" already.'
                )
                _starts_error(draft, "shortcut", "starts.same_shortcut", message, "Choose another number.")


def _keywords(drafts: Mapping[str, Draft]) -> None:
    taken: dict[str, Draft] = {}
    for draft, starts in _starting(drafts):
        for word in starts.keywords:
            first = taken.setdefault(word, draft)
            if first is not draft:
                message = f'The keyword {word} starts "{first.name}" already.'
                _starts_error(draft, "keywords", "starts.same_keyword", message, "Choose another word.")


def _menus(drafts: Mapping[str, Draft]) -> None:
    """A menu that no step shows cannot start anything. (Where no menu is shown at all, flows are checked alone.)"""
    steps = [step for draft in drafts.values() for step in draft.steps.values()]
    shown = {step.lists for step in steps if isinstance(step, Menu) and step.lists}
    for draft, starts in _starting(drafts):
        if shown and starts.menu and starts.menu not in shown:
            message = f'No step shows a menu "{starts.menu}".'
            _starts_error(draft, "menu", "starts.unknown_menu", message, suggest(starts.menu, shown))


def _starts_error(draft: Draft, key: str, code: str, message: str, fix: str) -> None:
    draft.report.error(draft.line(None, "starts", key), code, message, fix)


def _runs(draft: Draft, drafts: Mapping[str, Draft]) -> None:
    for step in draft.steps.values():
        if not isinstance(step, Run):
            continue
        draft.report.step = step.name
        line = draft.line(step.name, "run")
        if step.flow not in drafts:
            draft.report.error(line, "flow.unknown", f'There is no flow "{step.flow}".', suggest(step.flow, drafts))
        elif draft.name in _reached(step.flow, drafts):
            message = f'"{step.flow}" comes back to this flow, and so it would go round for ever.'
            draft.report.error(line, "flow.circle", message, 'Write "go to" or "end" instead.')
    draft.report.step = None


def _reached(name: str, drafts: Mapping[str, Draft]) -> set[str]:
    """The flow and all that it runs, and that these run."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        flow = waiting.pop()
        if flow not in found and flow in drafts:
            found.add(flow)
            waiting += [step.flow for step in drafts[flow].steps.values() if isinstance(step, Run)]
    return found
