"""From what the engine says to what the phone shows: words in the person's language, one screen or pages of it."""

from __future__ import annotations

from adapters.channel import Reply
from flows.events import Choice, End, Result, Say, Words
from flows.screens.paging import Nav
from flows.screens.profile import Profile
from flows.screens.showing import show
from flows.talk import Talk


class NothingSaid(Exception):
    """A turn of the client's ended without a word to them; the engine never does this on an inline channel."""


def tell(talk: Talk, result: Result, profile: Profile) -> Reply:
    """The reply, and in the session the pages that are still to be shown, exactly as they will be."""
    if isinstance(result, Say) and result.page is not None:
        return _page(talk, result.page)
    if not isinstance(result, Say | End):
        raise NothingSaid(type(result).__name__)
    choices = result.choices if isinstance(result, Say) else ()
    back = isinstance(result, Say) and result.back
    text = text_of(talk, result)
    lines = [(choice.key, _label(talk, choice)) for choice in choices]
    pages = show(text, lines, _nav(talk, back), profile)
    talk.session.pages, talk.session.page = (pages if len(pages) > 1 else []), 0
    return _page(talk, 0) if len(pages) > 1 else Reply(pages[0], isinstance(result, Say))


def text_of(talk: Talk, result: Say | End) -> str:
    """The messages of a turn as one text, without what can be chosen."""
    return "\n".join(_words(talk, part) for part in result.parts)


def _page(talk: Talk, page: int) -> Reply:
    """A page; the last one of an ending closes the call."""
    session = talk.session
    session.page = page
    return Reply(session.pages[page], not session.outcome or page + 1 < len(session.pages))


def _words(talk: Talk, words: Words) -> str:
    return talk.release.words.render(talk.person.language, words.flow, words.key, words.values, talk.today)


def _label(talk: Talk, choice: Choice) -> str:
    label = _words(talk, choice.label)
    if choice.value is None:
        return label
    return f"{label} {talk.release.words.show(talk.person.language, choice.value, talk.today)}"


def _nav(talk: Talk, back: bool) -> Nav:
    keys, words, language = talk.release.institution.keys, talk.release.words, talk.person.language
    return Nav(
        back=f"{keys.back} {words.render(language, '', 'back', {})}",
        more=f"{keys.more} {words.render(language, '', 'more', {})}",
        first=back,
    )
