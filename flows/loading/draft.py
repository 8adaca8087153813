"""A flow while it is being read: what was found so far, and what can be checked only when all of it is known."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

from flows.loading import take
from flows.loading.nodes import Node, Scalar, Table
from flows.loading.report import Report
from flows.loading.source import SourceFile
from flows.model import AnyStep, Flow, Institution, Text
from flows.values import Kind

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")


@dataclass(frozen=True, slots=True)
class Target:
    """A place that names a step."""

    step: str | None
    what: str
    name: str
    line: int


@dataclass(frozen=True, slots=True)
class Use:
    """A place that names something known. ``kinds``: of what types it may be (None: any that is not secret)."""

    step: str | None
    what: str
    name: str
    line: int
    kinds: frozenset[Kind] | None = None
    bare: bool = False  # a word without a dot that nothing is known by stands for itself


@dataclass(slots=True)
class Draft:
    """One file. A step that could not be read stays in ``steps`` as None, so that nothing else complains about it."""

    source: SourceFile
    institution: Institution
    report: Report
    header: dict[str, Any] = field(default_factory=dict)
    top: Table | None = None
    off: bool = False
    steps: dict[str, AnyStep | None] = field(default_factory=dict)
    tables: dict[str, Table] = field(default_factory=dict)
    conditions: dict[str, tuple[str, int]] = field(default_factory=dict)
    targets: list[Target] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)
    texts: list[tuple[str | None, Text]] = field(default_factory=list)
    doubtful: set[str] = field(default_factory=set)  # steps of whose options some could not be read
    flow: Flow | None = None

    @property
    def name(self) -> str:
        return self.source.name

    def line(self, step: str | None, *keys: str) -> int:
        """The line of a key of a step, or of a key of the header; as near to it as the file goes."""
        table: Node | None = self.tables.get(step) if step else self.top
        line = table.line if table else 1
        for key in keys:
            if not isinstance(table, Table):
                break
            line, table = table.at(key), table.items.get(key)
        return line

    def put(self, step: AnyStep) -> None:
        self.steps[step.name] = step

    def change(self, name: str, **values: Any) -> None:
        """Gives a step what is known only now."""
        step = self.steps[name]
        if step is not None:
            self.steps[name] = replace(step, **values)


@dataclass(frozen=True, slots=True)
class At:
    """One step of a draft: short words for what every kind of step takes out of its table."""

    draft: Draft
    name: str
    table: Table

    @property
    def report(self) -> Report:
        return self.draft.report

    @property
    def line(self) -> int:
        return self.table.line

    def words(self, key: str, named: str = "") -> Text | None:
        """The client's words at ``key``; in the words files ``step``, or ``step.named``."""
        return self.text(self.table.items.get(key), key, named)

    def text(self, node: Node | None, what: str, named: str = "") -> Text | None:
        found = take.words(node, f"{self.name}.{named}" if named else self.name, what, self.report)
        if found:
            self.draft.texts.append((self.name, found))
        return found

    def word(self, key: str) -> str | None:
        return take.word(self.table.items.get(key), key, self.report)

    def target(self, key: str) -> str | None:
        """The step that stands at ``key``."""
        return self.goes(self.table.items.get(key), key)

    def goes(self, node: Node | None, what: str) -> str | None:
        step = take.word(node, what, self.report)
        if step and node:
            self.draft.targets.append(Target(self.name, what, step, node.line))
        return step

    def use(self, node: Node | None, what: str, *kinds: Kind, bare: bool = False) -> str | None:
        """The name of something known that stands in ``node``."""
        text = take.word(node, what, self.report)
        if text is None or node is None:
            return None
        self.draft.uses.append(Use(self.name, what, text, node.line, frozenset(kinds) or None, bare))
        return text

    def use_name(self, name: str, what: str, line: int, *kinds: Kind) -> None:
        """``name`` is used here; it stands as a key, or is written with other words."""
        self.draft.uses.append(Use(self.name, what, name, line, frozenset(kinds) or None))

    def word_in(self, table: Table | None, key: str) -> str | None:
        return take.word(table.items.get(key), key, self.report) if table else None

    def sub(self, key: str) -> Table | None:
        return take.table(self.table.items.get(key), key, self.report)

    def scalar(self, key: str) -> Scalar | None:
        node = self.table.items.get(key)
        return node if isinstance(node, Scalar) else None
