"""Collects faults, so that an author sees all of them at once."""

from __future__ import annotations

from dataclasses import dataclass, field

from flows.faults import Fault

MOST = 500  # faults of one file that are listed


@dataclass(slots=True)
class Report:
    """The faults of one file. ``step`` is the step that is being read."""

    file: str
    flow: str | None = None
    step: str | None = None
    language: str | None = None
    faults: list[Fault] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)  # the file, as it is read

    def written(self, line: int) -> str:
        """What stands in this line."""
        return self.lines[line - 1] if 0 < line <= len(self.lines) else ""

    def error(self, line: int, code: str, message: str, fix: str) -> None:
        self._add(line, code, message, fix, False)

    def warning(self, line: int, code: str, message: str, fix: str) -> None:
        self._add(line, code, message, fix, True)

    def _add(self, line: int, code: str, message: str, fix: str, warning: bool) -> None:
        if len(self.faults) < MOST:
            self.faults.append(self._fault(line, code, message, fix, warning))
        elif len(self.faults) == MOST:
            said = f"There are more than {MOST} faults in this file; the others are not listed."
            self.faults.append(self._fault(line, "file.too_many_faults", said, "Mend these first.", False))

    def _fault(self, line: int, code: str, message: str, fix: str, warning: bool) -> Fault:
        where = {"flow": self.flow, "step": self.step, "language": self.language}
        return Fault(self.file, line, "warning" if warning else "error", code, message, fix, **where)
