"""What each step of a flow needs to know, what each way on makes known, and what it takes away.

A *unit* is what becomes known as one: ``amount``, a chosen ``account`` with all its fields, one output ``find.ref`` of
an action, one result ``pick.account`` of a flow that was run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flows.checks.graph import NOT_CARRIED, Graph
from flows.checks.subject import Subject
from flows.loading.names import BUILT_IN, Catalogue, own_names
from flows.model import AnyStep, Ask, Choose, Confirm, Do, Flow, Menu, Run, Set, Split
from flows.sources import Source
from flows.values import Kind
from flows.words.quoted import texts_in

ASKING = (Menu, Ask, Choose, Confirm, Split)  # a screen is shown and answered
ONLY_LATER = ("receipt", "payer")  # known when a payment is told of


@dataclass(frozen=True, slots=True)
class Need:
    """A name that must be there when its step is come to. ``how``: shown, given, bound, paid."""

    step: str
    name: str
    line: int
    how: str


def _all_steps(subject: Subject) -> Iterator[AnyStep]:
    return (step for flow in subject.flows.values() for step in flow.steps.values())


class Scope:
    """The names of one flow. ``run``: those of the flows that it runs."""

    def __init__(self, flow: Flow, subject: Subject, run: dict[str, Scope]) -> None:
        self.flow, self.subject, self.run = flow, subject, run
        known = own_names(flow, subject.flows, Catalogue(subject.actions, subject.sources), frozenset())
        shortcuts = {f"shortcut.{name}": Kind.TEXT for name, f in subject.flows.items() if f.starts.shortcut}
        self.kinds = known.kinds | BUILT_IN | shortcuts
        self.choices = known.choices
        self.graph: Graph = subject.graphs[flow.name]
        self._needs: dict[str, list[Need]] = {}
        self.units: dict[str, int] = {}
        for edge in self.graph.edges:
            for unit in self.gives(edge.step, edge.how):
                self.units.setdefault(unit, 1 << len(self.units))
        self.is_run = any(isinstance(step, Run) and step.flow == flow.name for step in _all_steps(subject))
        self.records = self._records()
        self.secrets = self.bits(unit for unit in self.units if self.kinds.get(unit) is Kind.SECRET)

    def bits(self, units: Iterator[str] | tuple[str, ...]) -> int:
        found = 0
        for unit in units:
            found |= self.units.get(unit, 0)
        return found

    def _records(self) -> dict[str, Source]:
        """The chosen items by their unit, with the list that they come from."""
        found: dict[str, Source] = {}
        for step in self.flow.steps.values():
            if isinstance(step, Choose):
                found |= dict.fromkeys((step.name, step.item), self.subject.sources[step.source.source])
            elif isinstance(step, Run):
                theirs = self.run[step.flow].records if step.flow in self.run else {}
                found |= {f"{step.name}.{unit}": source for unit, source in theirs.items()}
        return found

    def guard(self, name: str) -> str | None:
        """The condition under which a field of a chosen item is there for sure; None: it always is, with the item."""
        unit = self.unit(name)
        source = self.records.get(unit) if unit else None
        part = name.removeprefix(f"{unit}.")
        if source is None or part not in source.only_if:
            return None
        return f"{part} is not empty or {source.only_if[part]}"

    def results(self) -> tuple[str, ...]:
        """What a flow that ran this one may know of it."""
        return tuple(unit for unit in self.units if self.kinds.get(unit) is not Kind.SECRET)

    def unit(self, name: str) -> str | None:
        """The unit that ``name`` is a part of; None for what every flow knows."""
        parts = name.split(".")
        return next((u for n in range(len(parts), 0, -1) if (u := ".".join(parts[:n])) in self.units), None)

    def is_name(self, right: str) -> bool:
        """Whether a value of ``set`` or ``with`` is the name of something, and not the word itself."""
        if isinstance(self.flow.steps.get(right), Do | Run):
            return False
        return right in self.kinds or self.unit(right) is not None

    def gives(self, name: str, how: str) -> tuple[str, ...]:
        """The units that this way on makes known. (What ``set`` makes known depends on what is there.)"""
        match self.flow.steps.get(name):
            case Menu() if how.startswith("option "):
                return (name,)
            case Ask() if how == "next" or how.startswith("way "):
                return (name,)
            case Choose(item=item) if how == "next":
                return (name, item)
            case Confirm() if how in ("yes", "no"):
                return (name, "fee")
            case Split() as step if how == "next":
                return (name, f"{name}.total", f"{name}.count", step.amount)
            case Do() as step if how.startswith("exit "):
                return self._done(step, how.removeprefix("exit "))
            case Run(flow=flow) if how == "back":
                return tuple(f"{name}.{unit}" for unit in (self.run[flow].results() if flow in self.run else ()))
            case Set() as step:
                return tuple(one for one, _ in step.values if "." not in one)
        return ()

    def _done(self, step: Do, exit_: str) -> tuple[str, ...]:
        action = self.subject.actions[step.action]
        known = action.known_after(exit_)
        also = tuple(f"open.{name}" for name in known) if action.collects else ()
        return (*(f"{step.name}.{name}" for name in known), *also)

    def loses(self, name: str, how: str) -> tuple[str, ...]:
        """The units that are gone by this way on, before it gives what it gives."""
        match self.flow.steps.get(name):
            case Ask() | Menu() if how in ("refused", "timeout", NOT_CARRIED):
                return (name,)
            case Ask() | Menu() | Choose() | Split() if how == "skipped":
                return (name,)
            case Do() | Run() if how.startswith("exit ") or how == "back":
                return tuple(unit for unit in self.units if unit.startswith((f"{name}.", "open.")))
        return ()

    def reopened(self, name: str) -> tuple[str, ...]:
        """What is forgotten when the back key comes to this step again."""
        step = self.flow.steps[name]
        return (name, step.item) if isinstance(step, Choose) else (name,)

    def needs(self, step: AnyStep) -> list[Need]:
        """Every name without which this step cannot be done as it is written."""
        if step.name not in self._needs:
            self._needs[step.name] = list(self._needed(step))
        return self._needs[step.name]

    def _needed(self, step: AnyStep) -> Iterator[Need]:
        own = self._own(step)
        for text in texts_in(step):
            for name in text.names:
                if name.partition(".")[0] not in own:
                    yield Need(step.name, name, text.line, "shown")
        match step:
            case Do():
                yield from self._inputs(step)
            case Confirm():
                paid = (right for key, right in step.payment if right != "this phone")
                yield from (Need(step.name, right, step.line, "paid") for right in paid)
            case Ask():
                bounds = (b for b in (step.answer.min, step.answer.max) if isinstance(b, str))
                yield from (Need(step.name, bound, step.line, "bound") for bound in bounds)

    def _own(self, step: AnyStep) -> tuple[str, ...]:
        """What the words of this step know beside what was known before."""
        match step:
            case Choose():
                return (step.item, step.name)
            case Split():
                return (step.each, step.amount, step.name)
            case Confirm():
                return ("fee",)
            case Do():
                return ONLY_LATER
        return ()

    def _inputs(self, step: Do) -> Iterator[Need]:
        inputs = self.subject.actions[step.action].inputs
        for name, right in step.inputs:
            if name in inputs and inputs[name].required and self.is_name(right):
                yield Need(step.name, right, step.line, "given")
