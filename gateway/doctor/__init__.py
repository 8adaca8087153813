"""``njia doctor``: is everything as it must be, and if not, what to do. Each check is one line for the reader."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

State = Literal["ok", "warning", "problem"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, how it is, and what to do where it is not good."""

    name: str
    state: State
    says: str
    fix: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def ok(name: str, says: str) -> Finding:
    return Finding(name, "ok", says)


def warning(name: str, says: str, fix: str) -> Finding:
    return Finding(name, "warning", says, fix)


def problem(name: str, says: str, fix: str) -> Finding:
    return Finding(name, "problem", says, fix)
