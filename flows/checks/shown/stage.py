"""A conversation put before any step, with values of one size: the engine itself then says what is shown there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from flows import doing, showing
from flows.checks.shown.known import Names, address, caller, items, known_in
from flows.checks.shown.values import CODE, TODAY, Sizes
from flows.checks.subject import Subject
from flows.events import Choice, Say, Words
from flows.model import AnyStep, Ask, Choose, Flow
from flows.release import Release
from flows.session import Frame, Person, Session
from flows.talk import Talk
from flows.words.book import MissingWords
from flows.words.printing import Unprintable

USUAL_ITEMS = 3  # of a list that the record holds


@dataclass(frozen=True, slots=True)
class Shown:
    """What a step puts on the screen, before it is cut into pages: its text, its lines (key, words), the back key."""

    text: str
    lines: tuple[tuple[str, str], ...] = ()
    back: bool = False


def release_of(subject: Subject) -> Release:
    """What the engine runs, without a name: nothing of it is ever published."""
    return Release("", dict(subject.flows), subject.words, subject.institution, subject.products)


@dataclass(frozen=True)
class Stage:
    """One flow, in one language, with values of one size."""

    release: Release
    flow: Flow
    sizes: Sizes

    @cached_property
    def known(self) -> Names:
        return known_in(self.flow, self.sizes)

    @cached_property
    def names(self) -> dict[str, Any]:
        """Everything that a text of this flow may name."""
        return {**self.talk(next(iter(self.flow.steps.values()))).names(), "how_to_stop": self.system("how_to_stop")}

    def talk(self, step: AnyStep) -> Talk:
        """Before ``step``, with a screen behind it, and its list as long as a session has room for."""
        client = caller(self.sizes)
        code = CODE if self.sizes.largest else "*384*7#"
        person = Person(str(address(self.sizes)), "channel", self.sizes.language, "1", TODAY, [client], client["id"])
        frame = Frame(self.flow.name, step.name, known=self.known)
        if isinstance(step, Choose):
            frame.lists[step.name] = self._list(step)
        first = Frame(self.release.institution.main_flow, trail=[step.name])
        frames = [frame] if self.flow.name == first.flow else [first, frame]
        session = Session("r" * 32, "c" * 32, person, code, frames=frames, proofs=["pin", "code"])
        return Talk(self.release, session, TODAY, True, code)

    def _list(self, step: Choose) -> list[dict[str, Any]]:
        found = items(step, self.sizes)
        if len(found) == 1 and step.source.source != "institution.languages":
            found *= doing.MAX_ITEMS if self.sizes.largest else USUAL_ITEMS
        return doing.fitting([doing.kept(step, item) for item in found])

    def shown(self, step: AnyStep) -> Shown | None:
        """What this step asks; None: it waits for nobody here (a payment that cannot be bound, say)."""
        talk = self.talk(step)
        if isinstance(step, Ask):  # with its bounds, an offer that is too large would not be made at all
            bare = replace(step, answer=replace(step.answer, min=None, max=None)) if step.offer else step
            back = showing.show(talk, step)
            talk.parts.clear()
            said = showing.show(talk, bare)
            if isinstance(said, Say) and isinstance(back, Say):
                return self._shown(said, back.back)
            return None
        said = showing.show(talk, step)
        return self._shown(said, said.back) if isinstance(said, Say) else None

    def _shown(self, said: Say, back: bool) -> Shown:
        text = "\n".join(self._words(part) for part in said.parts)
        return Shown(text, tuple((choice.key, self._line(choice)) for choice in said.choices), back)

    def _line(self, choice: Choice) -> str:
        """As ``gateway.telling`` prints it."""
        label = self._words(choice.label).rstrip()
        return label if choice.value is None else f"{label} {self.sizes.shown(choice.value)}"

    def _words(self, words: Words) -> str:
        return self._render(words.flow, words.key, words.values or self.names)

    def text(self, key: str) -> str:
        """A text of this flow."""
        return self._render(self.flow.name, key, self.names)

    def system(self, key: str, values: dict[str, Any] | None = None) -> str:
        """One of the engine's own sentences."""
        names = self.release.names | {"code": CODE}
        return self._render("", key, names | (values or {}))

    def _render(self, flow: str, key: str, names: dict[str, Any]) -> str:
        day = None if self.sizes.largest else TODAY
        try:
            return self.release.words.render(self.sizes.language, flow, key, names, day)
        except (Unprintable, MissingWords):
            return ""  # a usual value that is not there, or words that nobody wrote: this would not be said
