"""``njia flows test`` as an author uses it: a small home, its conversations, and what is said of them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from gateway.cli import njia
from gateway.home import definitions

FLOW = """flow: visit
words: en
starts: {menu: main, as: "Visit me", shortcut: 4}
who: client with PIN

steps:
  why:
    menu: "Why?"
    options: {loan: "A new loan", other: "Something else"}
  about:
    only if: why is other
    ask: "What is it?"
    answer: {type: number, min: 1, max: 9, required: no}
  which:
    choose: "Which one?"
    from: my.payable
    show: "{account.nickname}"
    none: nothing
    unavailable: down
  case:
    do: open case
    with: {kind: question}
    opened: told
    unavailable: down
  told: {end: "We will come. {case.number}"}
  nothing: {end: "Nothing."}
  down: {end: "Not now."}
"""
TOLD = """# A remark.
Akinyi, ussd, en
> *384*7*4#
Enter your Tumaini PIN
> (PIN)
Why?
1 A new loan
# in between
2 Something else
0 Back
> 1
"""
SHIPPED = (definitions() / "people.yaml").read_text(encoding="utf-8")
FEW = [re.search(rf"^  {name}:\n(?:    .*\n)+", SHIPPED, re.MULTILINE)[0] for name in ("Akinyi", "Zawadi")]  # type: ignore[index]
PAID = "> *384*7*1#\n> (PIN)\n> 1\n> 1\n> 1\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("NJIA_HOME", str(tmp_path))
    monkeypatch.setenv("NJIA_DEMO__ENABLED", "true")
    (tmp_path / "flows").mkdir()
    (tmp_path / "conversations/visit").mkdir(parents=True)
    text = '[institution]\nname = "Tumaini"\nlanguages = ["en"]\n[channels.ussd]\nadapter = "ussd/africastalking"\n'
    (tmp_path / "njia.toml").write_text(
        f'{text}service_codes = ["*384*7#"]\n[payments.wallet]\nadapter = "payments/simulated"\n'
    )
    (tmp_path / "people.yaml").write_text(
        "".join([SHIPPED.partition("people:\n")[0], "people:\n", *FEW]), encoding="utf-8"
    )
    return tmp_path


def say(home: Path, text: str, name: str = "one") -> Path:
    file = home / "conversations/visit" / f"{name}.txt"
    file.write_text(text)
    return file


def run(*given: str) -> Result:
    return CliRunner().invoke(njia, ["flows", "test", *given], catch_exceptions=False)


def as_json(*given: str) -> Any:
    return json.loads(run("--json", *given).stdout)


def test_a_difference_is_shown_as_two_screens_and_updated(home: Path) -> None:
    (home / "flows/visit.yaml").write_text(FLOW)
    file = say(home, TOLD.replace("Something else", "Anything else"))
    found = run()
    assert found.exit_code == 1
    assert "conversations/visit/one.txt, line 6: another screen came\n  after > (PIN)\n" in found.output
    assert "│ 2 Anything else                  │ ≠ │ 2 Something else                 │" in found.output
    assert "1 conversation played: 1 not as written." in found.output
    assert as_json()[0]["shown"][2] == "2 Something else"
    assert "1 of 1 conversation rewritten." in run("--update").output
    assert file.read_text() == f"{TOLD}Which one?\n1 Biashara\n2 Akiba\n0 Back\n"
    assert run().exit_code == 0
    assert "0 of 1 conversation rewritten." in run("visit", "--update").output


def test_files_and_folders_are_played_wherever_they_lie(home: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    (home / "flows/visit.yaml").write_text(FLOW)
    loose = tmp_path_factory.mktemp("loose") / "mine.txt"
    loose.write_text(TOLD)
    inside = say(home, TOLD)
    say(home, "Akinyi, ussd, en\n> *384*7#\nNo\n", "two")
    assert "1 conversation played: all as written." in run(str(loose)).output
    assert "1 conversation played: all as written." in run(str(inside)).output
    assert "3 conversations played: 1 not as written." in run(str(loose), str(home / "conversations")).output
    assert "1 of 1 conversation rewritten." in run(str(loose), "--update").output
    assert "2 Akiba" in loose.read_text() and inside.read_text() == TOLD


def test_what_nobody_visited_is_told_and_found(home: Path) -> None:
    (home / "flows/visit.yaml").write_text(FLOW)
    say(home, TOLD)
    offered = as_json("--coverage", "--explore")
    told = offered["coverage"]
    assert {(gap["step"], gap["how"]) for gap in told["gaps"]} == {
        ("why", "option other"),
        ("about", ""),
        ("which", "none"),
        ("which", "unavailable"),
        ("case", ""),
        ("told", ""),
        ("nothing", ""),
        ("down", ""),
    }
    assert (told["visited"], told["wanted"], told["unheard"]) == (3, 14, [])
    assert offered["missed"] == [] and 2 <= len(offered["found"]) <= 8
    assert [path.name for path in (home / "conversations/visit").iterdir()] == ["one.txt"]
    said = run("--coverage", "--explore", "--write").output
    assert '  flows/visit.yaml\n    line 7    why: "other" was never chosen\n' in said
    assert f"{len(offered['found'])} found, 0 not, in {offered['plays']} plays." in said
    for one in offered["found"]:  # the same files give the same conversations
        assert (home / one["file"]).read_text() == one["text"]
    told = as_json("--coverage")
    assert told["differences"] == told["coverage"]["gaps"] == []


def test_exploring_is_bounded_and_says_what_it_did_not_find(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.playing.exploring.ROUNDS", (1,))
    (home / "flows/visit.yaml").write_text(FLOW)
    found = run("visit", "--explore")
    assert "No way was found: visit, step " in found.output and "Write that conversation yourself." in found.output
    assert found.exit_code == 0
    assert list((home / "conversations/visit").iterdir()) == []


ASKED = "> *384*7*4#\n> (PIN)\n> 1\n"
HAPPENS = {
    "slow is not there in time": (f"@bank slow\n{ASKED}Not now.\n", None),
    "slow, and well again": (f"@bank slow\n@bank up\n{ASKED}Which one?\n1 Biashara\n2 Akiba\n0 Back\n", None),
    "down": (f"@bank down\n{ASKED}Not now.\n", None),
    "hung up": ("> *384*7*4#\n@hang up\n@redial\n> 4\nEnter your Tumaini PIN\n", None),
    "minutes": (f"{PAID}@wait 10 min\n@wallet paid SJK1\nsms: KES 1,500 received, ref SJK1. Thank you.\n", None),
    "staff": ("> *384*7#\n@staff hello\n", "This cannot be played yet. Take the line out."),
    "no such channel": ("whatsapp", "There is no channel for whatsapp that a conversation can be played on."),
}


def test_what_happens_outside(home: Path) -> None:
    (home / "flows/visit.yaml").write_text(FLOW)
    for name, (text, _) in HAPPENS.items():
        header, turns = ("ussd", text) if "\n" in text else (text, "> HELLO\n")
        say(home, f"Akinyi, {header}, en\n{turns}", name)
    shown = {Path(one["file"]).stem: " ".join(one["shown"]) for one in as_json()}
    assert shown == {name: told for name, (_, told) in HAPPENS.items() if told is not None}
    stuck = run("--json", str(home / "conversations/visit/staff.txt"), "--update")
    assert stuck.exit_code == 1 and json.loads(stuck.stdout)["rewritten"] == []
    assert (home / "conversations/visit/no such channel.txt").read_text() == "Akinyi, whatsapp, en\n> HELLO\n"


UNPLAYABLE = {  # each alone in its file -> the line, and what is said
    "nobody": ("Akiny, ussd, en\n> *384*7#\n", 1, 'There is no person "Akiny". Did you mean "Akinyi"?'),
    "no head": ("> *384*7#\nWelcome\n", 1, "The first line says who talks, on which channel and in which language."),
    "half a head": ("# One.\n\nAkinyi, ussd\n> *384*7#\n", 3, "The first line says who talks"),
    "another code": ("Akinyi, ussd, en\n> *999#\nWelcome\n", 2, "Nothing was dialled yet. The code here is *384*7#"),
    "no dial": ("Akinyi, ussd, en\n> 1\nWelcome\n", 2, "begin with > *384*7#"),
    "no call to end": ("Akinyi, ussd, en\n@hang up\n", 2, "Begin with > *384*7#"),
    "no PIN": ("Somebody, ussd, en\n> *384*7*4#\n> (PIN)\n", 3, "Somebody has no PIN in people.yaml."),
    "nothing": ("", 1, "Nothing is said here."),
}


def test_a_conversation_that_cannot_be_played_stops_no_other(home: Path) -> None:
    (home / "flows/visit.yaml").write_text(FLOW)
    say(home, "Akinyi, ussd, en\n> *384*7*4#\nEnter your Tumaini PIN\n", "well")
    for name, (text, _, _) in UNPLAYABLE.items():
        say(home, text, name)
    found = run()
    assert found.exit_code == 1
    for name, (_, line, _) in UNPLAYABLE.items():
        assert f"conversations/visit/{name}.txt, line {line}: this cannot be played\n" in found.output
    assert f"{len(UNPLAYABLE) + 1} conversations played: {len(UNPLAYABLE)} not as written." in found.output
    told = {Path(one["file"]).stem: (one["line"], " ".join(one["shown"])) for one in as_json()}
    assert told.keys() == UNPLAYABLE.keys()
    for name, (_, line, said) in UNPLAYABLE.items():
        assert told[name][0] == line and said in told[name][1]


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        (["visitt"], 2, 'There is no flow or file "visitt". Did you mean "visit"?'),
        (["--write"], 2, "--write belongs to --explore."),
        (["nowhere.txt"], 2, 'There is no flow or file "nowhere.txt".'),
    ],
)
def test_wrong_usage(home: Path, given: list[str], code: int, said: str) -> None:
    (home / "flows/visit.yaml").write_text(FLOW)
    found = run(*given)
    assert found.exit_code == code and said in found.output


def test_what_is_shipped_is_not_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NJIA_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    for given, said in ((["--update"], "is not rewritten"), (["--explore", "--write"], "is not added to")):
        found = CliRunner().invoke(njia, ["flows", "test", "about", *given])
        assert found.exit_code == 1 and said in found.output
