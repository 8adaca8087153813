"""``njia flows publish --to | stage | rollback`` as they are typed, on a home of their own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from gateway.cli import njia

STAFF = "+254700000100"


@dataclass
class Home:
    folder: Path

    def run(self, *words: str, exits: int = 0) -> str:
        done = CliRunner().invoke(njia, ["--home", str(self.folder), *words], catch_exceptions=False)
        assert done.exit_code == exits, done.output
        return done.output

    def publish(self, *words: str, exits: int = 0) -> str:
        return self.run("flows", "publish", "--why", "A test", "--accept-warnings", *words, exits=exits)

    def stage(self, *words: str, exits: int = 0) -> str:
        return self.run("flows", "stage", *words, exits=exits)

    def staged(self) -> Any:
        return json.loads(self.stage("--json"))["staged"]

    def change(self, before: str, after: str) -> None:
        path = self.folder / "njia.toml"
        assert before in path.read_text()
        path.write_text(path.read_text().replace(before, after, 1))


@pytest.fixture
def home(tmp_path: Path, sqlite_url: str, valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> Home:
    """Its first release is published, and what lies there by now is another."""
    monkeypatch.setenv("NJIA_DATABASE__URL", sqlite_url)
    monkeypatch.setenv("NJIA_REDIS__URL", valkey_url)
    made = Home(tmp_path / "jamii")
    monkeypatch.setenv("NJIA_HOME", str(made.folder))  # what --home writes there is taken back with it
    made.folder.mkdir()
    made.run("init", str(made.folder))
    made.run("db", "upgrade", "--yes")
    made.publish()
    made.change('short_name = ""', 'short_name = "New"')
    return made


def test_to_the_staff_then_to_some_then_to_all(home: Home) -> None:
    assert home.stage().startswith("Nothing is staged: all clients begin on release 1 (")
    home.change("# staff_numbers = []", f'staff_numbers = ["{STAFF}"]')
    said = home.publish("--to", "staff")
    assert "What changes from release 1" in said and "Staged release 2 (" in said
    assert "): 1 number of the staff begin on it, the others on release 1 (" in said
    assert (home.staged()["percent"], home.staged()["numbers"], home.staged()["why"]) == (0, [STAFF], "A test")
    said = home.stage("--to", "10%", "--why", "Two quiet days")
    assert "10% of the clients and 1 number of the staff begin on it" in said
    assert (
        "by " in home.stage() and ": Two quiet days\n" in home.stage() and "0 conversations inside it." in home.stage()
    )
    assert "Published release 2 (" in home.stage("--to", "all")
    assert home.staged() is None
    history = json.loads(home.run("flows", "releases", "--json"))
    assert [(one["number"], one["why"], one["current"]) for one in history] == [
        (2, "Two quiet days", True), (1, "A test", False),
    ]  # fmt: skip


def test_raising_the_share_takes_the_same_release_whatever_lies_in_the_home(home: Home) -> None:
    home.publish("--to", "0.5%")
    before = home.staged()
    home.change('short_name = "New"', 'short_name = "Newer"')
    home.stage("--to", "50%")
    assert home.staged()["release"] == before["release"]
    assert "It takes the place of release 2 (" in home.publish("--to", "50%")
    assert home.staged()["number"] == 3


def test_it_is_withdrawn_by_stop_by_a_roll_back_and_by_publishing_what_is_current(home: Home) -> None:
    for words in (("stage", "--stop", "--why", "It is wrong"), ("rollback", "--why", "It is wrong")):
        home.publish("--to", "10%", "--numbers", "0700000100, +254 700 000 200")
        assert home.staged()["numbers"] == [STAFF, "+254700000200"]
        assert "Withdrew release 2 (" in home.run("flows", *words)
        assert home.staged() is None
    home.publish("--to", "10%")
    home.change('short_name = "New"', 'short_name = ""')
    assert "Withdrew release 2 (" in home.publish()
    assert "is current already" in home.publish()
    assert json.loads(home.run("flows", "releases", "--json"))[0]["number"] == 1


def test_published_to_all_something_else_ends_the_stage(home: Home) -> None:
    home.publish("--to", "10%")
    home.change('short_name = "New"', 'short_name = "Newer"')
    assert "Published release 3 (" in home.publish()
    assert home.staged() is None


def test_numbers_that_are_not_said_again_stay(home: Home) -> None:
    home.publish("--to", "staff", "--numbers", STAFF)
    home.stage("--to", "10%")
    assert home.staged()["numbers"] == [STAFF]
    home.stage("--to", "20%", "--numbers", "+254700000200")
    assert (home.staged()["numbers"], home.staged()["percent"]) == (["+254700000200"], 20.0)


def test_the_bank_goes_by_the_products_that_all_begin_on(home: Home) -> None:
    (home.folder / "products" / "akiba.yaml").write_text(
        "product: akiba\ncalled: {en: Savings}\nfeatures: {savings: {}}\n"
    )
    said = home.publish("--to", "10%", exits=1)
    assert "Nothing was published" in said, "a product that cannot be read is not staged"
    shipped = (Path(__file__).parent.parent / "flows" / "definitions" / "products" / "akiba.yaml").read_text()
    (home.folder / "products" / "akiba.yaml").write_text(f"# Changed\n{shipped}")
    assert "Balances and schedules stay as in release 1 (" in home.publish("--to", "10%")


WRONG = {
    "a number without %": (("--to", "10"), 2, "Did you mean 10%?"),
    "nobody": (("--to", "0%"), 2, "njia flows stage --stop withdraws"),
    "everybody": (("--to", "100%"), 2, "--to all is for all clients."),
    "more": (("--to", "250%"), 2, "is no share of the clients"),
    "too fine": (("--to", "0.001%"), 2, "write all, staff, or a share"),
    "a word": (("--to", "friends"), 2, "write all, staff, or a share"),
    "numbers for all": (("--to", "all", "--numbers", STAFF), 2, "whatever their number"),
    "no telephone number": (("--to", "staff", "--numbers", "12"), 2, "cannot be used"),
    "no staff": (("--to", "staff"), 1, "There are no numbers of the staff."),
}


@pytest.mark.parametrize("kind", WRONG)
def test_what_cannot_be_staged_is_told_before_anything_is_proved(
    home: Home, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    words, exits, said = WRONG[kind]

    def fail(*_: object) -> None:
        raise AssertionError("somebody waits for nothing")

    monkeypatch.setattr("gateway.cli.flows.findings", fail)
    assert said in home.publish(*words, exits=exits)
    assert home.staged() is None


def test_words_that_do_not_go_together(home: Home) -> None:
    assert "Choose one of them" in home.stage("--stop", "--to", "10%", exits=2)
    assert "--numbers goes with --to" in home.stage("--numbers", STAFF, exits=2)
    assert "--why goes with" in home.stage("--why", "x", exits=2)
    assert "Nothing is staged" in home.stage("--stop", exits=1)
    assert "Nothing is staged" in home.stage("--to", "10%", exits=1)
    home.change('short_name = "New"', 'short_name = ""')
    assert "there is nothing to stage" in home.publish("--to", "10%", exits=1)


def test_before_the_first_release_nothing_is_staged(home: Home, postgres_url: str, monkeypatch: Any) -> None:
    monkeypatch.setenv("NJIA_DATABASE__URL", postgres_url)
    home.run("db", "upgrade", "--yes")
    assert home.stage() == "Nothing is published yet.\n"
    assert "Publish to all first" in home.publish("--to", "10%", exits=1)


def test_settings_name_numbers_in_international_form(home: Home) -> None:
    home.change("# staff_numbers = []", 'staff_numbers = ["0700000100"]')
    with pytest.raises(Exception, match=r"staff_numbers: must be numbers in international form: \+254700000001"):
        home.run("flows", "stage")
