"""What can only be seen with all flows side by side: shortcuts, keywords, menus, and who runs whom."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from itertools import count

from flows.faults import nearest, suggest
from flows.loading.draft import Draft
from flows.model import Menu, Run, Starts


def check_across(drafts: Mapping[str, Draft], own: Collection[str] = (), off: Collection[str] = ()) -> None:
    """``own``: the paths of the files that the institution wrote. Of two that clash, one of these is told. ``off``: the
    flows that are switched off, which has its own check."""
    blamed_last = sorted(drafts.values(), key=lambda draft: draft.source.path in own)
    _shortcuts(blamed_last)
    _keywords(blamed_last)
    _menus(drafts, off)
    for draft in drafts.values():
        _runs(draft, drafts, off)


def _starting(drafts: Collection[Draft]) -> Iterator[tuple[Draft, Starts]]:
    for draft in drafts:
        if "starts" in draft.header:
            yield draft, draft.header["starts"]


def _shortcuts(drafts: Collection[Draft]) -> None:
    taken: dict[tuple[str, int], Draft] = {}
    for draft, starts in _starting(drafts):
        if starts.menu and starts.shortcut is not None:
            first = taken.setdefault((starts.menu, starts.shortcut), draft)
            if first is not draft:
                message = (
                    f'The shortcut {starts.shortcut} of the menu "{starts.menu}" belongs to {_there(first)} already.'
                )
                free = _free(starts.menu, drafts, draft)
                _starts_error(draft, "shortcut", "starts.same_shortcut", message, f"Write shortcut: {free}.")


def _free(menu: str, drafts: Collection[Draft], draft: Draft) -> int:
    """The first number that no flow of this menu has, and that is no key."""
    taken = {str(starts.shortcut) for _, starts in _starting(drafts) if starts.menu == menu}
    keys = draft.institution.keys
    return next(n for n in count(1) if str(n) not in {*taken, keys.back, keys.home, keys.more})


def _there(draft: Draft) -> str:
    return f'"{draft.name}" ({draft.source.path}, line {draft.line(None, "starts")})'


def _keywords(drafts: Collection[Draft]) -> None:
    taken: dict[str, Draft] = {}
    for draft, starts in _starting(drafts):
        for word in starts.keywords:
            first = taken.setdefault(word, draft)
            if first is not draft:
                message = f"The keyword {word} starts {_there(first)} already."
                _starts_error(draft, "keywords", "starts.same_keyword", message, f"Write another word than {word}.")


def _menus(drafts: Mapping[str, Draft], off: Collection[str]) -> None:
    """A menu that no step shows cannot start anything. (Where no menu is shown at all, flows are checked alone.)"""
    shows = [(d, s.name, s.lists) for d in drafts.values() for s in d.steps.values() if isinstance(s, Menu) and s.lists]
    shown = {menu for _, _, menu in shows}
    started = {starts.menu for _, starts in _starting(drafts.values()) if starts.menu}
    meant = {menu: near for menu in shown - started if (near := nearest(menu, started - shown - {*off}))}
    for draft, step, menu in shows:
        if menu in meant:  # one word is wrong here, and not one in every flow that starts from that menu
            draft.report.step = step
            message = f'No flow starts from the menu "{menu}".'
            fix = f'Did you mean "{meant[menu]}"?'
            draft.report.error(draft.line(step, "lists"), "menu.no_flows", message, fix)
            draft.report.step = None
    for draft, starts in _starting(drafts.values()):
        known = {*shown, *meant.values()}
        if starts.menu and starts.menu in off and starts.menu not in shown:
            _menu_off(draft, starts.menu)
        elif shown and starts.menu and starts.menu not in known and not _is_unread(starts.menu, drafts):
            message = f'No step shows a menu "{starts.menu}".'
            _starts_error(draft, "menu", "starts.unknown_menu", message, suggest(starts.menu, shown))


def _is_unread(menu: str, drafts: Mapping[str, Draft]) -> bool:
    """Whether a step shows this menu that could not be read: then that is what is told."""
    unread = (draft for draft in drafts.values() if not draft.steps or None in draft.steps.values())
    return any(re.search(rf"\blists\W+{re.escape(menu)}\b", draft.source.text) for draft in unread)


def _menu_off(draft: Draft, menu: str) -> None:
    """(Of the main menu it is told where it is switched off.)"""
    if menu != draft.institution.main_flow:
        message = f'"{menu}", which shows the menu that this flow starts from, is switched off.'
        fix = f'Switch this one off too: {draft.source.path} with the lines "flow: {draft.name}" and "off: yes".'
        _starts_error(draft, "menu", "starts.menu_off", message, fix)


def _starts_error(draft: Draft, key: str, code: str, message: str, fix: str) -> None:
    draft.report.error(draft.line(None, "starts", key), code, message, fix)


def _runs(draft: Draft, drafts: Mapping[str, Draft], off: Collection[str]) -> None:
    for step in draft.steps.values():
        if not isinstance(step, Run) or step.flow in off:
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
