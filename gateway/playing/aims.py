"""How far a place in the flows is from what exploring looks for, by the ways that the flows offer."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flows.checks.graph import Graph
from flows.coverage import Gap
from flows.model import AnyStep, End, Flow, Menu, Run
from flows.session import Frame
from flows.tracing import REACHED, Way

Place = tuple[str, str]  # flow and step
FAR = 1000


@dataclass(frozen=True, slots=True)
class Aim:
    """A way that no conversation has gone; with ``language``, a flow that nobody has heard in it."""

    flow: str
    step: str
    how: str
    language: str = ""

    @classmethod
    def at(cls, gap: Gap) -> Aim:
        return cls(gap.flow, gap.step, gap.how)

    @property
    def way(self) -> Way:
        return (self.flow, self.step, self.how)

    def __str__(self) -> str:
        if self.language:
            return f"{self.flow} in {self.language}"
        return f"step {self.step}, {self.how}" if self.how else f"step {self.step}"


class Map:
    """The steps of all flows, and from which other steps each is come to: within a flow, and by ``run`` and menus."""

    def __init__(self, flows: Mapping[str, Flow]) -> None:
        self._flows = flows
        self._before: dict[Place, set[Place]] = {}
        self._ways: dict[tuple[str, str, str], Place] = {}
        self._into: dict[Place, set[str]] = {}
        for flow in flows.values():
            for edge in Graph(flow, flows).edges:
                if edge.target and (edge.step or edge.how == "without PIN"):  # who has none goes there first
                    place = (flow.name, edge.step or next(iter(flow.steps)))
                    self._join(place, (flow.name, edge.target), edge.how)
        self._to_end = _spread(
            {(f.name, s.name): 0 for f in flows.values() for s in f.steps.values() if isinstance(s, End)}, self._before
        )
        for flow in flows.values():
            for step in flow.steps.values():
                for how, name in self._opened(step):
                    self._join((flow.name, step.name), (name, next(iter(flows[name].steps))), how)

    def _opened(self, step: AnyStep) -> list[tuple[str, str]]:
        """The flows that this step opens."""
        if isinstance(step, Run) and step.flow in self._flows:
            return [("run", step.flow)]
        if isinstance(step, Menu) and step.lists is not None:
            return [(f"flow {one.name}", one.name) for one in self._flows.values() if one.starts.menu == step.lists]
        return []

    def _join(self, place: Place, target: Place, how: str) -> None:
        self._before.setdefault(target, set()).add(place)
        self._ways.setdefault((*place, how), target)
        self._into.setdefault(target, set()).add(how)

    def leads_to(self, place: Place, how: str) -> Place | None:
        """Where a way on leads, if that is known."""
        return self._ways.get((*place, how))

    def by_trouble(self, aim: Aim) -> bool:
        """Whether the aim is only come to when something is down."""
        ways = [aim.how] if aim.how else self._into.get((aim.flow, aim.step), ())
        return bool(ways) and all(how.endswith("unavailable") for how in ways)

    def distances(self, aim: Aim) -> dict[Place, int]:
        """Steps from each place to the one that the aim is at; what is not there cannot lead to it."""
        return _spread({(aim.flow, aim.step): 0}, self._before)

    def distance(self, near: Mapping[Place, int], place: Place, frames: Sequence[Frame]) -> int:
        """From ``place``, on top of the flows that wait for it to end (``frames``, the nearest last)."""
        best, up = near.get(place, FAR), 0
        for frame in reversed(frames):
            up += self._to_end.get(place, FAR) + 1
            step = self._flows[frame.flow].steps.get(frame.step)
            on = self._ways.get((frame.flow, frame.step, "back")) if isinstance(step, Run) else None
            place = on or (frame.flow, frame.step)
            best = min(best, up + near.get(place, FAR))
        return best


def _spread(found: dict[Place, int], before: Mapping[Place, set[Place]]) -> dict[Place, int]:
    """How far each place is from one of those given, against the ways."""
    queue = deque(found)
    while queue:
        place = queue.popleft()
        for earlier in sorted(before.get(place, ())):
            if earlier not in found:
                found[earlier] = found[place] + 1
                queue.append(earlier)
    return found


def heard_first(flow: Flow, language: str) -> Aim:
    """To hear a flow in a language is to reach its first step."""
    return Aim(flow.name, next(iter(flow.steps)), REACHED, language)
