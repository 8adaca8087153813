"""Broken definitions: a folder of files, one fault each (``everything`` has many), each with its exact message.

A file begins with what must be said of it, one line a fault: ``# expect: LINE: CODE: MESSAGE FIX``. Files of ``words``
stand for ``messages/sw/call_me.yaml``, unless a line ``# as: PATH`` says otherwise. The folders of the families hold
what loads without an error and cannot be proved (``wording``: the family of words).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import msgspec
import pytest
import yaml
from checking import proved

from flows.actions import Action
from flows.checks import FAMILIES
from flows.faults import Fault
from flows.loading import (
    SourceFile,
    load_conversations,
    load_fields,
    load_flows,
    load_kinds,
    load_system,
    load_translations,
)
from flows.model import Flow, Institution
from flows.sources import Source

HERE = Path(__file__).parent
FILES = sorted(path for path in (HERE / "broken").rglob("*.*") if path.suffix in (".yaml", ".txt"))
JAMII = Institution(name="Jamii MFI", short_name="Jamii", languages=("en", "sw"))
ENGLISH = SourceFile("messages/en/system.yaml", 'yes: "Yes"\nsorry: "Hello {client.name}"\n')


def source(path: Path, name: str) -> SourceFile:
    return SourceFile.from_bytes(name, path.read_bytes())


@cache
def catalogue() -> tuple[dict[str, Action], dict[str, Source]]:
    data = yaml.safe_load((HERE / "loading/catalogue.yaml").read_text())
    return msgspec.convert(data["actions"], dict[str, Action]), msgspec.convert(data["sources"], dict[str, Source])


def loaded(*more: SourceFile) -> tuple[dict[str, Flow], list[Fault]]:
    """The good flows of tests/loading and, after them, ``more``."""
    fields, _ = load_fields([source(HERE / "loading/fields.yaml", "fields/loan.yaml")], "KES")
    good = [source(path, f"flows/{path.name}") for path in sorted((HERE / "loading/good").glob("*.yaml"))]
    return load_flows([*good, *more], JAMII, fields, *catalogue())


def words(path: Path) -> list[Fault]:
    called = re.search(r"^# as: (\S+)$", path.read_text(), re.MULTILINE)
    file = source(path, called[1] if called else "messages/sw/call_me.yaml")
    return load_translations([file], loaded()[0])[1]


LOADERS: dict[str, Callable[[Path], list[Fault]]] = {
    "flow": lambda path: loaded(source(path, f"flows/{path.name}"))[1],
    "words": words,
    "system": lambda path: load_system({"en": ENGLISH, "sw": source(path, "messages/sw/system.yaml")})[1],
    "fields": lambda path: load_fields([source(path, "fields/loan.yaml")], "KES")[1],
    "kinds": lambda path: load_kinds(source(path, "kinds.yaml"))[1],
    "conversations": lambda path: load_conversations([source(path, path.name)], ["Akinyi", "Otieno"], ["en", "sw"])[1],
    **{family if family != "words" else "wording": proved for family in FAMILIES},
}


def test_there_are_many_of_them() -> None:
    assert len(FILES) > 180
    assert {path.parent.name for path in FILES} == set(LOADERS)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_broken(path: Path) -> None:
    text = path.read_bytes().decode(errors="replace")
    expected = [line.removeprefix("# expect: ") for line in text.splitlines() if line.startswith("# expect: ")]
    found = LOADERS[path.parent.name](path)
    assert [f"{f.line}: {f.code}: {f.message} {f.fix}" for f in found] == expected
    assert len(found) == 1 or path.stem == "everything"
