"""What one step takes of a client: screens, keys, letters, seconds; and of the institution: parts of SMS."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from flows.checks.cost.answering import Case, needed
from flows.checks.cost.pace import QUICK, SLOW, USUAL, Pace
from flows.checks.graph import NOT_CARRIED
from flows.checks.shown import Screen, Shows
from flows.model import AnyStep, Choose, Do, End, Flow
from flows.screens import gsm7
from flows.screens.profile import Profile
from flows.screens.typography import phone_safe

PACES: Mapping[Case, Pace] = {"best": QUICK, "typical": USUAL, "worst": SLOW}
PIN = 4, 5, 6  # figures


@dataclass(frozen=True, slots=True)
class Effort:
    """``longest``: the seconds of the screen that takes longest, until its answer is sent; what hangs up waits for it.

    ``parts``: of SMS that we pay for, as replies or later.
    """

    screens: float = 0
    keys: float = 0
    letters: float = 0
    seconds: float = 0
    parts: float = 0
    longest: float = 0

    def __add__(self, other: Effort) -> Effort:
        return Effort(
            self.screens + other.screens,
            self.keys + other.keys,
            self.letters + other.letters,
            self.seconds + other.seconds,
            self.parts + other.parts,
            max(self.longest, other.longest),
        )

    def times(self, share: float) -> Effort:
        return Effort(
            self.screens * share,
            self.keys * share,
            self.letters * share,
            self.seconds * share,
            self.parts * share,
            self.longest,
        )


NOTHING = Effort()


@dataclass(frozen=True)
class Efforts:
    """On one channel, in one language, of one kind of person."""

    shows: Shows
    profile: Profile
    language: str
    case: Case

    @property
    def pace(self) -> Pace:
        return PACES[self.case]

    @cached_property
    def _screens(self) -> dict[tuple[str, str], Screen]:
        largest = self.case == "worst"
        return {
            (screen.flow.name, screen.step.name): screen
            for screen in self.shows.screens
            if screen.language == self.language and screen.largest == largest
        }

    @cached_property
    def _made(self) -> dict[tuple[str, str], Effort]:
        return {place: self._screen(screen) for place, screen in self._screens.items()}

    def of(self, flow: Flow, step: AnyStep, how: str) -> Effort:
        """Of leaving ``step`` this way (``flows.checks.graph.Edge``)."""
        if how in ("skipped", NOT_CARRIED) or (isinstance(step, Choose) and (how != "next" or self.case == "best")):
            return NOTHING  # a list of one is taken without asking
        if isinstance(step, Do):
            tells = bool(step.later) and how == f"exit {step.exits[0][0]}"
            return Effort(parts=self._later(flow, step)) if tells else NOTHING
        return self._made.get((flow.name, step.name), NOTHING)

    def pin(self) -> Effort:
        """The hop before the first private screen."""
        stage = self.shows.stages(self.language, self.case == "worst")[next(iter(self.shows.subject.flows))]
        keys = PIN[("best", "typical", "worst").index(self.case)] + 1
        return self._answered([stage.system("pin_ask")], keys, 0)

    def _screen(self, screen: Screen) -> Effort:
        pages = self.shows.pages(screen, self.profile)
        if isinstance(screen.step, End):  # nobody is waited for while it is read
            turned = self._answered(pages[:-1], 0, 0) if len(pages) > 1 else NOTHING
            return turned + Effort(screens=1, seconds=self._network, parts=self._parts(pages[-1:]))
        stage = self.shows.stages(screen.language, screen.largest)[screen.flow.name]
        keys, letters = needed(screen, self.case, stage.known.get(screen.step.name))
        return self._answered(pages if self.case == "worst" else pages[:1], keys, letters)

    def _answered(self, pages: list[str], keys: int, letters: int) -> Effort:
        """All ``pages`` read, one after the other, and an answer on the last."""
        turn = len(self.shows.subject.institution.keys.more) + 1
        pressed = [turn] * (len(pages) - 1) + [keys]
        written = [0] * (len(pages) - 1) + [letters]
        each = [
            self.pace.reading(len(page)) + self.pace.answering(press, write)
            for page, press, write in zip(pages, pressed, written, strict=True)
        ]
        seconds = sum(each) + self._network * len(pages)
        return Effort(len(pages), sum(pressed), letters, seconds, self._parts(pages), max(each, default=0))

    @property
    def _network(self) -> float:
        return self.profile.target_seconds + self.pace.network

    def _parts(self, pages: list[str]) -> int:
        return (
            sum(len(gsm7.segments(self.profile.prefix + page)) for page in pages) if self.profile.kind == "sms" else 0
        )

    def _later(self, flow: Flow, step: Do) -> int:
        """The longest of the texts that tell what came of it."""
        stage = self.shows.stages(self.language, self.case == "worst")[flow.name]
        texts = [phone_safe(stage.text(text.key)) for _, text in step.later]
        return max(len(gsm7.segments(text)) for text in texts)
