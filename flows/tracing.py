"""The ways that conversations have gone: what a test by example wants to know of the engine, and no client needs."""

from __future__ import annotations

from flows import asking
from flows.events import Outcome
from flows.model import Ask, Choose, Confirm, Do, Menu
from flows.session import Frame
from flows.talk import Talk
from flows.values import Absent, Kind

REACHED = ""
WRONG = "wrong"
Way = tuple[str, str, str]  # flow, step, and how it was left: a word of ``flows.checks.graph.Edge``, REACHED or WRONG


class Trace:
    """Collects ways while conversations are played; ``ways`` holds each once."""

    def __init__(self) -> None:
        self.ways: set[Way] = set()

    def shown(self, talk: Talk, frame: Frame, step: str) -> None:
        """``step`` of ``frame`` has just said or done what it does; a menu may have opened what was dialled."""
        self.ways.add((frame.flow, step, REACHED))
        if talk.frame is not frame and isinstance(talk.release.flows[frame.flow].steps[step], Menu):
            self.ways.add((frame.flow, step, f"flow {talk.frame.flow}"))

    def offered(self, talk: Talk, typed: str) -> str:
        """Which of the amounts on offer ``typed`` means, before it is taken; "" for none."""
        step = talk.flow.steps.get(talk.frame.step)
        if not isinstance(step, Ask) or not step.offer or talk.frame.typing:
            return ""
        choices = {choice.key: choice for choice in asking.choices(talk, step)}
        key = asking.pick(talk, typed, choices, lambda choice: choice.label)
        return choices[key].label.key.removeprefix(f"{step.name}.") if key else ""

    def answered(self, talk: Talk, frame: Frame, step: str, offer: str) -> None:
        """The answer to ``step`` was taken, or it was none. ``offer``: what ``offered`` said."""
        self.ways.add((frame.flow, step, WRONG if talk.matched == "?" else _how(talk, frame, step)))
        if offer and talk.matched != "?":
            self.ways.add((frame.flow, step, f"offer {offer}"))

    def resumed(self, talk: Talk, frame: Frame, step: str, outcome: Outcome) -> None:
        """The action or the list that ``step`` asked for has come out so."""
        found = talk.release.flows[frame.flow].steps.get(step)
        if isinstance(found, Do):
            self.ways.add((frame.flow, step, f"exit {outcome.exit}"))
        elif isinstance(found, Choose) and outcome.exit != "found":
            self.ways.add((frame.flow, step, "unavailable"))
        elif isinstance(found, Choose) and not outcome.values["items"]:
            self.ways.add((frame.flow, step, "none"))


def _how(talk: Talk, frame: Frame, name: str) -> str:
    step = talk.release.flows[frame.flow].steps.get(name)
    match step:
        case Menu():
            return f"{'flow' if step.lists else 'option'} {talk.matched}"
        case Confirm():
            return talk.matched
        case Ask():
            return _answer(step, frame)
    return "next"


def _answer(step: Ask, frame: Frame) -> str:
    value = frame.known.get(step.name)
    if value is Absent.REFUSED:
        return "refused"
    if step.answer.kind is Kind.YES_NO:
        return "way yes" if value else "way no"
    return f"way {value}" if step.answer.kind is Kind.CHOICE else "next"
