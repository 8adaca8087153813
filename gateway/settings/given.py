"""What was given: ``njia.toml``, then the environment over it, then what the command line says over both.

The result is one tree, and for each leaf the name of the place that it came from.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from gateway.settings.sections import SECTIONS

Key = tuple[str, ...]
PREFIX = "NJIA_"


@dataclass
class Given:
    """Everything that was set, where it was set, and what is wrong with it so far."""

    tree: dict[str, Any] = field(default_factory=dict)
    sources: dict[Key, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    base: Path | None = None  # what a relative `file = …` is relative to

    def source(self, key: Key) -> str:
        for length in range(len(key), 0, -1):
            if key[:length] in self.sources:
                return self.sources[key[:length]]
        return "njia.toml"

    def label(self, key: Key) -> str:
        """How to name this setting to the person who has to change it."""
        source = self.source(key)
        return source if source != "njia.toml" else f"njia.toml, [{'.'.join(key[:-1])}] {key[-1]}"

    def fault(self, key: Key, sentence: str) -> None:
        self.faults.append(f"{self.label(key)}: {sentence}")

    def put(self, key: Key, value: Any, source: str) -> None:
        branch = self.tree
        for name in key[:-1]:
            below = branch.setdefault(name, {})
            if not isinstance(below, dict):
                self.faults.append(f"{source}: {name} is a value, not a section.")
                return
            branch = below
        branch[key[-1]] = value
        self.sources[key] = source


def collect(file: Path | None, environment: Mapping[str, str], flags: Mapping[str, str]) -> Given:
    """The tree of settings. ``flags`` map a dotted key (``web.port``) to its value from the command line."""
    given = Given(base=file.parent if file else None)
    if file is not None:
        _read_file(file, given)
    for name in sorted(environment):
        if name.startswith(PREFIX):
            _read_variable(name, environment[name], given)
    for dotted, text in flags.items():
        given.put(tuple(dotted.split(".")), text, f"--{dotted.rsplit('.', 1)[-1]}")
    return given


def _read_file(file: Path, given: Given) -> None:
    try:
        given.tree = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        given.faults.append(f"{file.name} is not valid TOML: {error}. Correct that line.")
    except UnicodeDecodeError:
        given.faults.append(f"{file.name} is not written in UTF-8. Save it again as UTF-8.")


def _read_variable(name: str, text: str, given: Given) -> None:
    key = tuple(name.removeprefix(PREFIX).lower().split("__"))
    if len(key) == 1:
        _single_underscore(name, key[0], text, given)
        return
    if text[:1] in "{[" and text:
        given.put(key, _as_toml(name, text, given), name)
    else:
        given.put(key, text, name)


def _single_underscore(name: str, flat: str, text: str, given: Given) -> None:
    """NJIA_REDIS_URL is meant for us; NJIA_PORT=tcp://… is what Kubernetes sets for a service called njia."""
    section, _, rest = flat.partition("_")
    known = section in SECTIONS and rest in {one.name for one in fields(SECTIONS[section])}
    if known and not text.startswith("tcp://"):
        given.faults.append(
            f"{name}: write two underscores after the section, {PREFIX}{section.upper()}__{rest.upper()}."
        )


def _as_toml(name: str, text: str, given: Given) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        given.faults.append(
            f'{name}: begins like a list or a table, but is not one. Write ["a", "b"] or {{ file = "path" }}.'
        )
        return ""
