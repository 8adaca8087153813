"""``njia staff``: who may log in, from the terminal."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli import njia
from gateway.record.desk.accounts import LAST
from gateway.record.desk.staff import FEWEST

Typed = Callable[..., Result]


@pytest.fixture
def run(database_url: str, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Typed:
    monkeypatch.setenv("NJIA_DATABASE__URL", database_url)
    monkeypatch.setenv("NJIA_REDIS__URL", valkey_url)
    monkeypatch.setenv("NJIA_DATA", str(tmp_path))

    def typed(*words: str, given: str = "") -> Result:
        return CliRunner().invoke(njia, ["staff", *words], input=given, catch_exceptions=True)

    return typed


AMINA = ("amina@jamii.example", "--name", "Amina Yusuf", "--role", "agent")


def test_from_the_first_day_to_the_last(run: Typed) -> None:
    assert "Nobody can log in yet" in run("list").output
    made = json.loads(run("add", *AMINA, "--json").output)
    assert len(made["password"]) >= FEWEST
    assert "amina@jamii.example  agent  Amina Yusuf" in run("list").output
    changed = json.loads(run("password", "AMINA@jamii.example", "--json").output)
    assert changed["password"] != made["password"]
    assert "cannot log in any more" in run("disable", AMINA[0]).output
    assert "disabled" in run("list").output
    assert "can log in again" in run("enable", AMINA[0]).output
    (listed,) = json.loads(run("list", "--json").output)
    assert listed == {"email": AMINA[0], "name": "Amina Yusuf", "role": "agent", "ref": "", "disabled": False}


WRONG = [
    (("add", "amina", *AMINA[1:]), "", "An e-mail address looks like"),
    (("add", f"{'a' * 80}@b.c", *AMINA[1:]), "", "An e-mail address looks like"),
    (("add", AMINA[0], "--name", " ", "--role", "agent"), "", "Give the name of the person"),
    (("add", *AMINA, "--type"), "short\n", "A password needs 12 characters or more"),
    (("add", *AMINA, "--type"), "amina-amina-amina\n", "This password is too easy to guess."),
    (("disable", "nobody@jamii.example"), "", "Nobody has a log-in as nobody@jamii.example."),
    (("password", "nobody@jamii.example"), "", "Nobody has a log-in as nobody@jamii.example."),
]


def test_what_is_refused_and_why(run: Typed) -> None:
    for words, given, says in WRONG:
        got = run(*words, given=given)
        assert got.exit_code != 0
        assert says in got.output + str(got.exception)
    assert run("add", *AMINA, "--type", given="quiet river at dawn\n").exit_code == 0
    got = run("add", *AMINA)
    assert "amina@jamii.example has a log-in already." in got.output + str(got.exception)
    assert "Password:" not in got.output


def test_the_last_administrator_stays(run: Typed) -> None:
    grace = ("grace@jamii.example", "--name", "Grace", "--role", "admin")
    run("add", *grace)
    got = run("disable", grace[0])
    assert (got.exit_code, str(got.exception)) == (1, LAST)
    run("add", "joy@jamii.example", "--name", "Joy", "--role", "admin")
    assert "cannot log in any more" in run("disable", grace[0]).output


def test_a_link_to_nobody_is_refused(run: Typed) -> None:
    got = run("add", *AMINA, "--ref", "E-1")
    assert (got.exit_code, "The record has no E-1." in str(got.exception)) == (1, True)
