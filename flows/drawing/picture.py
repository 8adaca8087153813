"""What is drawn of a flow: a box for each step, and an arrow for each place that it leads to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flows.actions import Action
from flows.checks.graph import START, Edge, Graph
from flows.drawing.saying import KINDS, begins, detail, entry, marks
from flows.model import AnyStep, Ask, Choose, Flow, Menu, Text

Wording = Callable[[Flow, Text], str]  # the words of a text in the language that is drawn


@dataclass(frozen=True, slots=True)
class Box:
    """A step. ``words``: what the client reads; ``lines``: its answers; ``details``: what else is to be known."""

    name: str
    kind: str
    words: str = ""
    only_if: str = ""
    marks: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    details: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Arrow:
    """All ways from one step to another; ``labels`` is empty where it is the only way."""

    step: str
    target: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """``begins``: how the flow is entered (``marks``: behind what); ``boxes`` in the order of the file; ``edges`` are
    all ways, drawn or not."""

    flow: str
    language: str
    begins: tuple[str, ...]
    marks: tuple[str, ...]
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    edges: tuple[Edge, ...]

    def as_json(self) -> dict[str, Any]:
        """Steps and edges. ``step`` is "" for how the flow is entered, ``target`` null where it ends."""
        names = ("name", "kind", "words", "only_if", "marks", "lines", "details")
        return {
            "flow": self.flow,
            "language": self.language,
            "begins": list(self.begins),
            "marks": list(self.marks),
            "steps": [{name: _plain(getattr(box, name)) for name in names} for box in self.boxes],
            "edges": [{"step": edge.step, "how": edge.how, "target": edge.target} for edge in self.edges],
        }


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value or None


def picture(
    flow: Flow, flows: Mapping[str, Flow], actions: Mapping[str, Action], say: Wording, language: str = ""
) -> Picture:
    """``say`` gives the words, ``flows`` are those that this one runs or lists."""
    graph = Graph(flow, flows)
    boxes = tuple(_box(step, flow, flows, actions, say) for step in flow.steps.values())
    arrows = tuple(arrow for step in (START, *flow.steps) for arrow in _arrows(graph, step, say))
    return Picture(flow.name, language or flow.language, begins(flow, say), entry(flow), boxes, arrows, graph.edges)


def _box(step: AnyStep, flow: Flow, flows: Mapping[str, Flow], actions: Mapping[str, Action], say: Wording) -> Box:
    text = getattr(step, "text", None)
    return Box(
        step.name,
        KINDS[type(step)],
        say(flow, text) if isinstance(text, Text) else "",
        step.only_if.source if step.only_if is not None else "",
        marks(step, actions),
        tuple(_lines(step, flow, flows, say)),
        tuple(detail(step, flow, say)),
    )


def _lines(step: AnyStep, flow: Flow, flows: Mapping[str, Flow], say: Wording) -> Iterator[str]:
    if isinstance(step, Menu):
        yield from (say(flow, option.label) for option in step.options)
        listed = [one for one in flows.values() if step.lists and one.starts.menu == step.lists and one.starts.label]
        for one in sorted(listed, key=lambda one: (one.starts.shortcut or 10_000, one.name)):
            if one.starts.label:
                yield f"{say(one, one.starts.label)} ({one.name})"
    if isinstance(step, Ask):
        yield from (say(flow, label) for _, label in step.answer.options)
        yield from (say(flow, offer.label) for offer in step.offer)


def _arrows(graph: Graph, step: str, say: Wording) -> Iterator[Arrow]:
    """One for each target. Ways that every step of this kind has, and that lead out of the flow, are not drawn."""
    ways: dict[str, list[str]] = {}
    for edge in graph.after(step):
        if edge.target is not None:
            ways.setdefault(edge.target, []).append(edge.how)
    for target, hows in ways.items():
        told = len(ways) > 1 or step == START or hows == ["skipped"]
        yield Arrow(step, target, tuple(_labels(graph.flow, step, hows, say)) if told else ())


def _labels(flow: Flow, step: str, hows: list[str], say: Wording) -> Iterator[str]:
    here = flow.steps.get(step)
    labels = {option.name: say(flow, option.label) for option in here.options} if isinstance(here, Menu) else {}
    if isinstance(here, Ask):
        labels = {name: say(flow, label) for name, label in here.answer.options}
    for how in hows:
        kind, _, name = how.partition(" ")
        if kind in ("option", "way"):
            yield labels.get(name, name)
        elif kind == "exit":
            yield name
        elif how not in ("start",):
            yield _DONE.get(type(here), "then") if how == "next" else _HOW.get(how, how)


_DONE: Final[Mapping[type, str]] = {Ask: "answered", Choose: "chosen"}
_HOW: Final = {
    "skipped": "else",
    "none": "nothing to list",
    "refused": "no answer given",
    "timeout": "no answer in time",
    "not for them": "not open to them",
    "back": "then",
    "unavailable": "cannot be read",
}
