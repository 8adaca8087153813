"""The guide is true: what its pages tell to type is typed, and what they list is what there is. See tests/pages.py."""

from __future__ import annotations

import importlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, get_type_hints

import click
import pages
import pytest
import yaml
from click.testing import CliRunner
from pages import ROOT, Block

from adapters import discover
from flows.people import load_people
from gateway.cli import COMMANDS, njia
from gateway.cli.common import Lazy
from gateway.home import Home
from gateway.settings import load
from gateway.settings.sections import SECTIONS, AdapterKeys, BankKeys, ChannelKeys

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCKS = {file.name: pages.blocks(file) for file in PAGES}
TEXTS = {file.name: file.read_text(encoding="utf-8") for file in PAGES}
DEMO = ["try-it.md", "how-a-turn-works.md", "operate.md"]  # in the folder of a demonstration that runs
COPY = ["add-a-channel.md", "add-an-action.md", "add-a-bank.md"]  # in a copy of the checkout
ALONE = ["write-a-flow.md", "import-clients.md"]  # in an empty folder
COPIED = ("flows", "adapters", "gateway", "worker", "templates", "tests", "pyproject.toml")
NJIA = """#!/bin/sh
case " $* " in *" clients show "*)  # what was said a moment ago is on its way to the record
  while [ -n "$URL" ] && ! curl -s "$URL/metrics" | grep -q '^njia_journal_backlog 0'; do :; done
esac
exec python -P -m gateway "$@"
"""


# -- the pages are run -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """Where a page is run."""

    folder: Path
    environment: dict[str, str]
    url: str = ""


def place(folder: Path, bin_: Path, code: Path = ROOT, url: str = "") -> Place:
    folder.mkdir(exist_ok=True)
    bin_.mkdir(exist_ok=True)
    (bin_ / "njia").write_text(NJIA)
    (bin_ / "njia").chmod(0o755)
    (bin_ / "python").unlink(missing_ok=True)
    (bin_ / "python").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (bin_ / "python").chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NJIA_", "PYTEST_"))}
    path = f"{bin_}:{os.environ['PATH']}"
    return Place(folder, {**kept, "PATH": path, "PYTHONPATH": str(code), "LC_ALL": "C.UTF-8", "URL": url}, url)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    here = tmp_path_factory.mktemp("demo")
    started = place(here / "checkout", here / "bin")
    running = subprocess.Popen(
        [here / "bin" / "njia", "demo", "--port", "0", "--json"],
        cwd=started.folder, env=started.environment, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield place(started.folder, here / "bin", url=json.loads(running.stdout.readline())["url"])
    finally:
        running.terminate()
        assert running.wait(30) == 0


def run(page: str, where: Place) -> None:
    wrong = pages.play(BLOCKS[page], where.folder, where.environment, where.url)
    assert not wrong, "\n\n".join(wrong)


@pytest.mark.parametrize("page", DEMO)
def test_page_beside_a_demonstration(page: str, demo: Place) -> None:
    run(page, demo)


@pytest.mark.parametrize("page", ALONE)
def test_page_in_an_empty_folder(page: str, tmp_path: Path) -> None:
    run(page, place(tmp_path / "here", tmp_path / "bin"))


@pytest.mark.parametrize("page", COPY)
def test_page_in_a_copy_of_the_code(page: str, tmp_path: Path) -> None:
    """What a newcomer adds is written into a copy, whose own tests then find it."""
    for name in COPIED:
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy2)(source, tmp_path / name)
    run(page, place(tmp_path, tmp_path / "bin", code=tmp_path))


def test_every_page_that_has_something_to_type_is_run() -> None:
    typed = {name for name, page in BLOCKS.items() if any(block.language == "sh" for block in page)}
    assert typed == {*DEMO, *ALONE, *COPY}


# -- what is only shown is true too ------------------------------------------------------------------------------------


def every(language: str) -> list[Any]:
    found = [block for page in BLOCKS.values() for block in page if block.language == language]
    return [pytest.param(block, id=block.place) for block in found]


@pytest.mark.parametrize("block", every("toml"))
def test_settings_that_are_shown_are_settings(block: Block, tmp_path: Path) -> None:
    (tmp_path / "njia.toml").write_text(block.text)
    loaded = load(tmp_path, environment={})
    for channel in loaded.channels.values():
        assert channel.adapter in discover.names() or channel.adapter.endswith("/acme")


@pytest.mark.parametrize("block", every("yaml"))
def test_yaml_that_is_shown_is_yaml(block: Block) -> None:
    assert yaml.safe_load(block.text)


@pytest.mark.parametrize("name", TEXTS)
def test_links_lead_somewhere(name: str) -> None:
    folder = ROOT if (ROOT / name).exists() else ROOT / "docs"
    for target in re.findall(r"\]\(([^)#\s]*(?:#[^)\s]*)?)\)", TEXTS[name]):
        path, _, anchor = target.partition("#")
        if path.startswith("http"):
            continue
        file = (folder / path) if path else folder / name
        assert file.exists(), target
        assert not anchor or anchor in anchors(file.read_text(encoding="utf-8")), target


def anchors(text: str) -> set[str]:
    """As the usual viewers make them of headings."""
    headings = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S), re.M)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_index_names_every_page() -> None:
    for file in (ROOT / "docs").glob("*.md"):
        assert file.name == "README.md" or f"]({file.name})" in (ROOT / "docs" / "README.md").read_text(), file.name


def test_pictures_are_small() -> None:
    shown = re.findall(r"!\[[^]]+\]\(([^)]+)\)", TEXTS["README.md"])
    assert shown and all((ROOT / picture).stat().st_size < 200_000 for picture in shown)


def test_the_conversation_of_the_readme_is_a_shipped_one() -> None:
    (block,) = [block for block in BLOCKS["README.md"] if block.path]
    assert block.text.partition("\n")[2] == (ROOT / block.path).read_text(encoding="utf-8")


# -- what is listed is what there is ------------------------------------------------------------------------------------


def rows(page: str) -> dict[str, list[str]]:
    """The rows of the page's tables whose first cell is code (or a link of code), by that code."""
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in TEXTS[page].splitlines() if line[:1] == "|"]
    return {found[1]: row for row in cells if (found := re.match(r"\[?`([^`]+)`", row[0]))}


def commands() -> dict[str, click.Command]:
    """Every command that does something, by what is typed."""
    found = {}
    for name, (where, _) in COMMANDS.items():
        module, _, attribute = where.partition(":")
        command = getattr(importlib.import_module(module), attribute)
        if isinstance(command, Lazy):
            context = click.Context(command)
            found |= {f"{name} {sub}": command.get_command(context, sub) for sub in command.list_commands(context)}
        else:
            found[name] = command
    return found


def test_the_readme_lists_every_adapter_command_and_folder() -> None:
    listed = rows("README.md")
    assert {name for name in listed if re.fullmatch(r"[a-z]+/[a-z_0-9]+", name)} == set(discover.names())
    assert [name for name in listed if name.startswith("njia ")] == [f"njia {name}" for name in COMMANDS]
    folders = {name.rstrip("/") for name in listed if name.endswith("/")}
    there = {path.name for path in ROOT.iterdir() if path.is_dir() and path.name[0] not in "._" and any(path.iterdir())}
    assert folders == there - {"data", "dist", "build"}


def test_every_command_has_a_section() -> None:
    headings = re.findall(r"^## (njia .*)$", TEXTS["commands.md"], re.M)
    assert headings == [f"njia {name}" for name in commands()]


@pytest.mark.parametrize("name", commands())
def test_every_command_has_help_with_an_example(name: str) -> None:
    said = CliRunner().invoke(njia, [*name.split(), "--help"], prog_name="njia")
    assert said.exit_code == 0
    assert re.search(rf"\n    .*njia (--home \S+ )?{name}\b", said.output)


@pytest.mark.parametrize("name", commands())
def test_every_option_has_a_word_of_help(name: str) -> None:
    command = commands()[name]
    assert all(option.help for option in command.params if isinstance(option, click.Option))


def test_commands_that_are_named_are_there() -> None:
    known = {word for name in commands() for word in (name, name.split()[0])}
    for page, text in TEXTS.items():
        for words in re.findall(r"(?<![\w/.-])njia (?:--home \S+ )?([a-z]+(?: [a-z]+)?)", code(text)):
            assert words in known or words.split()[0] in COMMANDS, f"{page}: njia {words}"


def code(text: str) -> str:
    return "\n".join(re.findall(r"`(njia [^`]+)`", text) + re.findall(r"^(?:\$ )?(njia .*)$", text, re.M))


def settings() -> Iterator[tuple[str, str, Any]]:
    """Section, name and default of everything that can be set."""
    more = {"channels.<name>": ChannelKeys, "payments.<name>": AdapterKeys, "bank": BankKeys}
    for section, cls in {**SECTIONS, **more}.items():
        kinds = get_type_hints(cls)
        for one in fields(cls):
            if is_dataclass(kinds[one.name]) and isinstance(kinds[one.name], type):
                yield from ((f"{section}.{one.name}", key.name, key.default) for key in fields(kinds[one.name]))
            else:
                yield section, one.name, one.default


def test_every_setting_is_described_with_its_default() -> None:
    listed, wanted = rows("operate.md"), {f"{section}.{name}": default for section, name, default in settings()}
    assert {name for name in listed if "." in name and name.split(".")[0] in {s.split(".")[0] for s in wanted}} == set(wanted)
    for name, default in wanted.items():
        shown = listed[name][1].strip("`")
        assert shown == ("" if default in (None, "", ()) else toml(default)), name
        assert listed[name][2], name


def toml(value: Any) -> str:
    if isinstance(value, bool | int):
        return str(value).lower()
    return json.dumps(list(value)) if isinstance(value, tuple) else str(value)


def test_every_counter_is_described() -> None:
    text = (ROOT / "gateway" / "metrics.py").read_text()
    assert set(re.findall(r'"(njia_\w+)"', text)) == {name for name in rows("operate.md") if name.startswith("njia_")}


def test_every_sample_client_is_in_try_it() -> None:
    source = Home().file("people.yaml")
    assert source
    people, _ = load_people(source, "KES")
    listed = [row for row in TEXTS["try-it.md"].splitlines() if row.startswith("| ")]
    for person in people.people:
        assert any(row.startswith(f"| {person.short_name} | {person.phone} | {person.pin or 'none'} |") for row in listed)


def test_the_changelog_knows_this_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert f"## [{version}]" in TEXTS["CHANGELOG.md"]
