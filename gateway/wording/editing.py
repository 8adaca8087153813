"""Changes single entries of a words file and nothing else: every other byte stays, comments and quotes included."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import yaml

from flows.loading.nodes import Node, Scalar, Table
from flows.loading.reading import read_table
from flows.loading.report import Report
from flows.loading.source import SourceFile
from gateway.wording.quoting import as_block, bare, quoted

_Patch = tuple[int, int, str]  # from, to, what stands there afterwards
_BARE_LINE: Final = re.compile(r"\r?\n")


class Uneditable(ValueError):
    """This file is written in a way that cannot be changed entry by entry. ``line``: where."""

    def __init__(self, line: int) -> None:
        super().__init__("This file is written in a way that cannot be changed without touching more of it.")
        self.line = line


@dataclass(frozen=True, slots=True)
class Edit:
    """What an entry says afterwards. ``reviewed``: by whom and on which day, or nobody."""

    key: str
    made_from: str
    to: str
    reviewed: tuple[str, str] | None = None


def edited(text: str, edits: Sequence[Edit], order: Sequence[str]) -> str:
    """``text`` with ``edits``; new entries stand after those that they follow in ``order``. Raises Uneditable."""
    if not edits:
        return text
    file = _File(text)
    patches = [patch for edit in edits if edit.key in file.entries for patch in file.change(edit)]
    patches += file.additions([edit for edit in edits if edit.key not in file.entries], order)
    made = _patched(text, patches)
    _verify(text, made, {edit.key: edit for edit in edits})
    return made


def without_strangers(text: str, known: Collection[str]) -> str:
    """``text`` without the entries of texts that there are not, where each has lines of its own."""
    file = _File(text)
    if file.root is None or file.root.flow_style:
        return text
    return _patched(text, [file.lines_of(key) for key in file.entries if key not in known])


def _patched(text: str, patches: Sequence[_Patch]) -> str:
    parts, done = [], 0
    for start, end, said in sorted(patches, key=lambda patch: patch[:1]):
        parts += [text[done:start], said]
        done = end
    return "".join([*parts, text[done:]])


class _File:
    """The entries of a file by their keys, with where each of their parts begins and ends."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.line_end = "\r\n" if "\r\n" in text else "\n"
        try:
            self.root: Any = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            raise Uneditable(mark.line + 1 if mark else 1) from error
        if self.root is not None and not isinstance(self.root, yaml.MappingNode):
            raise Uneditable(1)
        self.entries: dict[str, tuple[Any, Any]] = (
            {pair[0].value: pair for pair in self.root.value} if self.root else {}
        )

    def lines_of(self, key: str) -> _Patch:
        name, value = self.entries[key]
        end = self._line_end(self._end(value))
        return self._start(name) - name.start_mark.column, min(end + len(self.line_end), len(self.text)), ""

    def change(self, edit: Edit) -> Iterator[_Patch]:
        _, value = self.entries[edit.key]
        if isinstance(value, yaml.ScalarNode):  # the engine's words, written in short
            yield self._start(value), self._end(value), _inline(edit)
            return
        parts = {pair[0].value: pair for pair in value.value} if isinstance(value, yaml.MappingNode) else {}
        if not {"from", "to"} <= parts.keys():
            raise Uneditable(value.start_mark.line + 1)
        for name, said in (("from", edit.made_from), ("to", edit.to)):
            yield from self._scalar(parts[name][1], said)
        yield from self._review(value, parts, edit.reviewed)

    def _scalar(self, node: Any, said: str) -> Iterator[_Patch]:
        if not isinstance(node, yaml.ScalarNode):
            raise Uneditable(node.start_mark.line + 1)
        block = node.style == "|"
        if (node.value.removesuffix("\n") if block else node.value) == said:
            return
        there = self.text[self._start(node) : self._end(node)]
        made = as_block(said, there, self.line_end) if block else None
        yield self._start(node), self._end(node), quoted(said) if made is None else made

    def _review(self, value: Any, parts: Mapping[str, Any], reviewed: tuple[str, str] | None) -> Iterator[_Patch]:
        said = _reviewed(reviewed) if reviewed else ""
        if "reviewed" in parts:
            key, node = parts["reviewed"]
            yield (self._start(node), self._end(node), said) if reviewed else self._without(value, key, node)
        elif reviewed:
            at = self._end(value.value[-1][1])
            if value.flow_style:
                yield at, at, f", reviewed: {said}"
            else:
                at, indent = self._line_end(at), " " * value.value[0][0].start_mark.column
                yield at, at, f"{self.line_end}{indent}reviewed: {said}"

    def _without(self, value: Any, key: Any, node: Any) -> _Patch:
        """Takes a part of an entry away: its lines, or what stands between two commas."""
        if not value.flow_style:
            return self._line_end(self.text.rindex("\n", 0, self._start(key)) - 1), self._line_end(self._end(node)), ""
        names = [pair[0] for pair in value.value]
        at = names.index(key)
        if at:
            return self._end(value.value[at - 1][1]), self._end(node), ""
        return self._start(key), self._start(names[1]), ""

    def additions(self, edits: Sequence[Edit], order: Sequence[str]) -> Iterator[_Patch]:
        """New entries, each after the nearest that comes before it in ``order``, else at the end."""
        places: dict[int, list[Edit]] = {}
        for edit in sorted(edits, key=lambda edit: order.index(edit.key)):
            before = [key for key in order[: order.index(edit.key)] if key in self.entries]
            places.setdefault(self._place(before[-1] if before else None), []).append(edit)
        for at, found in places.items():
            yield at, at, self._written(found, at)

    def _place(self, after: str | None) -> int:
        if after is None or after not in self.entries:
            last = self.root.value[-1][1] if self.root is not None and self.root.value else None
            if self.root is not None and self.root.flow_style:
                return self._end(last) if last is not None else int(self.root.start_mark.index) + 1
            return len(self.text)
        end = self._end(self.entries[after][1])
        return end if self.root.flow_style else self._line_end(end)

    def _written(self, edits: Sequence[Edit], at: int) -> str:
        if self.root is not None and self.root.flow_style:
            said = ", ".join(f"{bare(edit.key)}: {_inline(edit)}" for edit in edits)
            return f", {said}" if self.root.value else said
        indent = " " * (self.root.start_mark.column if self.root is not None else 0)
        blocks = any(isinstance(value, yaml.MappingNode) and not value.flow_style for _, value in self.entries.values())
        form = _lines if blocks or not self.entries else _one_line
        lines = [indent + line for edit in edits for line in form(edit)]
        if at < len(self.text) or (self.text and not self.text.endswith("\n")):
            return "".join(f"{self.line_end}{line}" for line in lines)
        return "".join(f"{line}{self.line_end}" for line in lines)

    def _start(self, node: Any) -> int:
        return int(node.start_mark.index)

    def _end(self, node: Any) -> int:
        """Where its last letter ends: to the parser, the comments below a block are part of it."""
        if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
            last: Any = node.value[-1]
            return self._end(last[1] if isinstance(node, yaml.MappingNode) else last)
        start, end = self._start(node), int(node.end_mark.index)
        return start + len(self.text[start:end].rstrip())

    def _line_end(self, at: int) -> int:
        found = _BARE_LINE.search(self.text, at)
        return found.start() if found else len(self.text)


def _inline(edit: Edit) -> str:
    reviewed = f", reviewed: {_reviewed(edit.reviewed)}" if edit.reviewed else ""
    return f"{{from: {quoted(edit.made_from)}, to: {quoted(edit.to)}{reviewed}}}"


def _one_line(edit: Edit) -> list[str]:
    return [f"{bare(edit.key)}: {_inline(edit)}"]


def _lines(edit: Edit) -> list[str]:
    lines = [f"{bare(edit.key)}:", f"  from: {quoted(edit.made_from)}", f"  to: {quoted(edit.to)}"]
    return [*lines, f"  reviewed: {_reviewed(edit.reviewed)}"] if edit.reviewed else lines


def _reviewed(by_on: tuple[str, str]) -> str:
    return f"{{by: {bare(by_on[0])}, on: {by_on[1]}}}"


# -- what was meant is what is there now ------------------------------------------------------------------------------


def _verify(before: str, after: str, edits: Mapping[str, Edit]) -> None:
    """The loader reads what was meant, and everything else as it was. Raises Uneditable."""
    old, new = _read(before), _read(after)
    if [key for key in new if key in old] != list(old) or new.keys() - old.keys() - edits.keys():
        raise Uneditable(1)
    for key, node in new.items():
        meant = _entry(edits[key]) if key in edits else old[key]
        if (_plain(node) if key in edits else node) != meant:
            raise Uneditable(1)


def _read(text: str) -> dict[str, Any]:
    """Each entry as it is written, lines apart."""
    table = read_table(SourceFile("", text), Report("")) if text.strip() else None
    return {key: _shape(node) for key, node in table.items.items()} if table else {}


def _shape(node: Node) -> Any:
    if isinstance(node, Scalar):
        return node.text, node.style
    if isinstance(node, Table):
        return {key: _shape(value) for key, value in node.items.items()}
    return [_shape(item) for item in node.items]


def _plain(shape: Any) -> Any:
    return {key: _plain(value) for key, value in shape.items()} if isinstance(shape, dict) else shape[0]


def _entry(edit: Edit) -> dict[str, Any]:
    made: dict[str, Any] = {"from": edit.made_from, "to": edit.to}
    return made | ({"reviewed": dict(zip(("by", "on"), edit.reviewed, strict=True))} if edit.reviewed else {})
