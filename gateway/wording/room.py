"""How long a text may be, so that what it stands on stays one screen, one line or one SMS, with usual values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from flows.checks.fit import distinct
from flows.checks.fit.pages import Cut
from flows.checks.shown import Pushed, Screen, Shows
from flows.checks.shown.screens import is_shown_on
from flows.model import Ask, Confirm, Menu, Say, Text
from flows.screens import gsm7
from flows.screens.profile import Profile
from flows.screens.typography import phone_safe
from flows.words.printing import style_of
from flows.words.quoted import texts_in
from gateway.wording.entries import SYSTEM, Entry

FEWEST: Final = 8  # characters: where there is less room, more screens are no fault of the words
Room = Mapping[tuple[str, str], int]  # by flow and key: characters of the text as it is written, braces included
_Found = Iterator[tuple[str, str, int]]


def room(shows: Shows | None, language: str, entries: tuple[Entry, ...]) -> Room:
    """Where nothing is said of a text, it stands on screens that are several anyway."""
    written = {entry.place: entry.present or entry.source for entry in entries}
    found: dict[tuple[str, str], int] = {}
    for flow, key, spare in _spares(shows, language) if shows else ():
        if (flow, key) in written:
            most = len(written[flow, key]) + spare
            found[flow, key] = min(most, found.get((flow, key), most))
    return {place: most for place, most in found.items() if most >= FEWEST} | _of_system(shows, entries)


def _of_system(shows: Shows | None, entries: tuple[Entry, ...]) -> dict[tuple[str, str], int]:
    """Any of the engine's sentences may be all of a screen."""
    profiles = shows.subject.profiles.values() if shows else ()
    least = min((profile.gsm7 for profile in profiles if not profile.characters), default=0)
    return {entry.place: least for entry in entries if entry.flow == SYSTEM and " " in entry.source and least}


def _spares(shows: Shows, language: str) -> _Found:
    profiles = list(distinct(shows.subject.profiles.values()))
    for screen in shows.screens:
        if screen.largest == isinstance(screen.step, Confirm):  # a payment must fit with the largest values
            for profile in profiles:
                if is_shown_on(screen, profile):
                    yield from _on_screen(shows, screen, profile, language)
    for text in shows.pushed:
        for profile in profiles:
            if not text.largest and profile.pushes and not profile.characters:
                yield text.flow.name, text.text.key, _of_sms(text, profile, language)
    yield from _in_menus(shows, profiles)
    yield from _said_at_times(shows, profiles)


def _on_screen(shows: Shows, screen: Screen, profile: Profile, language: str) -> _Found:
    if isinstance(screen.step, Menu) and screen.step.lists:
        return  # as long as what the institution offers
    length, most = Cut(shows, screen, profile, []).over()
    most = most if profile.characters else _alphabet(profile, language, most)
    for text in texts_in(screen.step):
        if _stands_on(shows, screen, text):
            yield screen.flow.name, text.key, most - length
    for key in _said_before(shows, screen):
        yield screen.flow.name, key, most - length
    yield from _buttons(shows, screen, profile)


def _alphabet(profile: Profile, language: str, most: int) -> int:
    """Words that are not there yet will not be in Latin letters everywhere."""
    return most if style_of(language).latin else (profile.ucs2 or most)


def _stands_on(shows: Shows, screen: Screen, text: Text) -> bool:
    said = shows.stages(screen.language, screen.largest)[screen.flow.name].text(text.key)
    lines = (label for _, label in screen.shown.lines)
    return bool(said) and (said in screen.shown.text or any(label.startswith(said) for label in lines))


def _said_before(shows: Shows, screen: Screen) -> Iterator[str]:
    for step in screen.flow.steps.values():
        if isinstance(step, Say) and step is not screen.step and _stands_on(shows, screen, step.text):
            yield step.text.key


def _buttons(shows: Shows, screen: Screen, profile: Profile) -> _Found:
    """Options as buttons or as rows of a list."""
    step = screen.step
    if not profile.buttons or not (isinstance(step, Menu) or (isinstance(step, Ask) and not step.offer)):
        return
    most = profile.button_letters if len(screen.shown.lines) <= profile.buttons else profile.row_letters
    stage = shows.stages(screen.language, screen.largest)[screen.flow.name]
    for text in texts_in(step):
        if text.key != step.name:
            yield screen.flow.name, text.key, most - len(stage.text(text.key))


def _in_menus(shows: Shows, profiles: list[Profile]) -> _Found:
    """What a flow is called in a menu."""
    rows = [profile.row_letters for profile in profiles if profile.row_letters]
    for name, flow in shows.subject.flows.items():
        if flow.starts.label is not None and rows:
            stage = shows.stages(shows.languages[0], False)[name]
            yield name, flow.starts.label.key, min(rows) - len(stage.text(flow.starts.label.key))


def _said_at_times(shows: Shows, profiles: list[Profile]) -> _Found:
    """What is said under a condition, or before a screen of another flow: one screen would hold it alone."""
    most = min((profile.gsm7 for profile in profiles if not profile.characters), default=0)
    for name, stage in shows.stages(shows.languages[0], False).items():
        for step in stage.flow.steps.values():
            said = stage.text(step.text.key) if isinstance(step, Say) else ""
            if said and most:
                yield name, step.name, most - gsm7.measure(said)[1]


def _of_sms(text: Pushed, profile: Profile, language: str) -> int:
    alphabet, length = gsm7.measure(profile.prefix + phone_safe(text.said, profile.letters))
    one = 160 if alphabet == "gsm7" and style_of(language).latin else 70
    return one - length
