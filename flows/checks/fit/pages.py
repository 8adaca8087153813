"""How many screens a step takes, and what is torn apart or taken by a key where there are several."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flows import asking
from flows.checks.fit.lines import of_all, of_line
from flows.checks.fit.room import has_room
from flows.checks.shown import Screen, Shows
from flows.checks.shown.screens import is_shown_on
from flows.checks.subject import Faults
from flows.faults import Fault
from flows.model import Ask, Choose, Confirm
from flows.screens import gsm7
from flows.screens.profile import Profile
from flows.screens.typography import foreign, phone_safe
from flows.words.printing import style_of

MOST = 4  # screens that even the largest values may take, lists apart


@dataclass(frozen=True, slots=True)
class Cut:
    """A screen as this channel shows it."""

    shows: Shows
    screen: Screen
    profile: Profile
    pages: list[str]

    @property
    def faults(self) -> Faults:
        return self.shows.subject.faults(self.screen.flow, self.screen.language, self.profile.kind)

    @property
    def values(self) -> str:
        return "With the largest values" if self.screen.largest else "With usual values"

    def over(self) -> tuple[int, int]:
        """How long it is in all, as this channel counts, and how much of that one screen holds."""
        shown, nav = self.screen.shown, self.shows.nav(self.screen.language, self.screen.shown.back)
        lines = [shown.text, *(f"{key} {label}" for key, label in shown.lines), *([nav.back] if nav.first else [])]
        whole = phone_safe("\n".join(lines), self.profile.letters)
        if self.profile.characters:
            return len(self.profile.prefix + whole), self.profile.characters
        alphabet, length = gsm7.measure(self.profile.prefix + whole)
        return length, self.profile.gsm7 if alphabet == "gsm7" else self.profile.ucs2


def findings(shows: Shows, profile: Profile) -> Iterator[Fault]:
    """Of one channel, one at most for each step: of usual values, else of the largest."""
    roomy = {language for language in shows.languages if has_room(shows, language, profile)}
    said = set[tuple[str, str, str]]()
    for screen in sorted(shows.screens, key=lambda screen: screen.largest):
        place = (screen.flow.name, screen.step.name, screen.language)
        if place in said or screen.language not in roomy or not is_shown_on(screen, profile):
            continue
        pages = shows.pages(screen, profile)
        if len(pages) > 1 and not _is_put_into_another_alphabet(shows, screen):
            fault = _fault(Cut(shows, screen, profile, pages))
            if fault is not None:
                said.add(place)
                yield fault


def _is_put_into_another_alphabet(shows: Shows, screen: Screen) -> bool:
    """By one letter of its words, which is a finding of its own."""
    latin = style_of(screen.language, shows.subject.institution.country).latin
    return latin and bool(foreign("".join([screen.shown.text, *(label for _, label in screen.shown.lines)])))


def _fault(cut: Cut) -> Fault | None:
    """What is worst about a screen that is cut into several; None: it can be borne."""
    step, largest = cut.screen.step, cut.screen.largest
    if (parted := _parted(cut)) is not None:
        return parted
    if isinstance(step, Confirm):
        return _torn_payment(cut)
    if isinstance(step, Ask) and not largest and (taken := _taken_key(cut, step)) is not None:
        return taken
    borne = isinstance(step, Choose) or len(cut.pages) <= MOST if largest else False
    return None if borne else _several(cut)


def _several(cut: Cut) -> Fault:
    length, room = cut.over()
    message = (
        f"{cut.values} this takes {len(cut.pages)} screens, with what is said before it: {length} characters, and "
        f"{room} fit on one. Many people do not turn pages."
    )
    shorter = f"Take at least {length - room} characters away" if not cut.screen.largest else "Leave something out"
    fault = cut.faults.warning(cut.screen.step.name, "fit.screens", message, f"{shorter}, or say it in two steps.")
    return of_all(fault, cut.shows, cut.screen)


def _torn_payment(cut: Cut) -> Fault:
    length, room = cut.over()
    message = (
        f"{cut.values} this payment is shown on {len(cut.pages)} screens ({length} characters, and {room} fit on one): "
        "somebody may say yes who has not seen all of it."
    )
    fix = f"Take at least {length - room} characters away."
    made = cut.faults.warning if cut.screen.largest else cut.faults.error
    return of_all(made(cut.screen.step.name, "fit.payment", message, fix), cut.shows, cut.screen)


def _taken_key(cut: Cut, step: Ask) -> Fault | None:
    """A key that turns pages may be an answer too."""
    stage = cut.shows.stages(cut.screen.language, cut.screen.largest)[cut.screen.flow.name]
    keys = cut.shows.subject.institution.keys
    for key in (keys.more, keys.back):
        if asking.lawful(stage.talk(step), step, key):
            message = (
                f"This takes {len(cut.pages)} screens, and on some of them {key} turns the page: it is an answer too."
            )
            fix = "Shorten it to one screen, or do not take this answer (min, max)."
            return of_all(cut.faults.warning(step.name, "fit.key", message, fix), cut.shows, cut.screen)
    return None


def _parted(cut: Cut) -> Fault | None:
    """A line to choose that is longer than a screen is shown on two of them."""
    nav, profile = cut.shows.nav(cut.screen.language, True), cut.profile
    foot = [phone_safe(line, profile.letters) for line in (nav.more, nav.back)]
    for key, label in cut.screen.shown.lines:
        line = f"{key} {phone_safe(label, profile.letters)}"
        if not profile.fits("\n".join([line, *foot])):
            message = f"{cut.values} the line {key} is longer than a screen: it is shown in two parts."
            made = cut.faults.warning if cut.screen.largest else cut.faults.error
            fault = made(cut.screen.step.name, "fit.option", message, "Say it in fewer words.")
            return of_line(fault, cut.shows, cut.screen, key)
    return None
