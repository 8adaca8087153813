"""What an editor makes of a file: YAML 1.2, as most of them read it; and files with one slip."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any

import yaml


class Core(yaml.SafeLoader):
    """The core schema of YAML 1.2: `yes` and `10:30` are words, and `true` is not."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - so it is with PyYAML


for tag, pattern, firsts in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)", "-+0123456789."),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
):
    Core.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), list(firsts))
Core.add_constructor(
    "tag:yaml.org,2002:int", lambda _, node: int(node.value, 0 if node.value[:2] in ("0x", "0o") else 10)
)
Core.add_constructor("tag:yaml.org,2002:float", lambda _, node: float(node.value))


def tree(text: str) -> Any:
    """Raises yaml.YAMLError."""
    return yaml.load(text, Core)


Slip = tuple[str, str]  # what was done where, and the file with it


def slips(text: str, alike: int = 1000) -> Iterator[Slip]:
    """The file with one slip each: a key too many, a key too few, a value of another shape.

    Of tables that stand side by side, so many are enough.
    """
    root = yaml.compose(text, yaml.SafeLoader)
    for path in list(_tables(root)):
        _shorten(_at(root, path), alike)
    for path in list(_tables(root)):
        yield f"{_shown(path)} has a key too many", _with(root, path, _more)
        for n, (key, _) in enumerate(_at(root, path).value):
            where = f"{_shown(path)}/{key.value}"
            yield f"{where} is gone", _with(root, path, lambda table, n=n: table.value.pop(n))
            yield f"{where} is a list", _with(root, path, lambda table, n=n: _put(table, n, _rows()))
            yield f"{where} is a table", _with(root, path, lambda table, n=n: _put(table, n, _table()))
            yield f"{where} is a strange word", _with(root, path, lambda table, n=n: _put(table, n, _word("no,such!")))


Path = tuple[int, ...]


def _tables(node: Any, path: Path = ()) -> Iterator[Path]:
    if isinstance(node, yaml.MappingNode):
        yield path
        for n, (_, value) in enumerate(node.value):
            yield from _tables(value, (*path, n))


def _shorten(table: Any, alike: int) -> None:
    if all(isinstance(value, yaml.MappingNode) for _, value in table.value):
        del table.value[alike:]


def _at(root: Any, path: Path) -> Any:
    for n in path:
        root = root.value[n][1] if n < len(root.value) else yaml.MappingNode("", [])
    return root


def _shown(path: Path) -> str:
    return "/".join(map(str, path))


def _with(root: Any, path: Path, change: Any) -> str:
    changed = copy.deepcopy(root)
    change(_at(changed, path))
    return str(yaml.serialize(changed, allow_unicode=True, width=1000)).replace("!!null ''", "")


def _word(text: str, style: str | None = None) -> Any:
    return yaml.ScalarNode("tag:yaml.org,2002:str", text, style=style)


def _rows() -> Any:
    return yaml.SequenceNode("tag:yaml.org,2002:seq", [_word("no,such!")], flow_style=True)


def _table() -> Any:
    return yaml.MappingNode("tag:yaml.org,2002:map", [(_word("no_such"), _word("no,such!"))], flow_style=True)


def _more(table: Any) -> None:
    table.value.append((_word("no_such_key"), _word("no_such")))


def _put(table: Any, n: int, value: Any) -> None:
    table.value[n] = (table.value[n][0], value)
