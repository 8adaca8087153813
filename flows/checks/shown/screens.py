"""Every screen and every text of a release, in each language, with values of two sizes; and as a channel cuts it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from flows.checks.graph import is_carried
from flows.checks.shown.before import NOTHING, Gathered, Said
from flows.checks.shown.helping import help_for
from flows.checks.shown.stage import Shown, Stage, release_of
from flows.checks.shown.values import Sizes
from flows.checks.subject import Subject
from flows.model import AnyStep, Ask, Choose, Confirm, Do, End, Flow, Menu, Text
from flows.screens.paging import Nav
from flows.screens.profile import Profile
from flows.screens.showing import show
from flows.values import Kind

ASKING = (Menu, Ask, Choose, Confirm)


@dataclass(frozen=True, slots=True)
class Screen:
    """What is shown at a step: with everything that was said before it, or with the help after a wrong answer, if that
    is more. ``largest``: with the largest values; else with usual ones."""

    flow: Flow
    step: AnyStep
    language: str
    largest: bool
    shown: Shown

    @property
    def ends(self) -> bool:
        return isinstance(self.step, End)


@dataclass(frozen=True, slots=True)
class Pushed:
    """A text that is sent by itself: an invitation, or what is told later."""

    flow: Flow
    step: str | None
    text: Text
    language: str
    largest: bool
    said: str


class Shows:
    """All of one release."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.release = release_of(subject)
        self._stages: dict[tuple[str, bool], dict[str, Stage]] = {}
        self._gathered: dict[tuple[str, bool], Gathered] = {}

    @cached_property
    def screens(self) -> tuple[Screen, ...]:
        return tuple(
            screen for language in self.languages for size in (True, False) for screen in self._in(language, size)
        )

    @cached_property
    def pushed(self) -> tuple[Pushed, ...]:
        return tuple(
            Pushed(stage.flow, step, text, language, size, stage.text(text.key))
            for language in self.languages
            for size in (True, False)
            for stage in self.stages(language, size).values()
            for step, text in _sent(stage.flow)
        )

    @property
    def languages(self) -> tuple[str, ...]:
        return self.subject.institution.languages

    def stages(self, language: str, largest: bool) -> Mapping[str, Stage]:
        place = (language, largest)
        if place not in self._stages:
            sizes = Sizes(self.subject, language, largest)
            self._stages[place] = {name: Stage(self.release, flow, sizes) for name, flow in self.subject.flows.items()}
        return self._stages[place]

    def gathered(self, language: str, largest: bool) -> Gathered:
        """What was said before each step."""
        place = (language, largest)
        if place not in self._gathered:
            self._gathered[place] = Gathered(self.stages(language, largest), self.subject.graphs)
        return self._gathered[place]

    def nav(self, language: str, back: bool) -> Nav:
        """The lines of the reserved keys, as ``gateway.telling`` has them."""
        keys, words = self.subject.institution.keys, self.subject.words
        said = (words.render(language, "", key, {}) if words.has("", key) else "" for key in ("back", "more"))
        back_word, more_word = said
        return Nav(f"{keys.back} {back_word}", f"{keys.more} {more_word}", back)

    def pages(self, screen: Screen, profile: Profile) -> list[str]:
        """The screens as they go to a phone of this channel. Raises NoRoom."""
        shown = screen.shown
        return show(shown.text, shown.lines, self.nav(screen.language, shown.back), profile)

    def _in(self, language: str, largest: bool) -> Iterator[Screen]:
        gathered = self.gathered(language, largest)
        for name, stage in self.stages(language, largest).items():
            for step in stage.flow.steps.values():
                shown = _shown(stage, step, gathered.before[name].get(step.name, NOTHING))
                if shown is not None:
                    yield Screen(stage.flow, step, language, largest, shown)


@lru_cache(maxsize=1)
def shows(subject: Subject) -> Shows:
    """Of this release, made once for all families that look at it."""
    return Shows(subject)


def _shown(stage: Stage, step: AnyStep, said: Said) -> Shown | None:
    if isinstance(step, End):
        return Shown("\n".join([*said.texts(), stage.text(step.text.key)])) if step.text else None
    shown = stage.shown(step) if isinstance(step, ASKING) else None
    if shown is None:
        return None
    if stage.sizes.largest:
        helped = NOTHING.then(help_for(stage, step))
        said = helped if helped.length > said.length else said
    return Shown("\n".join([*said.texts(), shown.text]), shown.lines, shown.back)


def _sent(flow: Flow) -> Iterator[tuple[str | None, Text]]:
    if flow.starts.invite is not None:
        yield None, flow.starts.invite
    for step in flow.steps.values():
        if isinstance(step, Do):
            yield from ((step.name, text) for _, text in step.later)


def is_shown_on(screen: Screen, profile: Profile) -> bool:
    """Whether a client of this channel ever comes to this screen. Where no PIN may be asked, or no photo can be sent,
    some are never seen."""
    kind = screen.step.answer.kind if isinstance(screen.step, Ask) else None
    if isinstance(screen.step, Ask) and kind is Kind.MEDIA and not is_carried(screen.step, [profile.carries]):
        return False
    if profile.asks_secrets:
        return True
    private = screen.flow.who == "client with PIN" and screen.flow.without_pin is None
    return not (kind is Kind.SECRET or private)
