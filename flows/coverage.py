"""What the conversations of an institution have not visited yet: steps, options, outcomes, and whole languages."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from flows.checks.graph import Edge, edges
from flows.model import Ask, Choose, Flow
from flows.tracing import REACHED, Way
from flows.values import Kind

TOLD = ("option", "flow", "way", "exit")  # how a way begins that the author has written down by name
ALONE = ("yes", "no", "none", "refused", "unavailable")
NEVER_EMPTY = ("institution.languages",)  # an institution without languages is refused before


@dataclass(frozen=True, slots=True, order=True)
class Gap:
    """What nobody has visited: a whole step (``how`` is ""), or one way on from it. ``line`` is that of the step."""

    flow: str
    line: int
    step: str
    how: str
    file: str

    @property
    def way(self) -> Way:
        return (self.flow, self.step, self.how)

    @property
    def said(self) -> str:
        """What never happened at this step, in a few words."""
        what, _, name = self.how.partition(" ")
        return _SAID[what].format(name)


_SAID = {
    REACHED: "never reached",
    "option": '"{}" was never chosen',
    "flow": '"{}" was never opened',
    "way": '"{}" was never the answer',
    "offer": '"{}" was never taken',
    "exit": 'it never came out as "{}"',
    "none": "the list was never empty",
    "unavailable": "the list could always be read",
    "refused": "it was always answered",
    "yes": "never agreed to",
    "no": "never declined",
}


@dataclass(frozen=True, slots=True)
class Coverage:
    """``wanted`` and ``visited`` count steps and ways; ``unheard``: a flow, and a language nobody heard it in.

    ``missing`` is all that was not visited, ``gaps`` what is to be told of it: of a step not reached, only that.
    """

    wanted: int
    visited: int
    gaps: tuple[Gap, ...]
    missing: tuple[Gap, ...]
    unheard: tuple[tuple[str, str], ...]


def coverage(
    flows: Mapping[str, Flow], chosen: Collection[str], seen: Mapping[str, Collection[Way]], languages: Collection[str]
) -> Coverage:
    """Of the flows ``chosen``; ``seen`` by the language of the conversations that went there."""
    ways = {way for found in seen.values() for way in found}
    wanted = sorted(gap for name in chosen for gap in wanted_of(flows[name], flows))
    gaps = [gap for gap in wanted if gap.way not in ways]
    unreached = {(gap.flow, gap.step) for gap in gaps if gap.how == REACHED}
    told = tuple(gap for gap in gaps if gap.how == REACHED or (gap.flow, gap.step) not in unreached)
    heard = {(flow, language) for language, found in seen.items() for flow, _, _ in found}
    unheard = tuple((flow, lang) for flow in sorted(chosen) for lang in languages if (flow, lang) not in heard)
    return Coverage(len(wanted), len(wanted) - len(gaps), told, tuple(gaps), unheard)


def wanted_of(flow: Flow, flows: Mapping[str, Flow]) -> Iterator[Gap]:
    """Every step of a flow, and every way on that its author has named."""
    for step in flow.steps.values():
        yield Gap(flow.name, step.line, step.name, REACHED, flow.file)
    for edge in edges(flow, flows):
        if edge.step and _is_named(edge, flow):
            yield Gap(flow.name, flow.steps[edge.step].line, edge.step, edge.how, flow.file)
    for step in flow.steps.values():
        for offer in step.offer if isinstance(step, Ask) else ():
            yield Gap(flow.name, step.line, step.name, f"offer {offer.value}", flow.file)


def _is_named(edge: Edge, flow: Flow) -> bool:
    step = flow.steps[edge.step]
    if isinstance(step, Ask) and step.answer.kind is Kind.MEDIA:
        return False  # nothing can be sent in a conversation that is played
    if isinstance(step, Choose) and edge.how == "none":
        return step.source.source not in NEVER_EMPTY
    if edge.how == "unavailable":
        return edge.target is not None  # else it is the engine's own apology
    return edge.how in ALONE or edge.how.partition(" ")[0] in TOLD
