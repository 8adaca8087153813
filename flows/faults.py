"""What is wrong with a file, in its author's words: where, what, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Fault:
    """One finding. ``code`` is ``family.name``; errors block a release, warnings need a tick."""

    file: str
    line: int
    level: Literal["error", "warning"]
    code: str
    message: str
    fix: str
    flow: str | None = None
    step: str | None = None
    language: str | None = None
    channel: str | None = None

    def __str__(self) -> str:
        step = f", step {self.step}" if self.step else ""
        return f"{self.file}, line {self.line}{step}: {self.message} {self.fix}"

    def __lt__(self, other: Fault) -> bool:
        return self._place() < other._place()

    def _place(self) -> tuple[str | int, ...]:
        return tuple(value or "" if key != "line" else value for key, value in asdict(self).items())

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class BrokenDefinitions(Exception):
    """These definitions cannot be published."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = sorted(faults)
        super().__init__("\n".join(map(str, self.faults)))


SPOKEN = {
    "text": "a text",
    "number": "a number",
    "money": "an amount",
    "date": "a day",
    "phone": "a phone number",
    "name": "a name",
    "choice": "one of several answers",
    "choices": "a list of answers",
    "yes_no": "yes or no",
    "rating": "a rating",
    "place": "a place",
    "media": "a photo, voice note or file",
    "secret": "secret",
    "record": "a record with several values",
    "list": "a list",
}  # how a type (flows.values.Kind) is called in a sentence


def suggest(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """What to do about a word that is not one of ``known``: the nearest one, else ``otherwise``, else all of them."""
    near = nearest(word, known)
    if near:
        return f'Did you mean "{near}"?'
    return otherwise or f"Use one of these: {listed(sorted(set(known)))}."


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The one of ``known`` that was meant, for all that can be told: small and large letters are alike."""
    names = sorted(set(known))
    alike = {name.casefold(): name for name in names}
    near = get_close_matches(word.casefold(), alike, n=1, cutoff=0.65)
    return alike[near[0]] if near else None


def listed(words: Iterable[str]) -> str:
    """``a, b, c``, or ``none`` where there is nothing to list; a long list is cut."""
    names = list(words)
    more = f" and {len(names) - 30} more" if len(names) > 30 else ""
    return (", ".join(names[:30]) or "none") + more
