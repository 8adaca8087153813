"""Two phone screens side by side, for a terminal of 80 columns: as it is written, and as it came."""

from __future__ import annotations

import difflib
import sys
import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from gateway.playing.transcripts import fits

if TYPE_CHECKING:
    from gateway.playing.player import Difference

WIDTH = 32  # characters of a line on one screen
HEADS = ("written", "now")
FINE = ("┌", "┐", "└", "┘", "─", "│", "≠")
PLAIN = ("+", "+", "+", "+", "-", "|", "!")
NOTHING = "(nothing is shown)"
Row = tuple[str, str, bool]  # left, right, and whether they differ


def beside(difference: Difference, signs: Sequence[str] | None = None) -> str:
    """Where the conversation went another way, and both screens. Lines that differ are marked and coloured."""
    if difference.why:
        written = [f"  {line}" for line in difference.expected if line]
        said = textwrap.wrap(difference.why, 2 * WIDTH + 9, initial_indent="  ", subsequent_indent="  ")
        return "\n".join([f"{difference.file}, line {difference.line}: this cannot be played", *written, *said])
    head = [f"{difference.file}, line {difference.line}: another screen came"]
    head += [f"  after {difference.after}"] if difference.after else []
    marks = signs or (FINE if _speaks_unicode() else PLAIN)
    return "\n".join([*head, *_framed(list(_rows(difference)), marks)])


def _speaks_unicode() -> bool:
    try:
        "".join(FINE).encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _framed(rows: list[Row], signs: Sequence[str]) -> Iterator[str]:
    upper_left, upper_right, lower_left, lower_right, dash, bar, differs = signs
    top = [f"{upper_left}{dash} {head} {dash * (WIDTH - len(head) - 1)}{upper_right}" for head in HEADS]
    yield f"  {top[0]}   {top[1]}"
    for left, right, other in rows:
        cells = [f"{bar} {_coloured(text, colour, other)} {bar}" for text, colour in ((left, "red"), (right, "green"))]
        yield f"  {cells[0]} {differs if other else ' '} {cells[1]}"
    yield f"  {lower_left}{dash * (WIDTH + 2)}{lower_right}   {lower_left}{dash * (WIDTH + 2)}{lower_right}"


def _coloured(text: str, colour: str, other: bool) -> str:
    padded = text.ljust(WIDTH)
    return click.style(padded, fg=colour) if other and text else padded


def _rows(difference: Difference) -> Iterator[Row]:
    """Lines that mean each other stand beside each other, long ones on several rows."""
    expected, shown = difference.expected or (NOTHING,), difference.shown or (NOTHING,)
    for left, right in _paired(expected, shown):
        other = left is None or right is None or not fits(left, right)
        one, two = _wrapped(left), _wrapped(right)
        for n in range(max(len(one), len(two))):
            yield (one[n] if n < len(one) else "", two[n] if n < len(two) else "", other)


def _paired(expected: Sequence[str], shown: Sequence[str]) -> Iterator[tuple[str | None, str | None]]:
    alike = [next((line for line in shown if fits(want, line)), want) for want in expected]
    for what, a, b, c, d in difflib.SequenceMatcher(None, alike, shown, autojunk=False).get_opcodes():
        if what == "equal":
            yield from zip(expected[a:b], shown[c:d], strict=True)
            continue
        for n in range(max(b - a, d - c)):
            yield (expected[a + n] if a + n < b else None, shown[c + n] if c + n < d else None)


def _wrapped(line: str | None) -> list[str]:
    return textwrap.wrap(line, WIDTH) or [""] if line is not None else []
