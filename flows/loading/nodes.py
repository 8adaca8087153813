"""A YAML file as nodes: every value stays the text that was typed, with its line and its quotes.

Plain YAML loaders turn ``no`` into False, ``0712`` into 458 and ``10:30`` into 630; here nothing is guessed. What can
hide meaning (tags, anchors, aliases, several documents, a key twice) is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Style = Literal["bare", "single", "double", "block", "folded"]


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value. ``text`` is what was typed; a block (``|``) comes without its last line break."""

    text: str
    line: int
    style: Style = "bare"

    @property
    def empty(self) -> bool:
        """Nothing was written: ``none:`` and no more."""
        return not self.text and self.style == "bare"


@dataclass(frozen=True, slots=True)
class Rows:
    """A list: ``[PAY, LIPA]``, or lines that begin with a dash."""

    items: tuple[Node, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Table:
    """Keys and what stands under them, in the order of the file. ``lines``: the line of each key."""

    items: dict[str, Node]
    lines: dict[str, int]
    line: int

    def at(self, key: str) -> int:
        """The line of ``key``; of the table itself when the key is not there."""
        return self.lines.get(key, self.line)


Node = Scalar | Rows | Table
