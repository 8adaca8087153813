"""``flows/*.yaml`` to flows: each file on its own, then what needs them side by side."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from flows import actions as all_actions
from flows import sources as all_sources
from flows.actions import Action
from flows.faults import Fault
from flows.loading.across import check_across
from flows.loading.draft import Draft
from flows.loading.fields import Field
from flows.loading.header import read_header
from flows.loading.inputs import check_inputs
from flows.loading.kept import fill_fields, named
from flows.loading.lookups import look_up
from flows.loading.names import Catalogue, known_of
from flows.loading.off import check_off, is_off
from flows.loading.paying import check_payments
from flows.loading.places import put_right
from flows.loading.reading import read_table
from flows.loading.report import Report
from flows.loading.source import SourceFile
from flows.loading.steps import read_steps
from flows.loading.structure import check_structure
from flows.loading.uses import check_uses, read_conditions
from flows.model import Flow, Institution
from flows.sources import Source
from flows.values import Kind

Actions = Mapping[str, Action | tuple[Action, Any]]
Sources = Mapping[str, Source | tuple[Source, Any]]


def load_flows(
    files: Iterable[SourceFile],
    institution: Institution,
    fields: Mapping[str, Field],
    actions: Actions | None = None,
    sources: Sources | None = None,
    own: Collection[str] = (),
) -> tuple[dict[str, Flow], list[Fault]]:
    """The flows by name, and every fault of every file. ``own``: the paths of those that the institution wrote.

    A file with an error gives no flow; the others are there all the same. ``actions`` and ``sources`` are what
    ``flows.actions.catalogue()`` and ``flows.sources.catalogue()`` give, unless they are handed in.
    """
    catalogue = _catalogue(actions, sources)
    drafts = {draft.name: draft for draft in (_read(source, institution) for source in files)}
    readable = {name: draft for name, draft in drafts.items() if draft.top and not draft.off}
    off = {name: draft for name, draft in drafts.items() if draft.off}
    for draft in readable.values():
        look_up(draft, catalogue, fields)
    on = {name: draft for name, draft in drafts.items() if name not in off}
    names = {name: _check(draft, on, off, catalogue) for name, draft in readable.items()}
    check_across(on, own, off)
    check_off(off, readable, names)
    fill_fields(readable, names, catalogue)
    flows = {name: flow for name, draft in readable.items() if (flow := _flow(draft))}
    return flows, sorted(fault for draft in drafts.values() for fault in draft.report.faults)


def _catalogue(actions: Actions | None, sources: Sources | None) -> Catalogue:
    """With each entry's runner or reader left aside."""
    given = all_actions.catalogue() if actions is None else actions
    lists = all_sources.catalogue() if sources is None else sources
    return Catalogue(
        {name: entry if isinstance(entry, Action) else entry[0] for name, entry in given.items()},
        {name: entry if isinstance(entry, Source) else entry[0] for name, entry in lists.items()},
    )


def _read(source: SourceFile, institution: Institution) -> Draft:
    """The file on its own: header and steps."""
    draft = Draft(source, institution, Report(source.path, source.name))
    draft.top = read_table(source, draft.report)
    draft.off = draft.top is not None and is_off(draft, draft.top)
    if draft.top and not draft.off:
        put_right(draft.top, draft.report)
        read_header(draft, draft.top)
        read_steps(draft, draft.top)
    return draft


def _check(draft: Draft, drafts: Mapping[str, Draft], off: Iterable[str], catalogue: Catalogue) -> set[str]:
    """What needs the names of other flows; returns the names that this one uses."""
    known = known_of(draft, drafts, catalogue)
    known.kinds |= {f"shortcut.{name}": Kind.TEXT for name in off}  # told where they are switched off
    by_conditions = read_conditions(draft, known)
    check_uses(draft, known)
    check_inputs(draft, known, catalogue.actions)
    check_payments(draft, known, catalogue)
    check_structure(draft)
    return named(draft, by_conditions)


def _flow(draft: Draft) -> Flow | None:
    """The flow, unless something is wrong with it."""
    steps = {name: step for name, step in draft.steps.items() if step}
    if not steps or any(fault.level == "error" for fault in draft.report.faults):
        return None
    order = dict(zip(steps, [*list(steps)[1:], None], strict=True))
    return Flow(name=draft.name, file=draft.source.path, steps=steps, order=order, **draft.header)
