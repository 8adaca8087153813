"""From the tree that was given to typed settings: every fault at once, in plain words."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, get_type_hints

from gateway.settings.given import Given, Key
from gateway.settings.hidden import Hidden, Options
from gateway.settings.sections import About

SECRET_NAME = re.compile(r"key|secret|token|password|passphrase|credential|(^|_)pass($|_)|(^|_)pin($|_)")
YES = {"true", "yes", "on", "1"}
NO = {"false", "no", "off", "0"}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of ``njia config show``."""

    key: str
    value: Any
    source: str
    help: str


class Wrong(Exception):
    """This value cannot stand here; the text says what can."""


class Reader:
    """Reads sections out of what was given, noting each value's source and each fault."""

    def __init__(self, given: Given) -> None:
        self.given = given
        self.rows: list[Row] = []

    def section(self, cls: type, key: Key) -> Any:
        """The section at ``key`` as a ``cls``; keys that ``cls`` does not have are faults."""
        table = self.table(key)
        values = self._known(cls, key, table)
        names = [one.name for one in fields(cls)]
        for name in table:
            if name not in names:
                self.given.fault((*key, name), f"there is no such setting.{suggestion(name, names)}")
        return cls(**values)

    def open_section(self, cls: type, key: Key) -> tuple[Any, Options]:
        """The same, for a section whose other keys belong to an adapter."""
        table = self.table(key)
        values = self._known(cls, key, table)
        names = {one.name for one in fields(cls)}
        others = {name: self._other((*key, name), table[name]) for name in table if name not in names}
        return cls(**values), Options(others)

    def table(self, key: Key) -> dict[str, Any]:
        table: Any = self.given.tree
        for name in key:
            table = table.get(name, {})
            if not isinstance(table, dict):
                self.given.faults.append(f"[{'.'.join(key)}] must be a section, with its settings below it.")
                return {}
        return dict(table)

    def _known(self, cls: type, key: Key, table: Mapping[str, Any]) -> dict[str, Any]:
        kinds = get_type_hints(cls, include_extras=True)
        return {one.name: self._one(kinds[one.name], one, (*key, one.name), table) for one in fields(cls)}

    def _one(self, kind: Any, one: Any, key: Key, table: Mapping[str, Any]) -> Any:
        if is_dataclass(kind) and isinstance(kind, type):
            return self.section(kind, key)
        about: About = kind.__metadata__[0]
        value, source = one.default, "default"
        if one.name in table:
            value, source = self._converted(kind, one.default, key, table[one.name]), self.given.source(key)
        self.rows.append(Row(".".join(key), value, source, about.help))
        return value

    def _converted(self, kind: Any, default: Any, key: Key, raw: Any) -> Any:
        plain = kind.__origin__
        try:
            value = hidden(self.given, key, raw) if plain == Hidden | None else convert(plain, raw)
            limits(value, kind.__metadata__[0])
        except Wrong as wrong:
            self.given.fault(key, str(wrong))
            return default
        return value

    def _other(self, key: Key, raw: Any) -> Any:
        secret = isinstance(raw, dict) and len(raw) == 1 and raw.keys() <= {"env", "file"}
        value = raw
        if secret or (isinstance(raw, str) and SECRET_NAME.search(key[-1])):
            value = hidden(self.given, key, raw)
        self.rows.append(Row(".".join(key), value, self.given.source(key), "A setting of this adapter."))
        return value


def suggestion(name: str, names: list[str]) -> str:
    near = difflib.get_close_matches(name, names, n=1)
    return f" Did you mean {near[0]}?" if near else f" There are: {', '.join(sorted(names))}."


def hidden(given: Given, key: Key, raw: Any) -> Hidden:
    label = given.label(key)
    if isinstance(raw, str):
        return Hidden(label, "text", raw)
    if isinstance(raw, dict) and len(raw) == 1:
        ((how, what),) = raw.items()
        if how in {"env", "file"} and isinstance(what, str):
            return Hidden(label, how, what, given.base)
    raise Wrong('write it as { env = "NAME" } or { file = "path" }.')


def convert(kind: Any, raw: Any) -> Any:
    """``raw`` as a ``kind``. Text stands for numbers and lists too, as the environment knows nothing else."""
    if kind is str:
        return _text(raw)
    if kind is int:
        return _number(raw)
    if kind is bool:
        return _truth(raw)
    return _texts(raw)


def _text(raw: Any) -> str:
    if not isinstance(raw, str):
        raise Wrong("must be a text in quotes.")
    return raw


def _number(raw: Any) -> int:
    if isinstance(raw, str) and re.fullmatch(r"[0-9]{1,9}", raw.strip()):
        return int(raw)
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise Wrong("must be a whole number.")
    return raw


def _truth(raw: Any) -> bool:
    word = str(raw).lower()
    if word not in YES | NO:
        raise Wrong("must be true or false.")
    return word in YES


def _texts(raw: Any) -> tuple[str, ...]:
    if isinstance(raw, str):
        return tuple(part.strip() for part in raw.split(",") if part.strip())
    if not isinstance(raw, list) or not all(isinstance(one, str) for one in raw):
        raise Wrong('must be a list of texts: ["one", "two"].')
    return tuple(raw)


def limits(value: Any, about: About) -> None:
    """Raises Wrong when the value is outside what the setting allows."""
    if about.choices and value not in about.choices:
        raise Wrong(f"must be one of {', '.join(about.choices)}.")
    if about.within and not about.within[0] <= value <= about.within[1]:
        raise Wrong(f"must be between {about.within[0]} and {about.within[1]}.")
