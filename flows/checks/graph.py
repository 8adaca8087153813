"""The ways through a flow: from each step, everything that can happen there and where it leads.

All families look at a flow through this. It says what can happen by the shape of the flow; that a way is never gone,
because of what the answers are by then, is for the family of meaning to say.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from flows.model import AnyStep, Ask, Choose, Confirm, Do, End, Flow, Menu, Run, Split
from flows.values import Kind

NOT_CARRIED = "not carried"
START = ""  # the "step" before the first one
THIRD_MISS = "third miss"
Carried = Sequence[frozenset[str]]


@dataclass(frozen=True, slots=True)
class Edge:
    """From ``step`` to ``target`` (None: the flow ends) by ``how``:

    - ``start``, ``without PIN``: how the flow is entered (``step`` is START);
    - ``next``: it was said, set, chosen, typed; ``yes`` and ``no`` of a confirm; ``option NAME`` of a menu;
      ``way NAME`` of an ask that leads on by its answer; ``refused``: nothing was sent where nothing need be;
    - ``skipped``: its ``only if`` does not hold;
    - ``none``, ``unavailable``: there is no list, or it cannot be read (target None: the engine's apology);
    - ``exit NAME`` of an action; ``back``: the flow that was run has ended; ``not for them``: it was not opened;
    - ``flow NAME``: a menu opens that flow; ``timeout``: where the author sends whoever does not answer;
    - ``not carried``: a photo is not asked for on a channel that carries none, and the answer is skipped;
    - ``end``: the end; ``not here``: a secret cannot be asked on this channel; ``third miss``: a person is offered.
    """

    step: str
    how: str
    target: str | None


def edges(flow: Flow, flows: Mapping[str, Flow], channels: Carried = ()) -> tuple[Edge, ...]:
    """All of a flow, in the order of its steps; ``flows`` are those that it may run or list, ``channels`` what each
    channel carries that it is used on (none: it may be any)."""
    first = next(iter(flow.steps), None)
    entries = [Edge(START, "start", first)]
    if flow.without_pin:
        entries.append(Edge(START, "without PIN", flow.without_pin))
    return (*entries, *(edge for step in flow.steps.values() for edge in _of(step, flow, flows, channels)))


def _of(step: AnyStep, flow: Flow, flows: Mapping[str, Flow], channels: Carried) -> Iterator[Edge]:
    below = flow.order[step.name]
    if step.only_if is not None:
        yield Edge(step.name, "skipped", below)
    if isinstance(step, Ask) and step.answer.kind is Kind.MEDIA and not is_carried(step, channels):
        yield Edge(step.name, NOT_CARRIED, below)
    for how, target in _ways(step, step.goes or below, flows):
        yield Edge(step.name, how, target)
    if isinstance(step, Menu | Ask | Choose | Confirm | Split):
        yield Edge(step.name, THIRD_MISS, None)


def is_carried(step: Ask, channels: Carried) -> bool:
    """Whether what is asked for can be sent on each of these channels."""
    return bool(channels) and not any(carried.isdisjoint(step.answer.of) for carried in channels)


def _ways(step: AnyStep, on: str | None, flows: Mapping[str, Flow]) -> Iterator[tuple[str, str | None]]:
    """Where ``step`` leads when it is done; ``on``: where it says, else the step below."""
    match step:
        case End():
            yield "end", None
        case Do():
            yield from ((f"exit {name}", target) for name, target in step.exits)
        case Menu():
            yield from _menu(step, on, flows)
        case Ask():
            yield from _ask(step, on)
        case Choose():
            yield from (("next", on), ("none", step.none), ("unavailable", step.unavailable))
        case Confirm():
            yield from (("yes", on), ("no", step.no))
        case Run():
            yield "back", on
            if step.flow in flows and flows[step.flow].who != "anyone":
                yield "not for them", on
        case _:
            yield "next", on


def _menu(step: Menu, on: str | None, flows: Mapping[str, Flow]) -> Iterator[tuple[str, str | None]]:
    if step.lists is not None:
        yield from ((f"flow {flow.name}", None) for flow in flows.values() if flow.starts.menu == step.lists)
    yield from ((f"option {option.name}", option.goes or on) for option in step.options)
    yield from _timeout(step)


def _ask(step: Ask, on: str | None) -> Iterator[tuple[str, str | None]]:
    answers = [name for name, _ in step.answer.options] if step.answer.kind is Kind.CHOICE else []
    answers = ["yes", "no"] if step.answer.kind is Kind.YES_NO else answers
    ways = dict(step.ways)
    yield from ((f"way {answer}", ways.get(answer, on)) for answer in answers)
    if not answers:
        yield "next", on
    if not step.answer.required:
        yield "refused", on
    if step.answer.kind is Kind.SECRET:
        yield "not here", None
    yield from _timeout(step)


def _timeout(step: Menu | Ask) -> Iterator[tuple[str, str | None]]:
    """(``ask by sms`` leads nowhere in the flow.)"""
    if step.on_timeout and " " not in step.on_timeout:
        yield "timeout", step.on_timeout


class Graph:
    """The ways through one flow."""

    def __init__(
        self,
        flow: Flow,
        flows: Mapping[str, Flow],
        ways: tuple[Edge, ...] | None = None,
        channels: Carried = (),
    ) -> None:
        """``ways``: those that count (None: all of the flow); ``channels`` as ``edges`` has them."""
        self.flow = flow
        self.edges = edges(flow, flows, channels) if ways is None else ways
        self._after: dict[str, list[Edge]] = {START: [], **{name: [] for name in flow.steps}}
        self._before: dict[str | None, list[Edge]] = {None: [], **{name: [] for name in flow.steps}}
        for edge in self.edges:
            self._after[edge.step].append(edge)
            self._before[edge.target].append(edge)

    def only(self, keep: Callable[[Edge], bool]) -> Graph:
        """The same flow with some of its ways."""
        return Graph(self.flow, {}, tuple(filter(keep, self.edges)))

    def after(self, step: str) -> tuple[Edge, ...]:
        """What can happen at ``step`` (START: how the flow is entered)."""
        return tuple(self._after[step])

    def before(self, step: str | None) -> tuple[Edge, ...]:
        """By what ``step`` (None: the end) is come to."""
        return tuple(self._before[step])

    def reachable(self, start: str = START) -> frozenset[str]:
        """The steps that some way from ``start`` leads to (``start`` itself only if there is a way back to it)."""
        return _spread(self._onward(start), self._onward)

    def to_end(self) -> frozenset[str]:
        """The steps from which some way that the flow itself offers leads to an end, or into a flow of a menu.

        A third miss and the engine's apologies are no such ways.
        """
        ends = [edge.step for edge in self._before[None] if edge.how == "end" or edge.how.startswith("flow ")]
        return _spread(ends, self._backward)

    def waits(self, step: str) -> bool:
        """Whether the client is always shown a screen here and must answer. (A ``choose`` takes a single one without
        asking, and what a ``run`` does is for whoever looks into that flow.)"""
        return isinstance(self.flow.steps[step], Menu | Ask | Confirm | Split)

    def components(self) -> tuple[frozenset[str], ...]:
        """The loops: steps that lead to one another, and single steps that lead to themselves."""
        return tuple(part for part in self._strong() if len(part) > 1 or self._turns(next(iter(part))))

    def _turns(self, step: str) -> bool:
        return any(edge.target == step for edge in self._after[step])

    def _strong(self) -> Iterator[frozenset[str]]:
        """Strongly connected parts, by Kosaraju's two walks; neither of them recurses, and both are linear."""
        placed: set[str] = set()
        for root in reversed(self.upwards()):
            if root not in placed:
                part = _spread([root], self._backward, placed)
                placed |= part
                yield part

    def upwards(self) -> list[str]:
        """All steps, each after those that it leads to (loops apart)."""
        return postorder(self.flow.steps, self._onward)

    def _onward(self, step: str) -> list[str]:
        return [edge.target for edge in self._after[step] if edge.target is not None]

    def _backward(self, step: str) -> list[str]:
        return [edge.step for edge in self._before[step] if edge.step != START]


def _spread(start: Iterable[str], onward: Callable[[str], Iterable[str]], but: Collection[str] = ()) -> frozenset[str]:
    """``start`` and everything that can be come to from there, round what stands in ``but``."""
    waiting = list(start)
    found: set[str] = set()
    while waiting:
        step = waiting.pop()
        if step not in found and step not in but:
            found.add(step)
            waiting += onward(step)
    return frozenset(found)


def postorder(roots: Iterable[str], onward: Callable[[str], Iterable[str]]) -> list[str]:
    """``roots`` and all that they lead to, each after what it leads to (loops apart)."""
    seen: set[str] = set()
    done: list[str] = []
    for root in roots:
        stack = [(root, iter(onward(root)))] if root not in seen else []
        seen.add(root)
        while stack:
            place, rest = stack[-1]
            target = next((target for target in rest if target not in seen), None)
            if target is None:
                done.append(place)
                stack.pop()
            else:
                seen.add(target)
                stack.append((target, iter(onward(target))))
    return done
