"""The two alphabets of a phone and what a text costs in them (3GPP TS 23.038, §6.2.1).

GSM-7 has 128 basic characters of one *septet* each; ten more are an escape and a character, two septets. A text with
any other character goes out in UCS-2 and is counted in UTF-16 units of two bytes: an emoji costs two of them.
"""

from __future__ import annotations

import re
from typing import Final, Literal

Alphabet = Literal["gsm7", "ucs2"]

BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED: Final = frozenset("\f^{}\\[~]|€")  # the escape table: two septets each

is_plain: Final = re.compile(r"[\n -Z_a-z]*").fullmatch  # ASCII in GSM-7 without an escape: nearly every screen

_outside = re.compile(f"[^{re.escape(''.join(sorted(BASIC | EXTENDED)))}]").search
_escaped = re.compile(f"[{re.escape(''.join(sorted(EXTENDED)))}]").findall

_SMS: Final[dict[Alphabet, tuple[int, int]]] = {"gsm7": (160, 153), "ucs2": (70, 67)}  # alone, and per part of many


def fits_gsm7(text: str) -> bool:
    """Whether every character is in GSM-7, basic or extended."""
    return _outside(text) is None


def septets(text: str) -> int:
    """The length in GSM-7, for a text that ``fits_gsm7``."""
    return len(text) + len(_escaped(text))


def utf16_units(text: str) -> int:
    """The length in UCS-2, as networks count it: a character beyond U+FFFF is a surrogate pair of two units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def measure(text: str) -> tuple[Alphabet, int]:
    """The alphabet that ``text`` needs and its length there, in septets or UTF-16 units."""
    if is_plain(text):
        return "gsm7", len(text)
    return ("gsm7", septets(text)) if fits_gsm7(text) else ("ucs2", utf16_units(text))


def segments(text: str) -> list[str]:
    """The SMS parts that ``text`` is sent and charged as; one part for an empty text.

    160 septets or 70 units alone, 153 or 67 in each part of several, since the header that joins them takes six bytes
    (3GPP TS 23.040, §9.2.3.24.1). An escape pair or a surrogate pair is never split.
    """
    alphabet, length = measure(text)
    alone, each = _SMS[alphabet]
    if length <= alone:
        return [text]
    count = septets if alphabet == "gsm7" else utf16_units
    parts, start, used = [], 0, 0
    for place, character in enumerate(text):
        cost = count(character)
        if used + cost > each:
            parts.append(text[start:place])
            start, used = place, 0
        used += cost
    return [*parts, text[start:]]
