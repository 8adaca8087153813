"""What the guide lists is what there is: pages, adapters, commands, settings, counters, sample clients, versions."""

from __future__ import annotations

import importlib
import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, get_type_hints

import click
import pytest
from click.testing import CliRunner
from pages import ROOT, TEXTS

from adapters import discover
from flows import actions, sources
from flows.checks import FAMILIES
from flows.people import load_people
from flows.products import terms
from gateway.cli import COMMANDS, njia
from gateway.cli.common import Lazy
from gateway.home import Home
from gateway.settings.sections import SECTIONS, AdapterKeys, BankKeys, ChannelKeys

OPEN = {"channels.<name>": ChannelKeys, "payments.<name>": AdapterKeys, "bank": BankKeys}


def rows(page: str) -> dict[str, list[str]]:
    """The rows of the page's tables that begin with code (or a link of code), by that code."""
    lines = [line.strip("|").split("|") for line in TEXTS[page].splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line] for line in lines]
    return {found[1]: row for row in cells if (found := re.match(r"\[?`([^`]+)`", row[0]))}


def commands() -> dict[str, click.Command]:
    """Every command that does something, by what is typed."""
    found: dict[str, click.Command] = {}
    for name, (where, _) in COMMANDS.items():
        module, _, attribute = where.partition(":")
        command = getattr(importlib.import_module(module), attribute)
        if not isinstance(command, Lazy):
            found[name] = command
            continue
        for sub in command.list_commands(click.Context(command)):
            part = command.get_command(click.Context(command), sub)
            assert part
            found[f"{name} {sub}"] = part
    return found


def settings() -> Iterator[tuple[str, Any]]:
    """Everything that can be set, with its default."""
    for section, cls in {**SECTIONS, **OPEN}.items():
        kinds = get_type_hints(cls)
        for one in fields(cls):
            kind = kinds[one.name]
            if is_dataclass(kind) and isinstance(kind, type):
                yield from ((f"{section}.{one.name}.{key.name}", key.default) for key in fields(kind))
            else:
                yield f"{section}.{one.name}", one.default


def test_the_index_names_every_page() -> None:
    index = TEXTS["docs/README.md"]
    assert [page for page in TEXTS if page.startswith("docs/") and f"]({page[5:]})" not in index] == ["docs/README.md"]


def test_the_readme_lists_every_adapter_command_and_folder() -> None:
    listed = rows("README.md")
    assert {name for name in listed if re.fullmatch(r"[a-z]+/[a-z_0-9]+", name)} == set(discover.names())
    assert [name for name in listed if name.startswith("njia ")] == [f"njia {name}" for name in COMMANDS]
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and path.name[0] not in "._"}
    assert {name.rstrip("/") for name in listed if name.endswith("/")} == folders - {"data", "dist", "build"}


def test_every_command_has_a_section() -> None:
    headings = re.findall(r"^## (njia .*)$", TEXTS["docs/commands.md"], re.M)
    assert headings == [f"njia {name}" for name in commands()]


@pytest.mark.parametrize("name", commands())
def test_every_command_has_help_with_an_example(name: str) -> None:
    said = CliRunner().invoke(njia, [*name.split(), "--help"], prog_name="njia")
    assert said.exit_code == 0
    assert re.search(rf"\n    .*njia (--home \S+ )?{name}\b", said.output)


@pytest.mark.parametrize("name", commands())
def test_every_option_has_a_word_of_help(name: str) -> None:
    assert all(option.help for option in commands()[name].params if isinstance(option, click.Option))


def test_commands_that_are_named_are_there() -> None:
    known = {word for name in commands() for word in (name, name.split()[0])}
    for page, text in TEXTS.items():
        named = re.findall(r"`(njia [^`]+)`", text) + re.findall(r"^(?:\$ )?(njia .*)$", text, re.M)
        for line in named:
            words = re.sub(r"--(home|data) \S+ ", "", line).split()[1:3]
            assert " ".join(words) in known or words[0] in known or words[0][0] in "-…", f"{page}: {line}"


def test_every_setting_is_described_with_its_default() -> None:
    listed, wanted = rows("docs/operate.md"), dict(settings())
    sections = {name.partition(".")[0] for name in wanted}
    assert [name for name in listed if "." in name and name.partition(".")[0] in sections] == list(wanted)
    for name, default in wanted.items():
        _, shown, about = listed[name]
        assert shown == ("" if default in (None, "", ()) else f"`{toml(default)}`"), name
        assert about


def toml(value: Any) -> str:
    if isinstance(value, tuple):
        return json.dumps(list(value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def test_every_term_of_a_product_is_described() -> None:
    listed = {
        name for name in rows("docs/products.md") if name not in ("product", "words", "label", "made of", "extra")
    }
    assert listed == {*terms.CREDIT, *terms.SAVINGS, *terms.SHARES}


def test_every_action_and_list_is_described() -> None:
    listed = {name: set(re.findall(r"`([^`]+)`", " ".join(row))) for name, row in rows("docs/actions.md").items()}
    found = {name: action for name, (action, _) in actions.catalogue().items() if not action.builtin}
    lists = {name: source for name, (source, _) in sources.catalogue().items()}
    assert set(listed) == {*found, *lists}
    for name, action in found.items():
        inputs = {} if action.collects else action.inputs  # that one is given what was confirmed
        choices = {choice for given in inputs.values() for choice in given.choices}
        ways = {*action.exits, *action.laters, *action.laters_of_split}
        assert {name, *inputs, *choices, *ways, *action.outputs} - {"ref"} == listed[name] - {"ref"}, name
    for name, source in lists.items():
        assert source.item in listed[name]
        assert listed[name] - {name, source.item} <= set(source.fields)


def test_every_counter_is_described() -> None:
    counters = set(re.findall(r'"(njia_\w+)"', (ROOT / "gateway" / "metrics.py").read_text()))
    assert counters == {name for name in rows("docs/operate.md") if name.startswith("njia_")}


def test_every_sample_client_and_log_in_is_in_try_it() -> None:
    source = Home().file("people.yaml")
    assert source
    people, _ = load_people(source, "KES")
    for person in people.people:
        assert f"| {person.short_name} | {person.phone} | {person.pin or 'none'} |" in TEXTS["docs/try-it.md"]
    for one in people.staff:
        assert f"| `{one.email}` | {one.password} | {one.role} |" in TEXTS["docs/try-it.md"]


def test_the_changelog_knows_this_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert f"## [{version}]" in TEXTS["CHANGELOG.md"]


def test_every_finding_of_the_checks_is_described() -> None:
    """(The codes of the loader are said where their rules are.)"""
    page = TEXTS["docs/what-the-check-proves.md"]
    sources = [path.read_text() for path in (ROOT / "flows" / "checks").rglob("*.py")]
    codes = {code for text in sources for code in re.findall(rf'"((?:{"|".join(FAMILIES)})\.[a-z_]+)"', text)}
    assert len(codes) > 20
    assert sorted(code for code in codes if f"`{code}`" not in page) == []
