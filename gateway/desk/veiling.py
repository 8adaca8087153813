"""Texts with what tells who a client is taken out: their names, telephone numbers, client number and accounts.

A mask over free text can miss what nobody knows to be a name; it is there so that a glance at a screen tells nobody
who is spoken of, and not instead of the rules on who may look.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from markupsafe import Markup

from gateway.desk.masking import DOTS
from gateway.record.clients import Client

# together, or in groups after a + or a 0: several amounts in a line are no telephone number
_NUMBER = re.compile(r"\+?(?<![\d,.])\d{9,15}(?!\d)|(?:\+|\b0)\d[\d -]{6,18}\d")
SHORTEST = 3  # letters of a name that is looked for


def veiled(text: str, private: Iterable[str], shown: bool = False) -> str:
    """The text with every word of ``private`` and every telephone number made dots."""
    if shown:
        return text
    words = sorted({re.escape(word) for word in private if len(word) >= SHORTEST}, key=len, reverse=True)
    if words:
        text = re.sub(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)", DOTS, text, flags=re.IGNORECASE)
    return _NUMBER.sub(_number, text)


def _number(found: re.Match[str]) -> str:
    """A telephone number keeps its end."""
    digits = re.sub(r"\D", "", found[0])
    return DOTS + digits[-3:] if len(digits) >= 9 else found[0]


def both(masked: str, full: str) -> str:
    """What is shown, with its mask beside it: the page puts that on again when the minute is over."""
    return full if masked == full else Markup('<span data-masked="{}">{}</span>').format(masked, full)


def read(text: str, private: Iterable[str], shown: bool) -> str:
    """For a page: the text veiled, or shown with its veil beside it."""
    masked = veiled(text, private)
    return both(masked, text) if shown else masked


def private_words(who: Client | None, *more: str) -> set[str]:
    """What a text about them may name them by."""
    own = [who.name, who.short_name, who.nickname, who.number, *who.name.split()] if who else []
    return {word for word in (*own, *more) if word}
