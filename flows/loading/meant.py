"""What was meant by something that stands in the wrong form: the same as it should be written, and as it is read on.

Each of these is reported, and then read as it was meant, so that one slip gives one finding.
"""

from __future__ import annotations

import re

from flows.loading.nodes import Node, Rows, Scalar, Table


def inline(node: Node) -> str:
    """As it stands in one line of a file."""
    if isinstance(node, Table):
        return f"{{{', '.join(f'{key}: {inline(value)}' for key, value in node.items.items())}}}"
    if isinstance(node, Rows):
        return f"[{', '.join(map(inline, node.items))}]"
    return node.text if node.style == "bare" else f"'{node.text}'" if node.style == "single" else in_quotes(node.text)


def in_quotes(text: str) -> str:
    """The client's words as they stand in a file, in one line."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def slug(words: str) -> str:
    """A name for an option that has only its words: ``A new loan`` is ``a_new_loan``."""
    return re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_")[:40] or "other"


def one_word(node: Node | None) -> Scalar | None:
    """The single value of ``[bye]`` or ``{bye}``."""
    if isinstance(node, Rows) and len(node.items) == 1 and isinstance(node.items[0], Scalar):
        return node.items[0]
    if isinstance(node, Table) and len(node.items) == 1:
        (key, value) = next(iter(node.items.items()))
        return Scalar(key, node.line) if isinstance(value, Scalar) and value.empty else None
    return None


def as_table(node: Node, what: str) -> Table | None:
    """The names and values of a list with dashes; for options also of their words alone."""
    parts: list[Node] = list(node.items) if isinstance(node, Rows) else [node]
    if isinstance(node, Rows) and parts and all(isinstance(part, Table) for part in parts):
        found = Table({}, {}, node.line)
        for part in parts:
            if isinstance(part, Table):
                found.items.update(part.items)
                found.lines.update(part.lines)
        return found
    if isinstance(node, Scalar) and what == "options" and node.style == "bare" and "," in node.text:
        parts = [Scalar(part.strip().capitalize(), node.line, "double") for part in node.text.split(",")]
    elif not isinstance(node, Rows) or what != "options":
        alone = one_word(node) or node
        return Table({"type": alone}, {"type": node.line}, node.line) if what == "answer" and _bare(alone) else None
    words = [part for part in parts if isinstance(part, Scalar) and part.text]
    if not words or len(words) != len(parts):
        return None
    items: dict[str, Node] = {slug(part.text): Scalar(part.text, part.line, "double") for part in words}
    return Table(items, dict.fromkeys(items, node.line), node.line)


def _bare(node: Node) -> bool:
    return isinstance(node, Scalar) and node.style == "bare" and bool(node.text)
