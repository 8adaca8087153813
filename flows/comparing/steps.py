"""The steps of one flow, before and after: which came, went and moved, and what each of them does otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from flows.asking import numbers_of
from flows.comparing.changes import Change, other, quoted
from flows.comparing.facts import differing, facts
from flows.model import AnyStep, Ask, Flow, Menu, Text


@dataclass(frozen=True, slots=True)
class Side:
    """A flow in one of the two releases; ``reserved``: the keys that no option can have there."""

    flow: Flow
    reserved: frozenset[str]


def step_changes(before: Side, after: Side) -> Iterator[Change]:
    old, new = before.flow.steps, after.flow.steps
    for name in old:
        if name not in new:
            yield _change(after, "step.removed", f"step {name} is gone", name, before=kind_of(old[name]))
    for name in new:
        if name not in old:
            yield _change(after, "step.added", _added(after.flow, name), name, after=kind_of(new[name]))
    yield from _moved(before.flow, after)
    for name, step in new.items():
        if name in old:
            yield from _of_one(before, after, old[name], step)


def kind_of(step: AnyStep) -> str:
    """``ask``, as its author writes it."""
    return type(step).__name__.lower()


def _added(flow: Flow, name: str) -> str:
    step = flow.steps[name]
    words = getattr(step, "text", None)
    shown = f" {quoted(words.source)}" if isinstance(words, Text) else ""
    offered = ", ".join(f"{one} {quoted(text.source)}" for one, text in options(step).items())
    return f"new step {name}, {_place(flow, name)}: {kind_of(step)}{shown}{f' ({offered})' if offered else ''}"


def _place(flow: Flow, name: str) -> str:
    """Below which step it stands."""
    above = _above(flow)[name]
    return f"after {above}" if above else "the first"


def _above(flow: Flow) -> dict[str, str]:
    names = list(flow.steps)
    return dict(zip(names, ["", *names], strict=False))


def _moved(before: Flow, after: Side) -> Iterator[Change]:
    """The steps that stand elsewhere: as few as can explain the new order."""
    was = [name for name in before.steps if name in after.flow.steps]
    now = [name for name in after.flow.steps if name in before.steps]
    for name in _out_of_order(was, now):
        said = f"step {name} moved: it was {_place(before, name)}, now {_place(after.flow, name)}"
        yield _change(after, "step.moved", said, name, _above(before)[name], _above(after.flow)[name])


def _out_of_order(was: Sequence[str], now: Sequence[str]) -> list[str]:
    matcher = SequenceMatcher(None, was, now, autojunk=False)
    still = {name for at, _, size in matcher.get_matching_blocks() for name in was[at : at + size]}
    return [name for name in now if name not in still]


def _of_one(before: Side, after: Side, old: AnyStep, new: AnyStep) -> Iterator[Change]:
    if type(old) is not type(new):
        said = f"step {new.name} is another kind of step: {other(kind_of(old), kind_of(new))}"
        yield _change(after, "step.kind", said, new.name, kind_of(old), kind_of(new))
    yield from _options(before, after, old, new)
    for (label, key), was, now in differing(facts(old), facts(new)):
        yield _fact(after, new.name, (label, key), was, now)


def _fact(after: Side, step: str, name: tuple[str, str], was: str | None, now: str | None) -> Change:
    label, key = name
    if label == "outcome" and was is None:
        return _change(
            after, "outcome.added", f"new outcome {key} on step {step}, which leads to {now}", step, was, now
        )
    if label == "outcome" and now is None:
        return _change(
            after, "outcome.removed", f"outcome {key} on step {step} is gone (it led to {was})", step, was, now
        )
    said = f"step {step}, {' '.join(filter(None, (label, key)))}: {other(was, now)}"
    return _change(after, "step.value", said, step, was, now)


# -- options ----------------------------------------------------------------------------------------------------------


def options(step: AnyStep) -> dict[str, Text]:
    """The answers that a step offers by fixed keys, in order."""
    if isinstance(step, Menu):
        return {one.name: one.label for one in step.options}
    return dict(step.answer.options) if isinstance(step, Ask) else {}


def _options(before: Side, after: Side, old: AnyStep, new: AnyStep) -> Iterator[Change]:
    was, now = _keyed(options(old), before.reserved), _keyed(options(new), after.reserved)
    for name, key in was.items():
        if name not in now:
            said = f"step {new.name}: option {name} is gone (its key was {key})"
            yield _change(after, "option.removed", said, new.name, key)
    for name, key in now.items():
        if name not in was:
            said = f"step {new.name}: new option {name} {quoted(options(new)[name].source)}, key {key}"
            yield _change(after, "option.added", said, new.name, None, key)
        elif was[name] != key:
            said = f"step {new.name}: option {name} has another key: {other(was[name], key)}"
            yield _change(after, "option.renumbered", said, new.name, was[name], key)
    yield from _ways(after, old, new)


def _ways(after: Side, old: AnyStep, new: AnyStep) -> Iterator[Change]:
    """Where the options of a menu lead."""
    was, now = _leads(old), _leads(new)
    for name in now:
        if name in was and was[name] != now[name]:
            said = f"step {new.name}, go to, on {name}: {other(was[name], now[name])}"
            yield _change(after, "step.value", said, new.name, was[name], now[name])


def _leads(step: AnyStep) -> dict[str, str | None]:
    return {one.name: one.goes for one in step.options} if isinstance(step, Menu) else {}


def _keyed(names: Iterable[str], reserved: frozenset[str]) -> dict[str, str]:
    names = list(names)
    return dict(zip(names, numbers_of(reserved, len(names)), strict=True))


def _change(at: Side, kind: str, said: str, step: str, before: str | None = None, after: str | None = None) -> Change:
    return Change(f"flow {at.flow.name}", kind, said, at.flow.file, step, "", before, after)
