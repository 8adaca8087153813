"""What was said before a screen and stands above its words: the ``say`` steps of the same turn.

Of all ways to a step the one is kept on which most is said. Whether a step whose condition may hold is passed is not
worked out for the largest values (so a screen may be longer here than it ever is); with usual ones the condition is
asked. A loop is gone through once, and what a flow says as it is run is taken from whoever runs it with most to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flows.checks.graph import NOT_CARRIED, START, Edge, Graph, postorder
from flows.checks.shown.stage import Stage
from flows.conditions import Condition
from flows.model import AnyStep, Ask, Choose, Do, End, Flow, Menu, Run, Say, Set
from flows.screens import gsm7

PASSING = (Say, Set, Do, Run, Choose)  # may be passed without an answer


@dataclass(frozen=True, slots=True)
class Said:
    """Texts in their order, the last one first; ``length`` in characters as they count on a phone."""

    length: int = 0
    text: str = ""
    before: Said | None = None

    def then(self, text: str) -> Said:
        return Said(self.length + gsm7.measure(text)[1] + 1, text, self) if text else self

    def after(self, other: Said) -> Said:
        """This, said after ``other``."""
        for text in self.texts():
            other = other.then(text)
        return other

    def texts(self, most: int = 4000) -> list[str]:
        """In the order in which they were said; beyond ``most`` characters the first ones are left out."""
        found: list[str] = []
        one: Said | None = self
        while one is not None and one.text and sum(map(len, found)) < most:
            found.append(one.text)
            one = one.before
        return found[::-1]


NOTHING = Said()
Stages = Mapping[str, Stage]
Before = dict[str, Said]  # by step


@dataclass(frozen=True, slots=True)
class Ending:
    """What a flow leaves to be said when it comes back: ``after`` its last screen, or ``through`` it without any (None:
    there is always one)."""

    after: Said
    through: Said | None


class Gathered:
    """What was said before each step of each flow, in the language and with the values of the stages."""

    def __init__(self, stages: Stages, graphs: Mapping[str, Graph]) -> None:
        self._stages, self._graphs = stages, graphs
        self._orders = {name: tuple(order(graph)) for name, graph in graphs.items()}
        self._endings: dict[str, Ending] = {}
        self._texts: dict[tuple[str, str], str] = {}
        self.before: dict[str, Before] = {}
        callers = list(_callers_first({name: stage.flow for name, stage in stages.items()}))
        for name in reversed(callers):
            self._endings[name] = self._ending(name)
        entries: Before = {}
        for name in callers:
            self.before[name] = self._spread(name, entries.get(name, NOTHING), True)
            for step in stages[name].flow.steps.values():
                if isinstance(step, Run) and (said := self.before[name].get(step.name)):
                    entries[step.flow] = _more(entries.get(step.flow), said)

    def text(self, flow: str, step: Say | End) -> str:
        place = (flow, step.name)
        if place not in self._texts:
            self._texts[place] = self._stages[flow].text(step.text.key) if step.text else ""
        return self._texts[place]

    def _ending(self, name: str) -> Ending:
        waited = self._at_ends(name, self._spread(name, NOTHING, True))
        return Ending(waited or NOTHING, self._at_ends(name, self._spread(name, NOTHING, False)))

    def _at_ends(self, name: str, before: Before) -> Said | None:
        found: Said | None = None
        for step in self._stages[name].flow.steps.values():
            if isinstance(step, End) and step.name in before:
                found = _more(found, before[step.name].then(self.text(name, step)))
        return found

    def _spread(self, name: str, entry: Said, waits: bool) -> Before:
        """From the beginning downwards. ``waits``: also from every answer, behind which nothing was said yet."""
        graph, flow = self._graphs[name], self._stages[name].flow
        before: Before = {edge.target: entry for edge in graph.after(START) if edge.target}
        place = {step: number for number, step in enumerate(self._orders[name])}
        for here in self._orders[name]:
            said = before.get(here)
            if said is None:
                continue
            for edge in graph.after(here):
                told = self._told(name, flow.steps[here], edge, said, waits)
                if edge.target and told is not None and (place[edge.target] > place[here] or edge.target not in before):
                    before[edge.target] = _more(before.get(edge.target), told)
        return before

    def _told(self, name: str, step: AnyStep, edge: Edge, said: Said, waits: bool) -> Said | None:
        """What was said when ``step`` is left by ``edge``; None: that is not in the same turn, or not done."""
        if not self._goes(self._stages[name], step, edge):
            return None
        if edge.how in ("skipped", NOT_CARRIED):
            return said
        if not isinstance(step, PASSING):
            return NOTHING if waits else None
        if isinstance(step, Say):
            return said.then(self.text(name, step))
        if isinstance(step, Run) and edge.how == "back":
            return self._back(step, said, waits)
        return said

    def _back(self, step: Run, said: Said, waits: bool) -> Said | None:
        ending = self._endings.get(step.flow, Ending(NOTHING, NOTHING))
        found = ending.after if waits else None
        return found if ending.through is None else _more(found, ending.through.after(said))

    def _goes(self, stage: Stage, step: AnyStep, edge: Edge) -> bool:
        """With usual values a condition holds or does not, unless it asks what was answered; with the largest, both."""
        if step.only_if is None or stage.sizes.largest or asks_an_answer(step.only_if, stage.flow):
            return True
        return step.only_if.holds(stage.names) == (edge.how != "skipped")


def _more(one: Said | None, other: Said) -> Said:
    return other if one is None or other.length > one.length else one


def asks_an_answer(condition: Condition, flow: Flow) -> bool:
    """Whether it is about what the client answered before, and not about the record."""
    return any(isinstance(flow.steps.get(name.partition(".")[0]), Menu | Ask) for name in condition.names)


def order(graph: Graph) -> Iterator[str]:
    """The steps so that each comes after those that lead to it, loops apart."""
    onward = postorder([START], lambda step: [edge.target for edge in graph.after(step) if edge.target])
    return (step for step in reversed(onward) if step != START)


def _callers_first(flows: Mapping[str, Flow]) -> Iterator[str]:
    """Every flow before those that it runs."""
    return reversed(postorder(flows, lambda name: _run_by(flows, name)))


def _run_by(flows: Mapping[str, Flow], name: str) -> list[str]:
    return [step.flow for step in flows[name].steps.values() if isinstance(step, Run) and step.flow in flows]
