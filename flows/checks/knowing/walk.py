"""Follows all ways of a flow: first onward only, then with the back key, and coming again another day."""

from __future__ import annotations

from dataclasses import replace
from heapq import heappop, heappush

from flows.checks.graph import START, THIRD_MISS, Edge
from flows.checks.knowing.after import After
from flows.checks.knowing.cases import BACK, HERE, RETURN, Case, Key, Ways
from flows.checks.knowing.conditions import Conditions
from flows.checks.knowing.live import live_names
from flows.checks.knowing.scope import ASKING, Scope
from flows.checks.knowing.trail import forgotten_by_back
from flows.model import AnyStep, Ask, Menu, Run

MOST = 100  # cases of one step that are followed one by one
AT_START: Key = (START, ())


class Walk:
    """``followed``: the steps whose conditions are followed answer by answer; None: each step is one case."""

    def __init__(self, scope: Scope, ends: dict[str, frozenset[str]], followed: frozenset[str] | None = None) -> None:
        self.scope, self.fine = scope, followed is not None
        self.conditions = Conditions(scope, followed)
        self.after = After(scope, self.conditions, ends)
        self.found = Ways(scope, self.conditions)
        self.forgotten = forgotten_by_back(scope)
        self.live = live_names(scope, self.conditions) if self.fine else {}
        self.places = {name: place for place, name in enumerate(scope.flow.steps)}
        self.waiting: list[tuple[int, Key]] = []
        self.queued: set[Key] = set()
        self.often: dict[str, int] = {}
        self.again = False

    def ways(self) -> Ways:
        for edge in self.scope.graph.after(START):
            self._reach(edge, Case(AT_START, self.after.at_first()), AT_START)
        self._follow()
        down = {step: [replace(one) for one in cases.values()] for step, cases in self.found.done.items()}
        self.found.down, self.found.held = down, frozenset(self.conditions.held)
        self.found.visited = frozenset(step for step, _ in self.found.cases)
        self.found.here = {key: case.values for key, case in self.found.cases.items()}
        self.again = True
        for case in [case for cases in down.values() for case in cases]:
            self._go_back(case)
            self._return(case)
        self._follow()
        return self.found

    def _follow(self) -> None:
        """In the order of the file, so that most steps are visited when all that leads to them is known."""
        while self.waiting:
            _, key = heappop(self.waiting)
            self.queued.discard(key)
            self._visit(self.found.cases[key])

    def _visit(self, case: Case) -> None:
        step = self.scope.flow.steps[case.step]
        holds, fails = self.conditions.split(step.name, case.values)
        if not self.fine:
            holds, fails = ([self.conditions.joined(some)] if some else [] for some in (holds, fails))
        for edge in self.scope.graph.after(step.name):
            if edge.how == "skipped":
                for values in fails:
                    self._reach(edge, self._skipped(step, replace(case, values=values)), case.key)
        for values in holds:
            known = case.known | self.after.there(values)
            known &= ~self.scope.secrets if isinstance(step, ASKING) else -1
            key = (step.name, values if self.fine else ())
            self._do(step, replace(case, key=key, values=values, known=known, came=(case.key, HERE)), case.key)

    def _skipped(self, step: AnyStep, case: Case) -> Case:
        """A question that is skipped has no answer, also where it had one before somebody came here again."""
        lost = self.scope.loses(step.name, "skipped")
        if not lost:
            return case
        gone = ~self.scope.bits(lost)
        values = self.after.without(case.values, lost)
        return replace(case, values=values, known=case.known & gone, may=case.may & gone)

    def _do(self, step: AnyStep, done: Case, key: Key) -> None:
        self.found.done.setdefault(step.name, {}).setdefault(done.key, done).take_in(done)
        for edge in self.scope.graph.after(step.name):
            if edge.how not in ("skipped", THIRD_MISS) and self._goes(edge):
                self.found.at_end &= done.known if edge.how == "end" else -1
                self._reach(edge, self.after.edge(edge, done), key)

    def _goes(self, edge: Edge) -> bool:
        """Whether this person can go here at all."""
        step = self.scope.flow.steps[edge.step]
        if edge.how != "not for them" or not isinstance(step, Run):
            return True
        mine, theirs = self.scope.flow.who, self.scope.subject.flows[step.flow].who
        clients = ("client", "client with PIN")
        return not (mine in clients and theirs in clients) and mine != theirs

    def _reach(self, edge: Edge, there: Case, key: Key) -> None:
        """``there`` holds where ``edge`` leads to, which was taken from ``key``."""
        if edge.target is None or edge.target not in self.places:
            return
        there = replace(there, key=(edge.target, ()), came=(key, edge), again=self.again)
        there = self._placed(there, edge.target) if self.fine else there
        new = self.found.cases.setdefault(there.key, there) is there or self.found.cases[there.key].take_in(there)
        if new and there.key not in self.queued:
            self.queued.add(there.key)
            heappush(self.waiting, (self.places[edge.target], there.key))

    def _placed(self, there: Case, target: str) -> Case:
        """The case by what is asked about further on; with all others of its step when these are too many."""
        live, pairs = self.live[target], zip(there.values, self.conditions.everything, strict=True)
        values = tuple(mine if place in live else whole for place, (mine, whole) in enumerate(pairs))
        if (target, values) not in self.found.cases:
            self.often[target] = self.often.get(target, 0) + 1
            if self.often[target] > MOST:
                values = self.conditions.everything
                return replace(there, key=(target, values), values=values, joined=True)
        return replace(there, key=(target, values), values=values)

    def _go_back(self, case: Case) -> None:
        """What was asked before this step may be forgotten when the back key leads here past it. (What comes after it
        is then answered anew.)"""
        gone = case.known & self.forgotten[case.step] & ~self.scope.bits(self.scope.reopened(case.step))
        if gone:
            back = Edge(case.step, BACK, case.step)
            self._reach(back, replace(case, known=case.known & ~gone), case.came[0])

    def _return(self, case: Case) -> None:
        """Who was invited comes again to the question that was open, with the answers that were kept."""
        steps = list(self.scope.flow.steps.values())
        before = steps[: self.places[case.step]]
        questions = [step for step in before if isinstance(step, Menu | Ask)]
        if self.scope.flow.starts.event is None or not isinstance(self.scope.flow.steps[case.step], ASKING):
            return
        if before and all(step.saves for step in questions):
            kept = [step.name for step in questions]
            gone = tuple(unit for unit in self.scope.units if unit not in kept)
            known = case.known & ~self.scope.bits(gone)
            there = replace(case, values=self.after.without(case.values, gone), known=known)
            self._reach(Edge(case.step, RETURN, case.step), there, case.came[0])
