"""What one turn may walk without the client: the ways on which no screen waits for an answer.

A ``choose`` counts as one of them, since a list with a single item is taken without asking; so does a flow that is
run, if some way leads through it without a question.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from flows.checks.graph import NOT_CARRIED, START, Edge, Graph
from flows.checks.subject import Subject
from flows.model import Choose, Do, Run


@dataclass(slots=True)
class Silence:
    """Worked out flow by flow, each once; no flow runs itself (the loader saw to that)."""

    subject: Subject
    _graphs: dict[str, Graph] = field(default_factory=dict)
    _passable: dict[str, bool] = field(default_factory=dict)
    _walks: dict[str, dict[str, tuple[int, int]]] = field(default_factory=dict)

    def graph(self, flow: str) -> Graph:
        """The flow with only those ways that no answer is needed for."""
        if flow not in self._graphs:
            whole = self.subject.graphs[flow]
            self._graphs[flow] = whole.only(lambda edge: self._unasked(whole, edge))
        return self._graphs[flow]

    def passable(self, flow: str) -> bool:
        """Whether some way leads through the whole flow without a question."""
        if flow not in self._passable:
            graph = self.graph(flow)
            ends = {edge.step for edge in graph.edges if edge.how == "end"}
            self._passable[flow] = not ends.isdisjoint(graph.reachable())
        return self._passable[flow]

    def _unasked(self, graph: Graph, edge: Edge) -> bool:
        if edge.step == START or edge.how in ("skipped", NOT_CARRIED):
            return True
        step = graph.flow.steps[edge.step]
        if isinstance(step, Run) and edge.how == "back":
            return step.flow not in self.subject.flows or self.passable(step.flow)
        return not graph.waits(step.name) and edge.how != "third miss"

    def walks(self, flow: str) -> dict[str, tuple[int, int]]:
        """From each step, how many steps one turn may walk, and how many actions and lists it may ask for, at most.

        For a flow with a silent loop the numbers say nothing.
        """
        if flow not in self._walks:
            self._walks[flow] = self._measured(self.graph(flow))
        return self._walks[flow]

    def _measured(self, graph: Graph) -> dict[str, tuple[int, int]]:
        found: dict[str, tuple[int, int]] = {}
        for name in graph.upwards():
            on = [found.get(edge.target, (0, 0)) for edge in graph.after(name) if edge.target]
            steps, asked = (max((way[n] for way in on), default=0) for n in (0, 1))
            more, calls = self._of(graph, name)
            found[name] = (steps + more, asked + calls)
        return found

    def _of(self, graph: Graph, name: str) -> tuple[int, int]:
        step = graph.flow.steps[name]
        if isinstance(step, Run) and step.flow in self.subject.flows:
            inside = self.walks(step.flow).values()
            return 1 + max(steps for steps, _ in inside), max(asked for _, asked in inside)
        return 1, int(isinstance(step, Choose | Do))
