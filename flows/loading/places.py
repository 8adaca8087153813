"""Lines that stand too far to the left or to the right: told once, and read where they belong."""

from __future__ import annotations

from flows.faults import nearest
from flows.loading.nodes import Node, Scalar, Table
from flows.loading.report import Report
from flows.loading.shape import COMMON, HEADER, HEADER_MAY, STEPS

_HOLDING = ("options", "with", "later", "offer", "payment", "answer", "go to", "set")  # keys with names under them


def put_right(top: Table, report: Report) -> None:
    """Steps at the edge of the file, steps inside the step above, and what belongs under a key and stands beside it."""
    steps = top.items.get("steps")
    known = (*HEADER, *HEADER_MAY)
    astray = [key for key, node in top.items.items() if key not in known and _is_step(node) and not nearest(key, known)]
    if isinstance(steps, Scalar) and steps.empty and astray:
        message = 'Nothing stands under "steps": the steps do not stand further to the right.'
        report.error(steps.line, "value.not_a_table", message, "Put two spaces in front of every line below it.")
        steps = top.items["steps"] = Table({}, {}, steps.line)
        for name in astray:
            _move(name, top, steps)
    if not isinstance(steps, Table):
        return
    for name in [name for name in astray if name in top.items]:
        message = f'"{name}" stands at the edge of the file, and reads like a step.'
        fix = "Put two spaces in front of this line, and of those that belong to it."
        report.error(top.at(name), "header.unknown_key", message, fix)
        _move(name, top, steps)
    for step in list(steps.items):
        table = steps.items[step]
        if isinstance(table, Table):
            _lift(step, table, steps, report)
            _push(table, report)


def _is_step(node: Node) -> bool:
    return isinstance(node, Table) and any(key in STEPS for key in node.items)


def _lift(step: str, table: Table, steps: Table, report: Report) -> None:
    for name in [key for key, node in table.items.items() if key not in _HOLDING and _is_step(node)]:
        message = f'"{name}" stands inside the step "{step}", and reads like a step of its own.'
        report.error(table.at(name), "step.inside", message, "Put two spaces in front of this line, and no more.")
        _move(name, table, steps)


def _push(table: Table, report: Report) -> None:
    """``options:`` with nothing under it, and the options in the lines below, as far to the left as itself."""
    kind = next((key for key in table.items if key in STEPS), "do")
    if kind == "do":
        return  # any key may be an exit of its action
    known = (kind, *STEPS[kind].needs, *STEPS[kind].may, *COMMON)
    for key in _HOLDING:
        node = table.items.get(key)
        if not (isinstance(node, Scalar) and node.empty) or key == "go to":
            continue
        below = [name for name, line in table.lines.items() if line > table.at(key) and name not in known]
        beside = [name for name in below if isinstance(table.items[name], Scalar)]
        if beside:
            _under(key, beside, table, report)


def _under(key: str, beside: list[str], table: Table, report: Report) -> None:
    inside = Table({}, {}, table.at(key))
    message = f'Nothing stands under "{key}": what belongs there does not stand further to the right.'
    first, last = table.at(beside[0]), table.at(beside[-1])
    where = f"the lines {first} to {last}" if last > first else f"line {first}"
    report.error(table.at(key), "value.not_a_table", message, f"Put two more spaces in front of {where}.")
    for name in beside:
        _move(name, table, inside)
    table.items[key] = inside


def _move(name: str, here: Table, there: Table) -> None:
    if name not in there.items:
        there.items[name], there.lines[name] = here.items[name], here.lines[name]
    del here.items[name], here.lines[name]
