"""From YAML's events to nodes. Working on events shows tags, anchors and quotes that a composed tree has lost."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from flows.loading.keys import quoted_key, take_in
from flows.loading.nodes import Node, Rows, Scalar, Style, Table
from flows.loading.report import Report

DEEPEST = 8  # the flow language needs five
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_STYLES: dict[str | None, Style] = {'"': "double", "'": "single", "|": "block", ">": "folded"}


class TooDeep(Exception):
    """Tables within tables within tables: no definition looks like this."""

    def __init__(self, line: int) -> None:
        super().__init__(f"nested too deeply in line {line}")
        self.line = line


def compose(text: str, report: Report) -> Node | None:
    """The tree of the first document, None if there is none. Raises yaml.YAMLError and TooDeep."""
    events: Iterator[Any] = iter(yaml.parse(text, Loader=_LOADER))
    return _Composer(events, report).document()


class _Composer:
    def __init__(self, events: Iterator[Any], report: Report) -> None:
        self.events = events
        self.report = report

    def document(self) -> Node | None:
        tree: Node | None = None
        documents = 0
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                node = self.node(next(self.events), 0)
                tree = tree or node
                if documents == 2:
                    self._refuse(
                        event, "documents", "A second document begins here (---).", "Make it a file of its own."
                    )
        return tree

    def node(self, event: Any, depth: int) -> Node:
        line = event.start_mark.line + 1
        if depth > DEEPEST:
            raise TooDeep(line)
        self._plain(event)
        if isinstance(event, yaml.MappingStartEvent):
            return self.table(line, depth)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.rows(line, depth)
        found = _scalar(event, line)
        if found.style in ("bare", "single") and "\xa0" in found.text:
            self._refuse(event, "hard_space", _HARD, "Use plain spaces.", "file")
            return Scalar(found.text.replace("\xa0", " ").strip(), line, found.style)
        return found

    def rows(self, line: int, depth: int) -> Rows:
        items = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self.node(event, depth + 1))
        return Rows(tuple(items), line)

    def table(self, line: int, depth: int) -> Table:
        table = Table({}, {}, line)
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self.node(event, depth + 1)
            value = self.node(next(self.events), depth + 1)
            self._put(table, key, value)
        return table

    def _put(self, table: Table, key: Node, value: Node) -> None:
        if not isinstance(key, Scalar) or not key.text or key.style in ("block", "folded"):
            message = "What stands before the colon must be a plain name."
            self.report.error(key.line, "yaml.key", message, "Write one or more plain words, without double quotes.")
            return
        if key.style == "double":
            key, value = quoted_key(key, value, self.report)
        if isinstance(value, Scalar) and value.empty and take_in(table, key, self.report):
            return
        if key.text in table.items:
            message = f'"{key.text}" stands here a second time; it is already in line {table.lines[key.text]}.'
            self.report.error(
                key.line, "yaml.duplicate_key", message, "Keep one of the two, or give this one its own name."
            )
        else:
            table.items[key.text] = value
            table.lines[key.text] = key.line

    def _plain(self, event: Any) -> None:
        if isinstance(event, yaml.AliasEvent):
            again = "Write it out again: each file says everything itself."
            self._refuse(event, "alias", f'"*{event.anchor}" refers to another place of the file.', again)
            return
        if event.anchor is not None:
            self._refuse(
                event, "anchor", f'"&{event.anchor}" is a mark for other places.', f'Take "&{event.anchor}" away.'
            )
        if event.tag is not None:
            kind = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._refuse(
                event,
                "tag",
                f'"{kind}" gives this value a type.',
                f'Take "{kind}" away: the type follows from the key.',
            )

    def _refuse(self, event: Any, name: str, message: str, fix: str, family: str = "yaml") -> None:
        self.report.error(event.start_mark.line + 1, f"{family}.{name}", message, fix)


_HARD = "There is a hard space in this line, perhaps copied from another program."


def _scalar(event: Any, line: int) -> Scalar:
    if isinstance(event, yaml.AliasEvent):
        return Scalar(event.anchor or "", line)
    style = _STYLES.get(event.style, "bare")
    return Scalar(event.value.removesuffix("\n") if style == "block" else event.value, line, style)
