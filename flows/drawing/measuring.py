"""How wide words are when nobody knows yet in which font they will be shown: rather too wide than too narrow.

The widths are those of DejaVu Sans, one of the widest of the usual fonts, as parts of the size of the letters.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Final

_CLASSES: Final = {
    0.30: "ijlI|'!",
    0.42: 'frt .,:;()[]/\\-"`',
    0.64: "abcdeghknopqsuvxyzJ0123456789*?_^~+=<>#${}L",
    0.72: "ABCDEFGHKNOPQRSTUVXYZ&",
    1.0: "mwMW@%",
}
_WIDTHS: Final = {char: width for width, chars in _CLASSES.items() for char in chars}


def width(text: str, size: float) -> float:
    """Of a line, in units of the picture."""
    return size * sum(map(_wide, text))


def _wide(char: str) -> float:
    if char in _WIDTHS:
        return _WIDTHS[char]
    if unicodedata.combining(char):
        return 0.0
    plain = unicodedata.normalize("NFD", char)[0]
    return _WIDTHS.get(plain, 1.05)


def wrapped(text: str, size: float, most: float, lines: int = 99) -> list[str]:
    """``text`` in lines that are no wider than ``most``; what does not go into so many ``lines`` is cut with "…"."""
    found = list(_lines(" ".join(text.split()), size, most))
    if len(found) <= lines:
        return found
    last = found[lines - 1]
    while last and width(f"{last}…", size) > most:
        last = last[:-1]
    return [*found[: lines - 1], f"{last.rstrip()}…"]


def _lines(text: str, size: float, most: float) -> Iterator[str]:
    line = ""
    for word in text.split(" ") if text else ():
        longer = f"{line} {word}" if line else word
        if width(longer, size) <= most:
            line = longer
            continue
        if line:
            yield line
        *whole, line = _pieces(word, size, most)
        yield from whole
    if line:
        yield line


def _pieces(word: str, size: float, most: float) -> list[str]:
    """A word that is wider than a line, in parts."""
    parts = [""]
    for char in word:
        if parts[-1] and width(parts[-1] + char, size) > most:
            parts.append("")
        parts[-1] += char
    return parts
