"""How many keys an answer takes, and how many letters: at best, usually and at most."""

from __future__ import annotations

from typing import Literal

from flows.checks.shown import Screen
from flows.checks.shown.values import NAME_LETTERS, TYPED_LETTERS
from flows.model import Answer, Ask
from flows.money import major
from flows.values import Kind, Money, Value

Case = Literal["best", "typical", "worst"]
Needs = tuple[int, int]  # keys, letters
SEND = 1  # the key that sends an answer
LETTERS = {"best": 4, "typical": 12, "worst": TYPED_LETTERS}  # "a few words" are two or three
NAMES = {"best": 4, "typical": 12, "worst": NAME_LETTERS}


def needed(screen: Screen, case: Case, known: Value) -> Needs:
    """For the answer to this screen. ``known``: a value of its size that the answer may have."""
    step, lines = screen.step, screen.shown.lines
    if not isinstance(step, Ask) or step.offer or step.answer.kind in (Kind.CHOICE, Kind.YES_NO):
        if case != "worst" or not isinstance(step, Ask) or not step.offer:
            return SEND + _key(lines, case), 0
        return 2 * SEND + _key(lines, case) + _figures(known), 0  # the last line: another amount, which is typed then
    if case == "best" and not step.answer.required:
        return SEND + len(lines), 0  # skipped: by its key, or by sending nothing
    if step.answer.kind in (Kind.TEXT, Kind.NAME, Kind.PLACE):
        return SEND, (NAMES if step.answer.kind is Kind.NAME else LETTERS)[case]
    return SEND + _keys(step.answer, case, known), 0


def _key(lines: tuple[tuple[str, str], ...], case: Case) -> int:
    return max((len(key) for key, _ in lines), default=1) if case == "worst" else 1


def _keys(answer: Answer, case: Case, known: Value) -> int:
    fewest, most = answer.digits
    options = len(answer.options)
    counts: dict[Kind, tuple[int, int, int]] = {
        Kind.SECRET: (fewest, (fewest + most) // 2, most),
        Kind.DATE: (8, 10, 10),
        Kind.PHONE: (10, 10, 16),
        Kind.CHOICES: (1, 3, max(1, 2 * options - 1)),
        Kind.MEDIA: (3, 3, 8),  # open the camera, take it; at most look for a file
        Kind.RATING: (1, 1, _figures(known)),
    }
    found = counts.get(answer.kind, (1, _figures(known), _figures(known)))
    return found[("best", "typical", "worst").index(case)]


def _figures(known: Value) -> int:
    if isinstance(known, Money):
        return len(str(int(major(known))))
    return len(str(known)) if isinstance(known, int) else 4
