"""``njia flows publish | rollback | releases | diff | inside`` as their user types them, on a home of their own."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gateway.cli import njia, proving
from gateway.embedded.attachment import attach
from gateway.embedded.valkey import Limits
from gateway.record import migrations
from gateway.settings import load

SETTINGS = """\
[institution]
name = "Tumaini"
languages = ["en"]
phone = "+254700000100"

[channels.ussd]
adapter = "ussd/africastalking"
service_codes = ["*384*7#"]
"""
VISIT = """\
flow: visit
words: en
starts: {menu: main, as: "Ask for a visit", shortcut: 14}
who: client

steps:
  why:
    menu: "Why shall we visit you?"
    options: {loan: "A new loan", other: "Something else"}
  bye: {end: "We will come."}
"""
TALK = """\
Akinyi, ussd, en
> *384*7*14#
Why shall we visit you?
1 A new loan
2 Something else
0 Back
> 1
We will come.
"""
WARNS = VISIT.replace(
    "We will come.", "We will come, and we will come soon, and we will bring all the papers that you need."
)


class Home:
    """An institution's folder, and the commands that are typed in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.write("njia.toml", SETTINGS)
        self.write("flows/visit.yaml", VISIT)
        self.write("conversations/visit/loan.txt", TALK)

    def write(self, path: str, text: str) -> None:
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_text(text)

    def flows(self, *words: str, typed: str | None = None) -> Result:
        return CliRunner().invoke(njia, ["flows", *words], prog_name="njia", input=typed)

    def json(self, *words: str) -> Any:
        return json.loads(self.flows(*words, "--json").stdout)

    def numbers(self) -> list[int]:
        return [one["number"] for one in self.json("releases")]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """Its stores are there, as when it is served."""
    monkeypatch.setenv("NJIA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("NJIA_DATA", str(tmp_path / "home" / "data"))
    made = Home(tmp_path / "home")
    settings = load(tmp_path / "home")
    settings.data.mkdir()
    asyncio.run(migrations.upgrade(settings.database_url()))
    attachment = attach(settings.data, Limits())
    yield made
    attachment.close()


def says(result: Result, *parts: str) -> None:
    assert not result.exception or isinstance(result.exception, SystemExit), result.exception
    for part in parts:
        assert part in result.output, result.output


def test_a_release_has_a_number_who_when_and_why(home: Home) -> None:
    says(home.flows("publish", "--why", "The first"), "1 conversation played: all as written.", "Published release 1 (")
    home.write("flows/visit.yaml", VISIT.replace("We will come.", "We come."))
    home.write("conversations/visit/loan.txt", TALK.replace("We will come.", "We come."))
    says(home.flows("publish", "--why", "Shorter"), 'step bye, English: "We will come." → "We come."', "release 2 (")
    says(home.flows("publish", "--why", "Again"), "is current already; nothing changed.")
    says(home.flows("rollback", "--why", "They liked it"), '"We come." → "We will come."', "Published release 1 (")
    history = home.json("releases")
    assert [(one["number"], one["why"], one["current"]) for one in history] == [
        (1, "They liked it", True), (2, "Shorter", False), (1, "The first", False),
    ]  # fmt: skip
    assert [one["played"] for one in history] == [None, 1, 1]
    assert history[0]["release"] == history[2]["release"]
    says(home.flows("releases"), "current  They liked it", "          Shorter")
    says(home.flows("rollback", "2", "--yes"), "Published release 2 (")
    says(home.flows("rollback", history[0]["release"][:6], "--yes"), "Published release 1 (")
    assert home.numbers() == [1, 2, 1, 2, 1]


def test_somebody_must_say_why(home: Home) -> None:
    result = home.flows("publish")
    assert result.exit_code == 2
    says(result, "Say why with --why")
    (home.folder / "conversations/visit/loan.txt").unlink()
    assert home.flows("publish", "--yes").exit_code == 0
    assert home.json("releases")[0]["why"] == ""


def test_errors_are_told_as_the_check_tells_them_and_publish_nothing(home: Home) -> None:
    home.write("flows/visit.yaml", VISIT.replace("  bye:", "  bye: {end: }\n  lost:"))
    result = home.flows("publish", "--why", "Broken", "--accept-warnings")
    assert result.exit_code == 1
    says(result, home.flows("check").output.strip(), "Nothing was published: 1 error.")
    told = home.flows("publish", "--json", "--why", "Broken")
    assert told.exit_code == 1
    found = json.loads(told.stdout)
    assert found["published"] is False and found["findings"] == home.json("check")
    assert home.json("releases") == []


def test_a_warning_needs_a_tick_that_is_kept(home: Home) -> None:
    home.write("flows/visit.yaml", WARNS)
    home.write("conversations/visit/loan.txt", TALK.replace("We will come.", "…"))
    result = home.flows("publish", "--why", "Longer")
    assert result.exit_code == 1
    says(result, "line 10, step bye", "Nothing was published: 1 warning not accepted.", "--accept-warnings")
    assert home.json("releases") == []
    says(home.flows("publish", "--why", "Longer", "--accept-warnings"), "with 1 accepted warning.")
    (one,) = home.json("releases")
    assert one["accepted"] == home.json("check")


@pytest.mark.parametrize(("typed", "published"), [("y\nLonger\ny\n", True), ("n\n", False), ("y\nLonger\nn\n", False)])
def test_at_a_terminal_everything_is_asked(
    home: Home, monkeypatch: pytest.MonkeyPatch, typed: str, published: bool
) -> None:
    monkeypatch.setattr(proving, "asks", lambda: True)
    home.write("flows/visit.yaml", WARNS)
    home.write("conversations/visit/loan.txt", TALK.replace("We will come.", "…"))
    result = home.flows("publish", typed=typed)
    assert result.exit_code == (0 if published else 1)
    says(result, "Publish with 1 such warning?")
    assert [one["why"] for one in home.json("releases")] == (["Longer"] if published else [])


def test_another_screen_publishes_nothing(home: Home) -> None:
    assert home.flows("publish", "--why", "The first").exit_code == 0
    home.write("flows/visit.yaml", VISIT.replace("A new loan", "I want a loan"))
    result = home.flows("publish", "--why", "Clearer")
    assert result.exit_code == 1
    says(result, "loan.txt, line 3: another screen came", "│ 1 I want a loan", "1 of 1 conversation not as written")
    told = json.loads(home.flows("publish", "--why", "Clearer", "--json").stdout)
    assert told["published"] is False
    assert [one["file"] for one in told["differences"]] == ["conversations/visit/loan.txt"]
    assert home.numbers() == [1]
    assert home.flows("test", "--update").exit_code == 0
    says(home.flows("publish", "--why", "Clearer"), "Published release 2")


def test_what_was_played_on_the_same_files_is_not_played_again_and_says_so(home: Home) -> None:
    says(home.flows("test"), "1 conversation played: all as written.")
    says(home.flows("publish", "--why", "The first"), "all as written when these same files were played before.")
    assert home.json("releases")[0]["played"] == 1
    home.write("flows/visit.yaml", VISIT.replace("We will come.", "We come."))
    assert home.flows("publish", "--why", "Shorter").exit_code == 1
    home.write("conversations/visit/loan.txt", TALK.replace("We will come.", "We come."))
    says(home.flows("publish", "--why", "Shorter"), "1 conversation played")


def test_a_home_without_conversations_is_told(home: Home) -> None:
    (home.folder / "conversations/visit/loan.txt").unlink()
    says(home.flows("publish", "--why", "The first"), "No conversation of your own was played", "Published release 1")


def test_the_home_that_was_changed_while_it_was_played_is_not_published(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proving, "_lies_there_now", lambda _: "another")
    result = home.flows("publish", "--why", "The first")
    assert result.exit_code == 1
    says(result, "the home was changed in the meantime")
    assert home.json("releases") == []


@pytest.mark.parametrize(
    ("words", "says_"),
    [
        ("diff 9", "There is no release 9."),
        ("rollback 9 --yes", "There is no release 9."),
        ("rollback --yes", "There is no earlier release."),
        ("rollback 1 --yes", "is current already; nothing changed."),
    ],
)
def test_what_is_not_there_is_told(home: Home, words: str, says_: str) -> None:
    (home.folder / "conversations/visit/loan.txt").unlink()
    home.flows("publish", "--yes")
    says(home.flows(*words.split()), says_)
    assert home.numbers() == [1]


def test_differences_between_releases_and_the_home(home: Home) -> None:
    (home.folder / "conversations/visit/loan.txt").unlink()
    says(home.flows("diff"), "Nothing is published yet.")
    home.flows("publish", "--yes")
    says(home.flows("diff"), "to the home as it is now:", "Nothing differs.")
    home.write("flows/visit.yaml", VISIT.replace("shortcut: 14", "shortcut: 15"))
    said = "key in the menu main: 14 → 15. Who dials *384*7*14# by heart reaches nothing"
    says(home.flows("diff"), "From release 1 (", "flow visit\n", said)
    assert said in [one["said"] for one in home.json("diff")]
    says(home.flows("publish", "--yes"), said)
    assert home.json("diff") == []
    says(home.flows("diff", "1", "2"), "From release 1 (", "to release 2 (", "14 → 15")
    says(home.flows("diff", "2", "1"), "15 → 14")
    home.write("flows/visit.yaml", "flow: visit\n")
    result = home.flows("diff")
    assert result.exit_code == 1
    says(result, "The home cannot be read as it is now. njia flows check says why.")


def test_without_a_home_there_is_nothing_to_publish(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NJIA_HOME", "")
    monkeypatch.chdir(home.folder.parent)
    result = home.flows("publish", "--yes")
    assert result.exit_code == 1
    says(result, "There is no home here to publish. Name your institution's folder with --home.")


def test_nobody_is_inside(home: Home) -> None:
    says(home.flows("inside"), "Nobody is inside a conversation.")
    assert home.json("inside") == {"approximate": True, "whole": True, "inside": []}
