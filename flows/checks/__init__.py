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

SOUND = dict.fromkeys(("meaning", "safety"), ("structure.unreachable",))
"""Errors on which a family can stand all the same: that a name is not known, or a PIN is not asked for, is told also
where the same change cuts other steps off."""


def prove(subject: Subject) -> list[Fault]:
    """Everything that can be said of ``subject``, in the order of its places."""
    found: list[Fault] = []
    broken: dict[str, set[tuple[str | None, str]]] = {}  # flows with the codes of their errors
    for name, (findings, stands_on) in FAMILIES.items():
        below = set[tuple[str | None, str]]().union(*(broken[other] for other in stands_on))
        unsound = {flow for flow, code in below if code not in SOUND.get(name, ())}
        heard = [fault for fault in findings(subject) if fault.flow not in unsound]
        broken[name] = below | {(fault.flow, fault.code) for fault in heard if fault.level == "error"}
        found += heard
    return sorted(found)


__all__ = ["FAMILIES", "START", "Edge", "Faults", "Graph", "Subject", "prove"]
