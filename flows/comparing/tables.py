"""Files that are tables (products, fields, kinds, the engine's own words): key by key, in their author's own words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePosixPath

from flows.comparing.changes import Change, language_name, other, quoted
from flows.loading.nodes import Node, Rows, Scalar, Table
from flows.loading.reading import read_table
from flows.loading.report import Report
from flows.loading.source import SourceFile

Values = dict[tuple[str, ...], str]  # path of keys -> value


def table_changes(path: str, before: str | None, after: str | None) -> Iterator[Change]:
    """``before`` and ``after`` are the text of the file at ``path``; None: there is none."""
    was, now = _values(path, before), _values(path, after)
    if was is None or now is None:
        return
    for about, mine in _things(path, {**was, **now}).items():
        old = {key: was[key] for key in mine if key in was}
        new = {key: now[key] for key in mine if key in now}
        if not old or not new:
            kind, word, whole = ("gone", "is gone", old) if old else ("new", "is new", new)
            said = ", ".join(f"{_label(path, key)} {value}" for key, value in whole.items())
            yield Change(about, f"table.{kind}", f"{word}: {said}" if kind == "new" else word, path)
            continue
        for key in mine:
            if old.get(key) != new.get(key):
                yield _change(about, path, key, old.get(key), new.get(key))


def _change(about: str, path: str, key: tuple[str, ...], old: str | None, new: str | None) -> Change:
    language = path.split("/")[1] if path.startswith("messages/") else ""
    said = f"{_label(path, key)}: {other(old, new)}"
    return Change(about, "table.value", said, path, language=language, before=old, after=new)


def _things(path: str, keys: Mapping[tuple[str, ...], str]) -> dict[str, list[tuple[str, ...]]]:
    """What a file tells of, by what it is called: a product file of one product, a field file of many fields."""
    about: Callable[[tuple[str, ...]], str] = _ABOUT.get(path.partition("/")[0], lambda _: path)
    found: dict[str, list[tuple[str, ...]]] = {}
    for key in keys:
        name = f"product {PurePosixPath(path).stem}" if path.startswith("products/") else about(key)
        found.setdefault(name, []).append(key)
    return found


_ABOUT: dict[str, Callable[[tuple[str, ...]], str]] = {
    "fields": lambda key: f"field {key[0]}",
    "kinds.yaml": lambda _: "kinds of party and roles",
    "messages": lambda _: "the engine's own words",
}


def _label(path: str, key: tuple[str, ...]) -> str:
    inside = key[1:] if path.startswith("fields/") else key
    language = f"{language_name(path.split('/')[1])}, " if path.startswith("messages/") else ""
    return language + ", ".join(inside)


def _values(path: str, text: str | None) -> Values | None:
    """None for a file that cannot be read."""
    if text is None:
        return {}
    table = read_table(SourceFile(path, text), Report(path))
    return None if table is None else dict(_flat(table))


def _flat(node: Node, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(node, Table):
        for key, inside in node.items.items():
            yield from _flat(inside, (*path, key))
    elif isinstance(node, Rows) and not all(isinstance(one, Scalar) for one in node.items):
        for number, inside in enumerate(node.items, start=1):
            yield from _flat(inside, (*path, str(number)))
    else:
        yield path, ", ".join(map(_shown, node.items)) if isinstance(node, Rows) else _shown(node)


def _shown(node: Node) -> str:
    if not isinstance(node, Scalar):
        return ""
    return node.text if node.style == "bare" else str(quoted(node.text))
