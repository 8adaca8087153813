"""From what the engine says to what the phone shows: words in the person's language, one screen or pages of it."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import NamedTuple

from adapters.channel import Reply
from flows.events import Choice, End, Result, Say, Words
from flows.release import Release
from flows.screens.paging import Nav
from flows.screens.profile import Profile
from flows.screens.showing import show
from flows.talk import Talk

KEPT = 4096  # screens that are the same for everybody: at most so many are remembered


class NothingSaid(Exception):
    """A turn of the client's ended without a word to them; the engine never does this on an inline channel."""


def tell(talk: Talk, result: Result, profile: Profile) -> Reply:
    """The reply, and in the session the pages that are still to be shown, exactly as they will be."""
    if isinstance(result, Say):
        if result.page is not None:
            return _page(talk, result.page)
    elif not isinstance(result, End):
        raise NothingSaid(type(result).__name__)
    pages, session = _pages(talk, result, profile), talk.session
    several = len(pages) > 1
    session.pages, session.page = list(pages) if several else [], 0
    return _page(talk, 0) if several else Reply(pages[0], isinstance(result, Say))


def text_of(talk: Talk, result: Say | End) -> str:
    """The messages of a turn as one text, without what can be chosen."""
    return _Voice(talk.release, talk.person.language, talk.today).text(result.parts)


def _page(talk: Talk, page: int) -> Reply:
    """A page; the last one of an ending closes the call."""
    session = talk.session
    session.page = page
    return Reply(session.pages[page], not session.outcome or page + 1 < len(session.pages))


class _Voice(NamedTuple):
    """Whose words these are, in which language, and on which day they are said."""

    release: Release
    language: str
    today: dt.date | None

    def text(self, parts: tuple[Words, ...]) -> str:
        return "\n".join([self._words(part) for part in parts])

    def label(self, choice: Choice) -> str:
        label = self._words(choice.label).rstrip()
        if choice.value is None:
            return label
        return f"{label} {self.release.words.show(self.language, choice.value, self.today)}"

    def _words(self, words: Words) -> str:
        return self.release.words.render(self.language, words.flow, words.key, words.values, self.today)


def _pages(talk: Talk, result: Say | End, profile: Profile) -> list[str]:
    """The screens of a result. Those that are the same for everybody, whatever day it is, are made once."""
    choices, back = (result.choices, result.back) if isinstance(result, Say) else ((), False)
    release, language = talk.release, talk.session.person.language
    if _is_same_for_all(result.parts, choices):
        return _kept(release, language, result.parts, choices, back, profile)
    return _made(_Voice(release, language, talk.today), result.parts, choices, back, profile)


def _is_same_for_all(parts: tuple[Words, ...], choices: tuple[Choice, ...]) -> bool:
    for part in parts:
        if part.values:
            return False
    for choice in choices:  # noqa: SIM110 - looked at in every turn, and a generator costs four times as much
        if choice.label.values or choice.value is not None:
            return False
    return True


def _made(
    voice: _Voice, parts: tuple[Words, ...], choices: tuple[Choice, ...], back: bool, profile: Profile
) -> list[str]:
    lines = [(choice.key, voice.label(choice)) for choice in choices]
    return show(voice.text(parts), lines, _nav(voice.release, voice.language, back), profile)


@lru_cache(KEPT)
def _kept(
    release: Release, language: str, parts: tuple[Words, ...], choices: tuple[Choice, ...], back: bool, profile: Profile
) -> list[str]:
    return _made(_Voice(release, language, None), parts, choices, back, profile)


@lru_cache
def _nav(release: Release, language: str, back: bool) -> Nav:
    keys, words = release.institution.keys, release.words
    return Nav(
        back=f"{keys.back} {words.render(language, '', 'back', {})}",
        more=f"{keys.more} {words.render(language, '', 'more', {})}",
        first=back,
    )
