"""Collects faults, so that an author sees all of them at once, and words the suggestions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches

from flows.faults import Fault


@dataclass(slots=True)
class Report:
    """The faults of one file. ``step`` is the step that is being read."""

    file: str
    flow: str | None = None
    step: str | None = None
    language: str | None = None
    faults: list[Fault] = field(default_factory=list)

    def error(self, line: int, code: str, message: str, fix: str) -> None:
        self.faults.append(self._fault(line, code, message, fix, False))

    def warning(self, line: int, code: str, message: str, fix: str) -> None:
        self.faults.append(self._fault(line, code, message, fix, True))

    def _fault(self, line: int, code: str, message: str, fix: str, warning: bool) -> Fault:
        where = {"flow": self.flow, "step": self.step, "language": self.language}
        return Fault(self.file, line, "warning" if warning else "error", code, message, fix, **where)


def suggest(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """What to do about a word that is not one of ``known``: the nearest one, else ``otherwise``, else all of them."""
    names = sorted(set(known))
    near = get_close_matches(word, names, n=1, cutoff=0.6)
    if near:
        return f'Did you mean "{near[0]}"?'
    return otherwise or f"Use one of these: {listed(names)}."


def listed(words: Iterable[str]) -> str:
    """``a, b, c``, or ``none`` where there is nothing to list; a long list is cut."""
    names = list(words)
    more = f" and {len(names) - 30} more" if len(names) > 30 else ""
    return (", ".join(names[:30]) or "none") + more
