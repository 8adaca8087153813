"""How clients have answered, as weights of the ways on from a question."""

from __future__ import annotations

from collections.abc import Mapping

from flows.checks.cost.costs import Shares
from flows.checks.cost.ways import RARE
from flows.model import AnyStep, Confirm, Flow, Menu

FEWEST = 20  # answers to one question: fewer tell nothing
Counts = Mapping[tuple[str, str, str], int]  # flow, step and what was understood: how often


def shares(counts: Counts, flows: Mapping[str, Flow]) -> Shares:
    """For the menus and confirmations that were answered often enough. On the whole each way weighs 1, as it does
    where nothing is known; what nobody chose is rare, and not impossible."""
    found: dict[tuple[str, str, str], float] = {}
    for name, flow in flows.items():
        for step in flow.steps.values():
            ways = _ways(step)
            whole = sum(counts.get((name, step.name, answer), 0) for answer in ways)
            for answer, how in ways.items() if whole >= FEWEST else ():
                share = counts.get((name, step.name, answer), 0) / whole * len(ways)
                found[name, step.name, how] = max(share, RARE)
    return found


def _ways(step: AnyStep) -> dict[str, str]:
    """What is understood of an answer, and the way (``flows.checks.graph.Edge``) that it leads."""
    if isinstance(step, Confirm):
        return {"yes": "yes", "no": "no"}
    return {option.name: f"option {option.name}" for option in step.options} if isinstance(step, Menu) else {}
