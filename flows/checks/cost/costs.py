"""What a flow takes of a client from the first screen of a call to each of its ends, on one channel in one language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from flows.checks.cost import ways
from flows.checks.cost.answering import Case
from flows.checks.cost.effort import NOTHING, Effort, Efforts
from flows.checks.graph import NOT_CARRIED, START, Edge, is_carried
from flows.checks.shown import Shows
from flows.checks.shown.before import asks_an_answer
from flows.model import Ask, End, Flow, Menu, Run
from flows.screens.profile import Profile
from flows.values import Kind

CASES: tuple[Case, ...] = ("best", "typical", "worst")
FAILING = ("none", "unavailable", "not for them", "exit unavailable")
Shares = Mapping[tuple[str, str, str], float]  # flow, step and way: how often it was taken


@dataclass(frozen=True, slots=True)
class Path:
    """From the first screen of a call to the step ``end`` of a flow."""

    flow: Flow
    end: str
    best: Effort
    typical: Effort
    worst: Effort


class Costs:
    """``shares``: how often each way was taken, where that is known."""

    def __init__(self, shows: Shows, profile: Profile, language: str, shares: Shares | None = None) -> None:
        self.shows, self.profile, self.shares = shows, profile, shares or {}
        self.efforts = {case: Efforts(shows, profile, language, case) for case in CASES}
        self._in: dict[tuple[str, Case], Effort | None] = {}
        self._to: dict[tuple[str, Case], dict[str, tuple[float, Effort]]] = {}

    @property
    def flows(self) -> Mapping[str, Flow]:
        return self.shows.subject.flows

    def paths(self) -> Iterator[Path]:
        """Of every flow that a client can open on this channel, to each end."""
        for name, flow in self.flows.items():
            before = {case: self.way_in(name, case) for case in CASES}
            for step in flow.steps.values():
                to = {case: self.to(name, case).get(step.name) for case in CASES}
                if isinstance(step, End) and None not in to.values() and None not in before.values():
                    each = (_add(before[case], to[case], self._end(flow, step, case)) for case in CASES)
                    yield Path(flow, step.name, *each)

    def way_in(self, name: str, case: Case) -> Effort | None:
        """From the first screen until the flow is chosen; None: no menu leads to it, and no call opens it."""
        if (name, case) not in self._in:
            self._in[name, case] = None  # a menu that leads to itself does not lead in
            self._in[name, case] = self._led(name, case)
        return self._in[name, case]

    def _led(self, name: str, case: Case) -> Effort | None:
        flow = self.flows[name]
        if name == self.shows.subject.institution.main_flow or flow.starts.invite is not None:
            return NOTHING
        for other, step in self._lists.get(flow.starts.menu or "", ()):
            before = self.way_in(other.name, case)
            to = self.to(other.name, case).get(step.name)
            if before is not None and to is not None:
                return before + to[1] + self.efforts[case].of(other, step, f"flow {name}")
        return None

    @cached_property
    def _lists(self) -> dict[str, list[tuple[Flow, Menu]]]:
        found: dict[str, list[tuple[Flow, Menu]]] = {}
        for flow in self.flows.values():
            for step in flow.steps.values():
                if isinstance(step, Menu) and step.lists is not None:
                    found.setdefault(step.lists, []).append((flow, step))
        return found

    def to(self, name: str, case: Case) -> dict[str, tuple[float, Effort]]:
        """To each step of the flow from its beginning: how many come there (1 where that is not asked), the effort."""
        if (name, case) not in self._to:
            roads, of = self._roads(self.flows[name]), lambda edge: self._of(self.flows[name], edge, case)
            if case == "typical":
                self._to[name, case] = ways.expected(roads, of, lambda edge: self._share(self.flows[name], edge))
            else:
                found = (ways.shortest if case == "best" else ways.longest)(roads, of)
                self._to[name, case] = {step: (1.0, effort) for step, effort in found.items()}
        return self._to[name, case]

    def _roads(self, flow: Flow) -> ways.Roads:
        """Where no PIN may be asked, nobody goes on from a secret, and who has one goes the way of who has none."""
        graph = self.shows.subject.graphs[flow.name]
        asks = [step for step in flow.steps.values() if isinstance(step, Ask)]
        sent = {one.name: is_carried(one, [self.profile.carries]) for one in asks if one.answer.kind is Kind.MEDIA}

        def odd(edge: Edge) -> bool:
            """What is sent is asked for, or passed by, as this channel has it."""
            return edge.step in sent and edge.how != "skipped" and sent[edge.step] == (edge.how == NOT_CARRIED)

        if self.profile.asks_secrets:
            return ways.Roads(graph, odd)
        locked = flow.who == "client with PIN"
        secret = {step.name for step in asks if step.answer.kind is Kind.SECRET}
        return ways.Roads(graph, lambda edge: odd(edge) or edge.step in secret or (locked and edge.how == "start"))

    def _of(self, flow: Flow, edge: Edge, case: Case) -> Effort:
        if edge.step == START:
            gated = edge.how == "start" and flow.who == "client with PIN"
            return self.efforts[case].pin() if gated else NOTHING
        step = flow.steps[edge.step]
        if isinstance(step, Run):
            return self._whole(step.flow, case) if edge.how == "back" and step.flow in self.flows else NOTHING
        return self.efforts[case].of(flow, step, edge.how)

    def _whole(self, name: str, case: Case) -> Effort:
        """Of a flow that another one runs, to whichever of its ends."""
        flow, to = self.flows[name], self.to(name, case)
        ends = [(to[step.name], step) for step in flow.steps.values() if isinstance(step, End) and step.name in to]
        if case != "typical":
            pick = min if case == "best" else max
            return pick((effort for (_, effort), _ in ends), key=lambda effort: effort.seconds, default=NOTHING)
        came = sum(mass for (mass, _), _ in ends) or 1.0
        return sum((effort.times(mass / came) for (mass, effort), _ in ends), NOTHING)

    def _end(self, flow: Flow, step: End, case: Case) -> Effort:
        return self.efforts[case].of(flow, step, "end")

    def _share(self, flow: Flow, edge: Edge) -> float:
        known = self.shares.get((flow.name, edge.step, edge.how))
        if known is not None:
            return known
        if edge.how in FAILING or edge.how == "without PIN":
            return ways.RARE
        step = flow.steps.get(edge.step)
        if step is None or step.only_if is None or asks_an_answer(step.only_if, flow):
            return 1.0
        stage = self.shows.stages(self.efforts["typical"].language, False)[flow.name]
        return 1.0 if step.only_if.holds(stage.names) == (edge.how != "skipped") else ways.RARE


def _add(before: Effort | None, to: tuple[float, Effort] | None, end: Effort) -> Effort:
    return (before or NOTHING) + (to[1] if to else NOTHING) + end
