"""Places of the shipped flows that several kinds of fault look for."""

from __future__ import annotations

from collections.abc import Iterator

from mutants.ground import Entry, everywhere, flows, whole

from flows.actions import Action
from flows.loading.shape import STEPS
from flows.loading.structure import falls_through
from flows.model import AnyStep, Do, Flow

NO_EXITS = ("do", "with", "later", "only if", "redial")


def misspelt(word: str) -> str:
    """As somebody types it in a hurry: the last letter twice."""
    return word + word[-1]


def flow_of(entry: Entry) -> Flow:
    return whole().flows[entry.file.name]


def step_of(entry: Entry) -> AnyStep:
    return flow_of(entry).steps[entry.step or ""]


def kind_of(step: Entry) -> str:
    """What a step does: ``step`` is its own entry."""
    keys = [entry.name for entry in step.file.under(*step.path)]
    return "do" if "do" in keys else next(key for key in keys if key in STEPS)


def targets() -> Iterator[Entry]:
    """Values that name a step."""
    for entry in everywhere():
        if entry.is_bare and _leads(entry):
            yield entry


def _leads(entry: Entry) -> bool:
    if entry.path == ("without PIN",):
        return True
    if entry.step is None or entry.text not in flow_of(entry).steps:
        return False
    if entry.path[2:3] == ("go to",) or entry.path[2:] in (("none",), ("unavailable",), ("no",)):
        return True
    return is_exit(entry)


def is_exit(entry: Entry) -> bool:
    """Whether this key is an exit of an action."""
    return len(entry.path) == 3 and isinstance(step_of(entry), Do) and entry.name not in NO_EXITS


def falls(step: Entry) -> bool:
    """Whether one can walk on below it."""
    return falls_through(flow_of(step).steps[step.name])


def action_of(entry: Entry) -> Action:
    step = step_of(entry)
    assert isinstance(step, Do)
    return whole().actions[step.action]


def steps() -> Iterator[Entry]:
    """Every step of every flow, by the entry of its name."""
    for file in flows():
        yield from file.steps


def words() -> Iterator[Entry]:
    """All words for clients that flows quote."""
    return (entry for entry in everywhere() if entry.is_words)


def labels() -> Iterator[Entry]:
    """The words of options and of offers."""
    for entry in words():
        if entry.path[-2] in ("options", "offer"):
            yield entry


def is_later(entry: Entry) -> bool:
    return len(entry.path) == 4 and entry.path[2] == "later"


def sent() -> Iterator[Entry]:
    """Words that are sent by themselves: invitations, and what is told later."""
    return (entry for entry in words() if is_later(entry) or entry.path == ("starts", "invite"))


def shown() -> Iterator[Entry]:
    """The words of steps themselves: on a screen of their own, or above one."""
    for entry in words():
        if entry.step and len(entry.path) == 3 and entry.name in ("say", "menu", "ask", "choose", "confirm", "end"):
            yield entry
