"""Which fields of a chosen item a flow names: all that a session keeps of a list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flows.loading.draft import Draft
from flows.loading.names import Catalogue
from flows.model import Choose, Do, Run


def named(draft: Draft, by_conditions: tuple[str, ...]) -> set[str]:
    """All dotted names that this flow uses."""
    names = {use.name for use in draft.uses} | set(by_conditions)
    names |= {name for _, text in draft.texts for name in text.names}
    for step in draft.steps.values():
        if isinstance(step, Do):
            names |= {value for _, value in step.inputs}
    return names


def fill_fields(drafts: Mapping[str, Draft], names: dict[str, set[str]], catalogue: Catalogue) -> None:
    """Fills ``Choose.fields``. A flow that runs another one may name what was chosen there."""
    for _ in drafts:
        news = [_hand_down(draft, names) for draft in drafts.values()]
        if True not in news:
            break
    for draft in drafts.values():
        for name, step in list(draft.steps.items()):
            source = catalogue.sources.get(step.source.source) if isinstance(step, Choose) else None
            if isinstance(step, Choose) and source:
                used = set(_parts({name, step.item}, names[draft.name]))
                draft.change(name, fields=tuple(field for field in source.fields if field in used and field != "id"))


def _hand_down(draft: Draft, names: dict[str, set[str]]) -> bool:
    """Tells the flows that this one runs which of their names are used here; False when nothing was new."""
    new = False
    for step in draft.steps.values():
        if isinstance(step, Run) and step.flow in names:
            theirs = set(_parts({step.name}, names[draft.name]))
            new = new or not theirs <= names[step.flow]
            names[step.flow] |= theirs
    return new


def _parts(roots: set[str], names: set[str]) -> Iterator[str]:
    """What stands after ``root.`` in each name."""
    for name in names:
        root, _, rest = name.partition(".")
        if root in roots and rest:
            yield rest
