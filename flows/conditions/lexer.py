"""Splits a condition into words. Of the operators that could begin at a word, the longest one is taken."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

OPERATORS = {  # as written -> what it does
    "is not empty": "filled",
    "is empty": "empty",
    "is more than": "more",
    "is less than": "less",
    "is at least": "least",
    "is at most": "most",
    "is between": "between",
    "is not": "is not",
    "is": "is",
    "more than": "more",
    "less than": "less",
    "at least": "least",
    "at most": "most",
    "between": "between",
    "has": "has",
}
_LONGEST = sorted((tuple(o.split()) for o in OPERATORS), key=len, reverse=True)
_PART = re.compile(r"\s*(?:(?P<quoted>'[^']*')|(?P<bracket>[()])|(?P<word>[^\s()']+)|(?P<stray>'))")

Sort = Literal["word", "quoted", "operator", "(", ")", "and", "or", "not", "stray", "end"]


@dataclass(frozen=True, slots=True)
class Token:
    """``text`` is as written; for an operator, what it does."""

    sort: Sort
    text: str


END = Token("end", "")


def tokens(source: str) -> list[Token]:
    """All words of ``source``, operators joined, and an END."""
    parts = list(_PART.finditer(source))
    words = [m["word"] or "" for m in parts]
    found: list[Token] = []
    at = 0
    while at < len(parts):
        operator = _operator(words, at)
        found.append(Token("operator", OPERATORS[" ".join(operator)]) if operator else _token(parts[at]))
        at += len(operator) or 1
    return [*found, END]


def _operator(words: list[str], at: int) -> tuple[str, ...]:
    return next((o for o in _LONGEST if tuple(words[at : at + len(o)]) == o), ())


def _token(part: re.Match[str]) -> Token:
    if part["quoted"]:
        return Token("quoted", part["quoted"][1:-1])
    if part["stray"]:
        return Token("stray", "'")
    if part["bracket"]:
        return Token("(" if part["bracket"] == "(" else ")", part["bracket"])
    word = part["word"]
    return Token(word, word) if word in ("and", "or", "not") else Token("word", word)  # type: ignore[arg-type]
