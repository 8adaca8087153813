"""Letters that a phone can show: what to write instead of the ones it cannot.

A text stays in GSM-7 whenever its own script is Latin: quotes, dashes, spaces and currency signs have their plain
forms, accents that GSM-7 lacks are dropped, the rest is spelled out. A text in another script (Amharic, Arabic, Hindi,
Bengali, Khmer …) is left in it and becomes UCS-2: nobody reads their own language in foreign letters.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from anyascii import anyascii

from flows.screens import gsm7
from flows.screens.signs import CURRENCIES, EXTENDED, JOINERS, NEWLINES, PLAIN, VARIANTS

_LIMIT: Final = 4096  # characters remembered per policy


@dataclass(frozen=True, slots=True)
class Letters:
    """What a channel can show.

    ``extended``: the escape table of GSM-7 (``{ } [ ] ~ | ^ \\`` and the euro), which USSD menus do not render.
    ``ucs2``: other scripts. ``everything``: any character, as on WhatsApp; only what is never text is removed.
    """

    extended: bool = False
    ucs2: bool = True
    everything: bool = False


USSD: Final = Letters()
SMS: Final = Letters(extended=True)
LATIN: Final = Letters(ucs2=False)
CHAT: Final = Letters(extended=True, everything=True)


def _beside(signs: str) -> re.Pattern[str]:
    return re.compile(f"(?<=[{signs}])(?=\\d)|(?<=\\d)(?=[{signs}])")


_spelled = "".join(CURRENCIES)
_sum: Final = (_beside(_spelled + "€"), _beside(_spelled))  # where a sign that becomes a word touches its number


def phone_safe(text: str, letters: Letters = USSD) -> str:
    """``text`` in characters that every phone of this channel shows; unchanged if they all are. Idempotent."""
    if gsm7.is_plain(text):
        return text
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
    if letters.everything:
        return text.translate(_chat)
    text = _sum[letters.extended].sub(" ", text)
    if letters.ucs2 and any(map(_is_native, text)):
        return unicodedata.normalize("NFC", text.translate(_native[letters.extended]))
    return text.translate(_latin[letters.extended])


def in_latin(name: str) -> str:
    """A person's or group's name in GSM-7 letters, so that it does not turn the whole screen around it to UCS-2."""
    if gsm7.is_plain(name):
        return name
    spelled = phone_safe(name, LATIN)
    if not any(map(_is_native, name)) or any(map(str.isupper, spelled)):
        return spelled
    capital = " ".join(word.strip("'").capitalize() for word in spelled.split())  # from a script without capitals
    return phone_safe(capital, LATIN)


def foreign(text: str) -> str:
    """The first letter of ``text`` that puts it into another alphabet, UCS-2; "" for none."""
    return "" if text.isascii() else next(filter(_is_native, unicodedata.normalize("NFC", text)), "")


def picture(text: str) -> str:
    """The first character that a phone shows as a word between colons, ``:thumbsup:``; "" for none."""
    shown = ((c, phone_safe(c)) for c in ("" if text.isascii() else text) if not c.isascii())
    return next((c for c, word in shown if len(word) > 2 and word[0] == word[-1] == ":"), "")


@lru_cache(_LIMIT)
def _is_native(character: str) -> bool:
    """A letter or vowel sign of a script other than Latin. Greek capitals of GSM-7 alone do not make a text Greek."""
    if character.isascii() or character in gsm7.BASIC or character in PLAIN:
        return False
    if unicodedata.category(character) not in ("Lu", "Ll", "Lo", "Mc"):
        return False
    plain = unicodedata.normalize("NFKC", character)
    return not all(unicodedata.name(each, "").startswith("LATIN") or not each.isalpha() for each in plain)


class _Table(dict[int, str]):
    """A ``str.translate`` table that finds each character's replacement once. Bounded: anybody may type anything."""

    def __init__(self, extended: bool) -> None:
        self._shown = gsm7.BASIC | gsm7.EXTENDED if extended else gsm7.BASIC
        self._instead = {**PLAIN, **CURRENCIES} if extended else {**PLAIN, **CURRENCIES, **EXTENDED}

    def __missing__(self, code: int) -> str:
        found = self._replace(chr(code))
        if len(self) < _LIMIT:
            self[code] = found
        return found

    def _replace(self, character: str) -> str:
        raise NotImplementedError

    def _known(self, character: str) -> str | None:
        """The replacement that needs no transliteration, if there is one."""
        if character in NEWLINES:
            return "\n"
        if character in self._instead:
            return self._instead[character]
        category = unicodedata.category(character)
        if category == "Nd":
            return str(unicodedata.digit(character))  # keypads are Latin, so digits are 0-9 in every language
        if category == "Zs":
            return " "
        return "" if category in ("Cc", "Cf", "Cs", "Co", "Cn") else None


class _Latin(_Table):
    """For a text that must fit GSM-7."""

    def _replace(self, character: str) -> str:
        if character in self._shown and character not in "\r\f":
            return character
        known = self._known(character)
        if known is not None:
            return known
        bare = "".join(c for c in unicodedata.normalize("NFKD", character) if not unicodedata.combining(c))
        if bare and all(c in gsm7.BASIC for c in bare):
            return bare
        return "".join(c if c in self._shown else self._instead.get(c, "") for c in anyascii(character))


class _Native(_Table):
    """For a text that is UCS-2 in any case: its own letters, marks and punctuation stay."""

    def _replace(self, character: str) -> str:
        if character in JOINERS:
            return character
        known = self._known(character)
        if known is not None:
            return known
        emoji = ord(character) > 0xFFFF and unicodedata.category(character)[0] == "S"
        return anyascii(character) if emoji or character in VARIANTS else character


class _Chat(_Table):
    """For a channel that shows everything: only what is never text goes."""

    def _replace(self, character: str) -> str:
        if character in NEWLINES:
            return "\n"
        category = unicodedata.category(character)
        return "" if category in ("Cc", "Cs") else character


_latin: Final = (_Latin(False), _Latin(True))
_native: Final = (_Native(False), _Native(True))
_chat: Final = _Chat(True)
