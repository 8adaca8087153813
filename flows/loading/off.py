"""``off: yes``: a flow that is switched off. An institution does so with a shipped one by a file of its name."""

from __future__ import annotations

from collections.abc import Mapping

from flows.faults import listed
from flows.loading import take
from flows.loading.draft import Draft
from flows.loading.header import check_name
from flows.loading.nodes import Table
from flows.loading.shape import HEADER, HEADER_MAY
from flows.model import Run


def is_off(draft: Draft, table: Table) -> bool:
    """Whether nobody can reach it. What else stands in the file may stay there, and is not read."""
    if not take.yes_no(table.items.get("off"), "off", draft.report, False):
        return False
    take.check_keys(table, ("flow",), (*HEADER, *HEADER_MAY), "the header", draft.report)
    check_name(draft, table)
    return True


def check_off(off: Mapping[str, Draft], drafts: Mapping[str, Draft], names: Mapping[str, set[str]]) -> None:
    """Nothing that is in force may lead to a flow that is not. ``names``: those that each flow uses."""
    for name, draft in off.items():
        line = draft.line(None, "off")
        if name == draft.institution.main_flow:
            message = "This flow cannot be switched off, as every call begins with it."
            draft.report.error(line, "flow.needed", message, 'Change it as you like, and take "off" away.')
            continue
        users = [other for other in drafts if f"shortcut.{name}" in names[other] or _runs(drafts[other], name)]
        if users:
            message = f"This flow cannot be switched off, as others lead to it: {listed(users)}."
            fix = 'Change these so that they do without it, or switch them off too; else take "off" away.'
            draft.report.error(line, "flow.needed", message, fix)


def _runs(draft: Draft, name: str) -> bool:
    return any(isinstance(step, Run) and step.flow == name for step in draft.steps.values())
