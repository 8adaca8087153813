"""What stands between braces in words: a dotted name and nothing else."""

from __future__ import annotations

import re

_PART = re.compile(r"\{([^{}]*)\}|[{}]")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")


def names_in(text: str) -> tuple[tuple[str, ...], list[str]]:
    """The names between braces, each once, in order; and everything between braces that is no name."""
    names, strays = [], []
    for part in _PART.finditer(text):
        inside = part[1]
        if inside is not None and _NAME.fullmatch(inside):
            names.append(inside)
        else:
            strays.append(part[0])
    return tuple(dict.fromkeys(names)), strays


def has_words(text: str) -> bool:
    """Whether anything is left to translate when the names are taken out."""
    return any(c.isalpha() for c in _PART.sub("", text))
