"""The shipped home as text that can be changed at one place: every key of every file, with where it begins and ends."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property

import yaml
from checking import shipped, subject_of

from flows.checks import Subject

Edit = tuple[int, int, str]  # from, to (both in characters of the file), what stands there instead


@dataclass(frozen=True, eq=False)
class Entry:
    """One ``key: value`` of a file. ``path``: the keys that lead to it, its own last."""

    file: File
    path: tuple[str, ...]
    key: yaml.Node
    value: yaml.Node
    inside: yaml.MappingNode

    @property
    def step(self) -> str | None:
        return self.path[1] if self.path[0] == "steps" and len(self.path) > 1 else None

    @property
    def name(self) -> str:
        return self.path[-1]

    @property
    def line(self) -> int:
        return int(self.key.start_mark.line) + 1

    @property
    def text(self) -> str:
        """The value, where it is a word or words; else nothing."""
        return str(self.value.value) if isinstance(self.value, yaml.ScalarNode) else ""

    @property
    def is_words(self) -> bool:
        """Whether these are words for clients (in double quotes, or a block)."""
        return isinstance(self.value, yaml.ScalarNode) and self.value.style in ('"', "|")

    @property
    def is_bare(self) -> bool:
        return isinstance(self.value, yaml.ScalarNode) and self.value.style is None and bool(self.text)

    @property
    def start(self) -> int:
        return int(self.key.start_mark.index)

    @property
    def end(self) -> int:
        return _end(self.value)

    def instead(self, raw: str) -> Edit:
        """``raw`` as the value, quotes and all."""
        return int(self.value.start_mark.index), self.end, raw

    def said(self, words: str) -> Edit:
        """Other words, in their quotes."""
        told = words.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return self.instead(f'"{told}"')

    def renamed(self, key: str) -> Edit:
        return self.start, int(self.key.end_mark.index), key

    def removed(self) -> Edit:
        """The whole pair: its lines, or its part of ``{...}``."""
        text = self.file.text
        if not self.inside.flow_style:
            begins = text.rindex("\n", 0, self.start) + 1 if "\n" in text[: self.start] else 0
            ends = text.find("\n", self.end)
            return begins, len(text) if ends < 0 else ends + 1, ""
        after = re.compile(r",\s*").match(text, self.end)
        if after:
            return self.start, after.end(), ""
        before = re.search(r",\s*$", text[: self.start])
        return (before.start() if before else self.start), self.end, ""


@dataclass(frozen=True, eq=False)
class File:
    path: str
    text: str

    @property
    def name(self) -> str:
        """What the file is called by: the flow."""
        return self.path.rpartition("/")[2].removesuffix(".yaml")

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(self._below((), yaml.compose(self.text, Loader=yaml.BaseLoader)))

    def _below(self, path: tuple[str, ...], node: yaml.Node | None) -> Iterator[Entry]:
        for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
            yield Entry(self, (*path, key.value), key, value, node)
            yield from self._below((*path, key.value), value)

    def at(self, *path: str) -> Entry | None:
        return next((entry for entry in self.entries if entry.path == path), None)

    def under(self, *path: str) -> list[Entry]:
        """Those that stand right below ``path``."""
        return [entry for entry in self.entries if entry.path[:-1] == path]

    @property
    def steps(self) -> list[Entry]:
        return self.under("steps")

    def changed(self, *edits: Edit) -> str:
        text = self.text
        for start, end, raw in sorted(edits, reverse=True):
            text = text[:start] + raw + text[end:]
        return text

    def before(self, step: str, lines: str) -> Edit:
        """``lines`` as a step of their own above this one."""
        entry = self.at("steps", step)
        assert entry is not None
        begins = entry.start - 2
        return begins, begins, lines

    def last(self, lines: str) -> Edit:
        return len(self.text), len(self.text), lines


def _end(node: yaml.Node) -> int:
    """Where the last word of it ends: a block of YAML has its end only where the next one begins."""
    if isinstance(node, yaml.ScalarNode) or node.flow_style:
        return int(node.end_mark.index) - (isinstance(node, yaml.ScalarNode) and node.style == "|")
    last = node.value[-1]
    return _end(last[1] if isinstance(node, yaml.MappingNode) else last)


@cache
def files(folder: str) -> tuple[File, ...]:
    """All of ``flows``, or of ``messages/sw``."""
    return tuple(File(path, text) for path, text in shipped().files.items() if path.rpartition("/")[0] == folder)


def flows() -> tuple[File, ...]:
    return files("flows")


def words_of(flow: str, language: str = "sw") -> File | None:
    return next((file for file in files(f"messages/{language}") if file.name == flow), None)


@cache
def whole() -> Subject:
    """The shipped home as it was read."""
    return subject_of()


def everywhere() -> Iterator[Entry]:
    """Every key of every flow."""
    for file in flows():
        yield from file.entries


@cache
def neighbours(name: str) -> frozenset[str]:
    """The flows that this one cannot be judged without: those that it runs, names, or is run by, and a few more."""
    found = {"main", "call_me", "settings", "requests", "about", "language", "complaint", name}
    for _ in range(3):
        found |= {other for flow in found for other in _named(flow)}
    return frozenset(found | {file.name for file in flows() if f"run: {name}" in file.text})


@cache
def _named(flow: str) -> frozenset[str]:
    text = shipped().files[f"flows/{flow}.yaml"]
    return frozenset(re.findall(r"run: (\w+)", text) + re.findall(r"\{shortcut\.(\w+)\}", text))
