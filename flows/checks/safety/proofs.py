"""What has been shown of a person at each step, on every way there, through the flows that are run too.

A *proof* is what the engine keeps of a call: that the client is known (``client``), the PIN, a code given face to face.
All sets of proofs with which a step can be come to are kept apart: an action that takes a PIN or a code is safe where
each of them has one of the two.
"""

from __future__ import annotations

from collections.abc import Iterator

from flows.actions import Authority
from flows.checks.graph import START, Edge
from flows.checks.subject import Subject
from flows.model import AnyStep, Choose, Do, Flow, Run

Proofs = frozenset[str]
Came = dict[tuple[str, Proofs], tuple[tuple[str, Proofs], Edge]]
CLIENTS = ("client", "client with PIN")
NOTHING: Proofs = frozenset()


class Shown:
    """``at``: by flow and step the sets of proofs with which it can be come to."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.at: dict[str, dict[str, set[Proofs]]] = {name: {} for name in subject.flows}
        self.came: dict[str, Came] = {name: {} for name in subject.flows}
        self.run_by: dict[tuple[str, Proofs], tuple[str, str]] = {}  # a flow that runs it so, and the step there
        self._ends: dict[tuple[str, Proofs], frozenset[Proofs]] = {}
        for flow in subject.flows.values():
            if is_opened(flow, subject):
                self.ends(flow, NOTHING)

    def ends(self, flow: Flow, with_: Proofs, above: tuple[str, ...] = ()) -> frozenset[Proofs]:
        """The proofs with which ``flow`` can end when it is begun with these."""
        key = (flow.name, with_)
        if flow.name in above:
            return frozenset()
        if key not in self._ends:
            self._ends[key] = frozenset(self._through(flow, with_, (*above, flow.name)))
        return self._ends[key]

    def way_to(self, flow: Flow, step: str, with_: Proofs) -> tuple[list[Edge], Proofs]:
        """One way on which ``step`` is come to with no more than these proofs, and those with which it began."""
        edges: list[Edge] = []
        place, seen = (step, with_), set[tuple[str, Proofs]]()
        while place in self.came[flow.name] and place not in seen:
            seen.add(place)
            place, edge = self.came[flow.name][place]
            edges.append(edge)
        return edges[::-1], place[1]

    def _through(self, flow: Flow, with_: Proofs, above: tuple[str, ...]) -> set[Proofs]:
        graph, ended = self.subject.graphs[flow.name], set[Proofs]()
        seen: set[tuple[str, Proofs]] = set()
        waiting: list[tuple[Edge, Proofs, tuple[str, Proofs]]] = []
        for edge in graph.after(START):
            waiting.append((edge, with_ | _at_the_door(flow, edge.how), (START, with_)))
        while waiting:
            edge, proofs, before = waiting.pop()
            if edge.target is None:
                ended |= {proofs} if edge.how == "end" else set()
                continue
            place = (edge.target, proofs)
            if place in seen or edge.target not in flow.steps:
                continue
            seen.add(place)
            self.came[flow.name].setdefault(place, (before, edge))
            self.at[flow.name].setdefault(edge.target, set()).add(proofs)
            for onward in graph.after(edge.target):
                for after in self._after(flow.steps[edge.target], onward, proofs, above):
                    waiting.append((onward, after, place))
        return ended

    def _after(self, step: AnyStep, edge: Edge, proofs: Proofs, above: tuple[str, ...]) -> Iterator[Proofs]:
        """The proofs after this way on; none where the call ends for want of a right."""
        if not may(step, proofs, self.subject):
            return
        if isinstance(step, Run) and edge.how == "back" and step.flow in self.subject.flows:
            self.run_by.setdefault((step.flow, proofs), (above[-1], step.name))
            yield from self.ends(self.subject.flows[step.flow], proofs, above)
        elif isinstance(step, Do) and edge.how in ("exit right", "exit set"):
            proves = self.subject.actions[step.action].proves
            yield proofs | ({proves} if proves != "none" else NOTHING)
        else:
            yield proofs


def rights(step: AnyStep, subject: Subject) -> tuple[Authority, ...]:
    """Any one of these must have been shown before this step."""
    if isinstance(step, Do):
        return subject.actions[step.action].authority
    return subject.sources[step.source.source].authority if isinstance(step, Choose) else ("none",)


def may(step: AnyStep, proofs: Proofs, subject: Subject) -> bool:
    """Whether the engine lets the step be done. (A wallet asks its owner for a PIN of its own.)"""
    return any(right in ("none", "wallet") or right in proofs for right in rights(step, subject))


def is_opened(flow: Flow, subject: Subject) -> bool:
    """Whether a flow can begin by itself, and not only when another one runs it."""
    starts, house = flow.starts, subject.institution
    by_itself = starts.menu or starts.keywords or starts.event or starts.every
    return bool(by_itself) or flow.name in (house.main_flow, house.help_flow)


def _at_the_door(flow: Flow, how: str) -> Proofs:
    """What the engine asks for before the first step."""
    if flow.who not in CLIENTS:
        return NOTHING
    return frozenset({"client", "pin"}) if flow.who == "client with PIN" and how == "start" else frozenset({"client"})
