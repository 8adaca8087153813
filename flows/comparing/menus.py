"""The keys under which menus list flows: people know them by heart, and dial them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flows.asking import listed_in
from flows.comparing.changes import Change, other
from flows.release import Release

WHO = {True: "a number that we know", False: "a number that we do not know"}
Keys = dict[str, str]  # flow -> its key in a menu


def key_changes(before: Release, after: Release, codes: Sequence[str]) -> Iterator[Change]:
    """For each flow whose key is another one by now, or that went: what the old key does now. ``codes`` are dialled."""
    for menu in sorted({*before.menus, *after.menus}):
        told: dict[tuple[str, str], list[bool]] = {}
        for known in (True, False):
            for flow, said in _sayings(before, after, menu, known, codes):
                told.setdefault((flow, said), []).append(known)
        for (flow, said), whom in told.items():
            for_whom = "" if len(whom) == 2 or _same_for_all(before, after, flow) else f" (for {WHO[whom[0]]})"
            file = (after.flows.get(flow) or before.flows[flow]).file
            old, new = _key(before, menu, flow, whom[0]), _key(after, menu, flow, whom[0])
            yield Change(f"flow {flow}", "menu.key", said + for_whom, file, before=old, after=new)


def _sayings(
    before: Release, after: Release, menu: str, known: bool, codes: Sequence[str]
) -> Iterator[tuple[str, str]]:
    was, now = keys_in(before, menu, known), keys_in(after, menu, known)
    lead = {key: flow for flow, key in now.items()}
    for flow, key in was.items():
        if now.get(flow) != key:
            moved = f"key in the menu {menu}: {other(key, now.get(flow))}"
            yield flow, f"{moved}. {_by_heart(menu, key, lead.get(key), (after, codes))}"


def _by_heart(menu: str, key: str, leads: str | None, at: tuple[Release, Sequence[str]]) -> str:
    """What somebody gets who still presses, or dials, the old key."""
    release, codes = at
    there = f"the flow {leads}" if leads else "nothing"
    if menu != release.institution.main_flow or not codes:
        return f"Who presses {key} by heart reaches {there}"
    dialled = " or ".join(f"{code.removesuffix('#')}*{key}#" for code in codes)
    return f"Who dials {dialled} by heart reaches {there}"


def keys_in(release: Release, menu: str, known: bool) -> Keys:
    return {flow.name: key for key, flow in listed_in(release, menu, known).items()}


def _key(release: Release, menu: str, flow: str, known: bool) -> str | None:
    return keys_in(release, menu, known).get(flow)


def _same_for_all(before: Release, after: Release, flow: str) -> bool:
    """Whether only one of the two kinds of caller has this flow at all."""
    there = [{known for known in WHO if any(flow in keys_in(r, m, known) for m in r.menus)} for r in (before, after)]
    return len(there[0] | there[1]) == 1
