"""What is proved of definitions that were read without an error: one family of checks a file (or a folder)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from flows.checks import cost, fit, meaning, safety, structure, words
from flows.checks.graph import START, Edge, Graph
from flows.checks.subject import Faults, Subject
from flows.faults import Fault

FAMILIES: dict[str, tuple[Callable[[Subject], Iterable[Fault]], tuple[str, ...]]] = {
    "structure": (structure.findings, ()),
    "words": (words.findings, ()),
    "meaning": (meaning.findings, ("structure",)),
    "safety": (safety.findings, ("structure",)),
    "fit": (fit.findings, ("structure",)),
    "cost": (cost.findings, ("structure",)),
}
"""Each family, and those that it stands on: where they found an error in a flow, it is not heard on that flow."""


def prove(subject: Subject) -> list[Fault]:
    """Everything that can be said of ``subject``, in the order of its places."""
    found: list[Fault] = []
    broken: dict[str, set[str | None]] = {}
    for name, (findings, stands_on) in FAMILIES.items():
        unsound = set().union(*(broken[other] for other in stands_on))
        heard = [fault for fault in findings(subject) if fault.flow not in unsound]
        broken[name] = unsound | {fault.flow for fault in heard if fault.level == "error"}
        found += heard
    return sorted(found)


__all__ = ["FAMILIES", "START", "Edge", "Faults", "Graph", "Subject", "prove"]
