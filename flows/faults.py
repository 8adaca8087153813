"""What is wrong with a file, in its author's words: where, what, and what to do."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True, order=True)
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

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class BrokenDefinitions(Exception):
    """These definitions cannot be published."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = sorted(faults)
        super().__init__("\n".join(map(str, self.faults)))
