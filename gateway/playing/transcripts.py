"""What stands in a conversation file, line by line: how a screen is written down, and when it is still the same."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from flows.answers import many_figures
from flows.loading.conversations import STRANGER
from flows.people import SamplePerson

ANYTHING = "…"
Screen = tuple[str, ...]
NOBODY = SamplePerson(
    short_name=STRANGER, name="", number="", phone="+254700000999", language="", about="a number nobody is known by"
)
HUNG_UP = "@hang up"
SAVED = (
    "# Saved from a phone. Days, amounts and numbers are those of that moment;",
    '# "njia flows test FILE --update" makes them those of the test.',
)
_SPECIAL = re.compile(r"(?:[>@#]|sms(?: to [^:]+)?:)")  # what a line of a screen cannot begin with in a file
_WORD = re.compile(r"\w+|\W")
_OPTION = re.compile(r"\d{1,3} ")


def fits(expected: str, shown: str) -> bool:
    """Whether a line is as it is written; ``…`` stands for anything in it (a number that is new every time)."""
    return bool(re.fullmatch(".*".join(re.escape(part) for part in expected.split(ANYTHING)), shown))


def same(expected: Sequence[str], shown: Sequence[str]) -> bool:
    """Whether two screens are the same."""
    return len(expected) == len(shown) and all(map(fits, expected, shown))


def written(screen: Sequence[str]) -> list[str]:
    """The lines of a screen as a file can hold them: a sign that means something else there becomes ``…``."""
    return [_SPECIAL.sub(ANYTHING, line, count=1) if _SPECIAL.match(line) else line for line in screen if line.strip()]


def blurred(one: Sequence[str], other: Sequence[str]) -> list[str]:
    """The lines of a screen, with ``…`` for the words that another play of it shows otherwise."""
    if len(one) != len(other):
        return list(one)
    return [_blur(_WORD.findall(a), _WORD.findall(b)) for a, b in zip(one, other, strict=True)]


def _blur(one: list[str], other: list[str]) -> str:
    if one == other:
        return "".join(one)
    alike = [a == b for a, b in zip(one, other, strict=False)]
    head = alike.index(False) if False in alike else len(alike)
    tail = 0
    while tail < min(len(one), len(other)) - head and one[-1 - tail] == other[-1 - tail]:
        tail += 1
    return "".join([*one[:head], ANYTHING, *one[len(one) - tail :]])


@dataclass(frozen=True, slots=True)
class Said:
    """What was dialled or typed on a phone (``HUNG_UP``: the call was left), and the screen that it brought."""

    typed: str = field(repr=False)
    shown: str = field(repr=False)


def saved(person: SamplePerson, channel: str, language: str, said: Sequence[Said]) -> str:
    """What a phone did as a conversation file. Secrets become what stands for them."""
    lines = [*SAVED, f"{person.short_name}, {channel}, {language}"]
    pins = Counter(one.typed for one in _at_pins(said))
    before = ""
    for one in said:
        lines += [HUNG_UP] if one.typed == HUNG_UP else [f"> {_open(one.typed, before, person, pins)}".rstrip()]
        lines += written([line.rstrip() for line in one.shown.split("\n")])
        before = one.shown
    return "\n".join(lines) + "\n"


def caller(people: Collection[SamplePerson], phone: str) -> SamplePerson | None:
    """Whose phone this is, as a conversation file may call them; None: no test can begin with them."""
    return next((person for person in (*people, NOBODY) if person.phone == phone), None)


def _at_pins(said: Sequence[Said]) -> Iterator[Said]:
    """What was typed where a PIN was asked for."""
    for last, one in pairwise(said):
        if _asks_pin(last.shown) and many_figures(one.typed):
            yield one


def _asks_pin(screen: str) -> bool:
    """(A PIN is called so in every language that we know of.)"""
    questions = [line for line in screen.split("\n") if line and not _OPTION.match(line)]
    return bool(questions) and re.search(r"\bPIN\b", questions[-1]) is not None


def _open(typed: str, before: str, person: SamplePerson, pins: Counter[str]) -> str:
    figures = typed.replace(" ", "")
    if len(figures) > 2 and figures in (person.pin, person.number):  # a shorter one may be the key of a line
        return "(PIN)" if figures == person.pin else "(number)"
    if _asks_pin(before) and many_figures(typed):  # a new one is typed twice
        return "(new PIN)" if pins[typed] > 1 else "(wrong PIN)"
    return typed
