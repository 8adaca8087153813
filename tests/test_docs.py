"""The guide is true: what its pages tell to type is typed, and what they show is what it seems. See tests/pages.py."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pages
import pytest
import yaml
from pages import BLOCKS, ROOT, TEXTS, Block

from adapters import discover
from flows.loading.source import SourceFile
from flows.products.reading import load_products
from gateway.settings import load

# in the folder of a demonstration that runs
DEMO = [
    "docs/try-it.md",
    "docs/how-a-turn-works.md",
    "docs/operate.md",
    "docs/money-in-two-steps.md",
    "docs/the-desk.md",
    "docs/surveys.md",
]
# in an empty folder
ALONE = [
    "docs/write-a-flow.md",
    "docs/what-the-check-proves.md",
    "docs/test-by-example.md",
    "docs/import-clients.md",
    "docs/publish-and-roll-back.md",
    "docs/stages-and-copies.md",
    "docs/translate.md",
]
# in a copy of the code
COPY = ["docs/add-a-channel.md", "docs/add-an-action.md", "docs/add-a-bank.md", "docs/add-a-wallet.md"]
COPIED = ("flows", "adapters", "gateway", "worker", "templates", "tests", "bench", "pyproject.toml")
NJIA = """#!/bin/sh
case " $* " in *" clients show "*)  # what was said a moment ago is still on its way to the record
  while [ -n "$URL" ] && ! curl -s "$URL/metrics" | grep -q '^njia_journal_backlog 0'; do :; done
esac
exec python -P -m gateway "$@"
"""


@dataclass(frozen=True)
class Place:
    """Where a page is run."""

    folder: Path
    environment: dict[str, str]
    url: str = pages.DEFAULT


def place(folder: Path, programs: Path, code: Path = ROOT) -> Place:
    """``programs`` gets the two that a reader has on the path; they run ``code``."""
    for made in (folder, programs):
        made.mkdir(exist_ok=True)
    for name, text in {"njia": NJIA, "python": f'#!/bin/sh\nexec {sys.executable} "$@"\n'}.items():
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("NJIA_", "PYTEST_"))}
    path = f"{programs}:{os.environ['PATH']}"
    return Place(folder, {**kept, "PATH": path, "PYTHONPATH": str(code), "LC_ALL": "C.UTF-8"})


@contextmanager
def demo(here: Path) -> Iterator[Place]:
    """A demonstration that runs, and the folder that it was started in."""
    started = place(here / "checkout", here / "bin")
    command = [here / "bin" / "njia", "demo", "--port", "0", "--json", "--no-history"]
    running = subprocess.Popen(command, cwd=started.folder, env=started.environment, stdout=subprocess.PIPE, text=True)
    try:
        assert running.stdout
        url = json.loads(running.stdout.readline())["url"]
        yield Place(started.folder, {**started.environment, "URL": url}, url)
    finally:
        running.terminate()
        assert running.wait(30) == 0


def play(page: str, where: Place) -> list[str]:
    return pages.play(page, where.folder, where.environment, where.url)


def beside_a_demo(wanted: list[str], here: Path) -> dict[str, list[str]]:
    with demo(here) as where:
        return {page: play(page, where) for page in wanted}


def in_an_empty_folder(page: str, here: Path) -> dict[str, list[str]]:
    return {page: play(page, place(here / "work", here / "bin"))}


def in_a_copy(page: str, here: Path) -> dict[str, list[str]]:
    """What a newcomer adds is written into a copy of the code, whose own tests then find it."""
    copy = here / "copy"
    copy.mkdir()
    for name in COPIED:
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy2)(ROOT / name, copy / name)
    return {page: play(page, place(copy, here / "bin", code=copy))}


@pytest.fixture(scope="module")
def played(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What went wrong on each page that is asked for: two at a time, as they mostly wait for programs to start."""
    items = [item for item in request.session.items if isinstance(item, pytest.Function)]
    wanted = {item.callspec.params["page"] for item in items if item.originalname == "test_a_page_does_what_it_says"}
    beside, make = [page for page in DEMO if page in wanted], tmp_path_factory.mktemp
    with ThreadPoolExecutor(2) as pool:
        jobs = {page: pool.submit(in_a_copy, page, make("copy")) for page in COPY if page in wanted}
        jobs |= {page: pool.submit(in_an_empty_folder, page, make("alone")) for page in ALONE if page in wanted}
        if beside:
            jobs |= dict.fromkeys(beside, pool.submit(beside_a_demo, beside, make("demo")))
        yield jobs


@pytest.mark.parametrize("page", [*DEMO, *ALONE, *COPY])
def test_a_page_does_what_it_says(page: str, played: dict[str, Any]) -> None:
    wrong = played[page].result()[page]
    assert not wrong, "\n\n".join(wrong)


def test_every_page_with_something_to_type_is_run() -> None:
    typed = {page for page, found in BLOCKS.items() if any(block.language in ("sh", "python") for block in found)}
    assert typed == {*DEMO, *ALONE, *COPY}


# -- what is only shown --------------------------------------------------------------------------------------------


def every(language: str) -> list[Any]:
    found = [block for page in BLOCKS.values() for block in page if block.language == language]
    return [pytest.param(block, id=block.place) for block in found]


@pytest.mark.parametrize("block", every("toml"))
def test_settings_that_are_shown_are_settings(block: Block, tmp_path: Path) -> None:
    (tmp_path / "njia.toml").write_text(block.text)
    for channel in load(tmp_path, environment={}).channels.values():
        assert channel.adapter in discover.names() or channel.adapter.endswith("/acme")


@pytest.mark.parametrize("block", every("python"))
def test_code_that_is_shown_is_as_the_house_wants_it(block: Block) -> None:
    for words in (["check"], ["format", "--diff"]):
        command = [sys.executable, "-m", "ruff", *words, "--stdin-filename", block.path or "page.py", "-"]
        found = subprocess.run(command, cwd=ROOT, input=block.text, capture_output=True, text=True, check=False)
        assert found.returncode == 0, found.stdout


@pytest.mark.parametrize("block", every("yaml"))
def test_yaml_that_is_shown_can_be_read(block: Block) -> None:
    assert yaml.safe_load(block.text)


@pytest.mark.parametrize("block", every("yaml"))
def test_products_that_are_shown_are_products(block: Block) -> None:
    shown = block.path.startswith("products/")
    products, faults = load_products([SourceFile(block.path, block.text)] if shown else [], "KES")
    assert not faults
    assert bool(products) == shown


@pytest.mark.parametrize("page", TEXTS)
def test_links_lead_somewhere(page: str) -> None:
    here = (ROOT / page).parent
    for target in re.findall(r"\]\(([^)\s]+)\)", TEXTS[page]):
        path, _, anchor = target.partition("#")
        if path.startswith("https://"):
            continue
        file = here / path if path else ROOT / page
        assert file.exists(), target
        assert not anchor or anchor in anchors(file.read_text(encoding="utf-8")), target


def anchors(text: str) -> set[str]:
    """As the usual viewers make them of headings."""
    headings = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S), re.M)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_pictures_are_small_and_told_in_words() -> None:
    shown = re.findall(r"!\[([^]]*)\]\(([^)]+)\)", TEXTS["README.md"])
    assert shown
    for words, picture in shown:
        assert words
        assert (ROOT / picture).stat().st_size < 200_000


def posted(text: str) -> set[tuple[str, str]]:
    """What a text tells to post by curl, for whatever phone: what, and where."""
    lines = [re.sub(r"\+254\d+", "…", line) for line in text.splitlines() if "curl " in line and " -d " in line]
    found = [(re.search(r"-d '([^']+)'", line), re.search(r"(?:8384|URL)(/[\w/]+)", line)) for line in lines]
    return {(what[1], where[1]) for what, where in found if what and where}


def test_what_the_readme_tells_to_post_is_posted_by_a_page_that_is_run() -> None:
    run = posted("\n".join(block.text for page in DEMO for block in BLOCKS[page] if block.language == "sh"))
    shown = posted(TEXTS["README.md"])
    assert len(shown) == 5 and shown <= run


def test_the_conversation_of_the_readme_is_a_shipped_one() -> None:
    (block,) = [block for block in BLOCKS["README.md"] if block.path]
    assert block.text.partition("\n")[2] == (ROOT / block.path).read_text(encoding="utf-8")
