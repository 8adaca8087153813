"""What a flow may name: what every flow knows, and what its own steps make known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from flows.actions import Action
from flows.loading.answers import typed
from flows.loading.draft import NAME, Draft
from flows.loading.nodes import Scalar
from flows.model import AnyStep, Ask, Choose, Do, Menu, Run, Set, Split
from flows.sources import Source
from flows.values import Kind

BUILT_IN: dict[str, Kind] = {
    "institution": Kind.NAME,
    "institution.phone": Kind.PHONE,
    "institution.notice_url": Kind.TEXT,
    "institution.notice_version": Kind.TEXT,
    "code": Kind.TEXT,
    "keys.back": Kind.TEXT,
    "keys.home": Kind.TEXT,
    "keys.more": Kind.TEXT,
    "how_to_stop": Kind.TEXT,
    "contact.language": Kind.TEXT,
    "contact.notice": Kind.TEXT,
    "contact.phone": Kind.PHONE,
    "contact.quiet_days": Kind.NUMBER,
    "client.name": Kind.NAME,
    "client.number": Kind.TEXT,
    "client.known": Kind.YES_NO,
    "client.has_pin": Kind.YES_NO,
    "client.stage": Kind.CHOICE,
    "wallet": Kind.TEXT,
    "payee": Kind.TEXT,
    "paybill": Kind.TEXT,
    "payer.name": Kind.NAME,
    "payer.nickname": Kind.NAME,
    "open.amount": Kind.MONEY,
    "fee": Kind.MONEY,
    "receipt": Kind.TEXT,
}
ONLY_INVITING = ("how_to_stop",)  # known where a flow that starts by itself invites
ROOTS = {name.split(".")[0] for name in BUILT_IN} | {"shortcut"}


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What the code offers to flows."""

    actions: Mapping[str, Action]
    sources: Mapping[str, Source]


@dataclass(slots=True)
class Known:
    """The names of one flow. ``choices``: the answers that one can have. ``unsure``: first parts whose step or list
    is itself at fault, so that anything after them may be right."""

    kinds: dict[str, Kind] = field(default_factory=dict)
    choices: dict[str, tuple[str, ...]] = field(default_factory=dict)
    unsure: set[str] = field(default_factory=set)

    def is_unsure(self, name: str) -> bool:
        return name.split(".", maxsplit=1)[0] in self.unsure


class Stepped(Protocol):
    """A flow, or the draft of one."""

    @property
    def name(self) -> str: ...
    @property
    def steps(self) -> Mapping[str, AnyStep | None]: ...


def known_of(draft: Draft, drafts: Mapping[str, Draft], catalogue: Catalogue) -> Known:
    """Everything that this flow may name somewhere. (Whether it is known by then is checked apart.)"""
    known = own_names(draft, drafts, catalogue, frozenset())
    known.choices = {name: options for name, options in known.choices.items() if name not in draft.doubtful}
    known.kinds |= {name: kind for name, kind in BUILT_IN.items() if name not in ONLY_INVITING}
    for name, other in drafts.items():
        starts = other.header.get("starts")
        if (starts is not None and starts.shortcut is not None) or _may_have_shortcut(other):
            known.kinds[f"shortcut.{name}"] = Kind.TEXT
    return known


def _may_have_shortcut(other: Draft) -> bool:
    """Whether its header could not be read, and a shortcut may be what stands there."""
    unread = any(fault.level == "error" and fault.step is None for fault in other.report.faults)
    return unread and "shortcut" in other.source.text


def own_names(draft: Stepped, drafts: Mapping[str, Stepped], catalogue: Catalogue, seen: frozenset[str]) -> Known:
    """What the steps of this flow make known, without what every flow knows."""
    known = Known()
    for name, step in draft.steps.items():
        if step is None:
            known.unsure |= {name, *_unread(draft, name)}
        elif isinstance(step, Run):
            _results(known, step, drafts, catalogue, seen | {draft.name})
        elif isinstance(step, Menu | Ask):
            _answered(known, step)
        else:
            _listed(known, step, catalogue)
    _set_names(known, draft)
    return known


def _unread(draft: Stepped, name: str) -> Iterator[str]:
    """The names that a step would make known if it could be read."""
    table = draft.tables.get(name) if isinstance(draft, Draft) else None
    for key in ("each", "amount"):
        node = table.items.get(key) if table else None
        if isinstance(node, Scalar):
            yield node.text


def _answered(known: Known, step: Menu | Ask) -> None:
    if isinstance(step, Ask):
        known.kinds[step.name] = step.answer.kind
        options = [name for name, _ in step.answer.options]
    elif step.lists is None:
        known.kinds[step.name] = Kind.CHOICE
        options = [option.name for option in step.options]
    else:
        return
    if options:
        known.choices[step.name] = tuple(options)


def _listed(known: Known, step: AnyStep, catalogue: Catalogue) -> None:
    if isinstance(step, Choose):
        source = catalogue.sources.get(step.source.source)
        items = {source.item} if source else {other.item for other in catalogue.sources.values()}
        _item(known, {step.name, *items}, source)
    elif isinstance(step, Split):
        known.kinds |= {step.name: Kind.LIST, f"{step.name}.total": Kind.MONEY, f"{step.name}.count": Kind.NUMBER}
        known.kinds[step.amount] = Kind.MONEY
        _item(known, {step.each}, catalogue.sources.get(step.over))
    elif isinstance(step, Do):
        action = catalogue.actions.get(step.action)
        known.kinds |= {f"{step.name}.{name}": kind for name, kind in (action.outputs if action else {}).items()}
        if action is None or action.builtin:
            known.unsure.add(step.name)


def _item(known: Known, names: set[str], source: Source | None) -> None:
    for name in names:
        if source is None:
            known.unsure.add(name)
            continue
        known.kinds[name] = Kind.RECORD
        known.kinds |= {f"{name}.{part}": kind for part, kind in source.fields.items()}
        known.choices |= {f"{name}.{part}": options for part, options in source.choices.items()}


def _results(
    known: Known, step: Run, drafts: Mapping[str, Stepped], catalogue: Catalogue, seen: frozenset[str]
) -> None:
    """What the other flow knew when it came back; never its secrets."""
    other = drafts.get(step.flow)
    if other is None or step.flow in seen:
        known.unsure.add(step.name)
        return
    theirs = own_names(other, drafts, catalogue, seen)
    known.kinds |= {f"{step.name}.{name}": kind for name, kind in theirs.kinds.items() if kind is not Kind.SECRET}
    known.choices |= {f"{step.name}.{name}": options for name, options in theirs.choices.items()}
    if theirs.unsure:
        known.unsure.add(step.name)


def _set_names(known: Known, draft: Stepped) -> None:
    """The types of names that ``set`` steps give; one may be set from another that is set further down."""
    pairs = list(_set_pairs(draft))
    for _ in pairs:
        for name, value in pairs:
            if name not in known.kinds and (kind := _kind_of(value, known)):
                known.kinds[name] = kind
    for name, value in pairs:
        if known.is_unsure(value) or name not in known.kinds:
            known.unsure.add(name)


def _set_pairs(draft: Stepped) -> Iterator[tuple[str, str]]:
    for step in draft.steps.values():
        if isinstance(step, Set):
            yield from ((name, value) for name, value in step.values if "." not in name)


def _kind_of(value: str, known: Known) -> Kind | None:
    named = known.kinds.get(value) or BUILT_IN.get(value)
    if named:
        return named
    if typed(Kind.NUMBER, value, "") is not None:
        return Kind.NUMBER
    return None if "." in value and NAME.fullmatch(value) else Kind.CHOICE
