"""An institution's home over what is shipped, as its author finds it: changed, switched off, with words of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from flows.faults import Fault
from gateway.cli import njia
from gateway.home import Home, templates
from gateway.institution import institution
from gateway.publishing import Definitions, gather, read
from gateway.settings import load


def run(*words: str, **options: Any) -> Result:
    return CliRunner().invoke(njia, words, prog_name="njia", **options)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    assert run("init", str(tmp_path / "home"), "--languages", "en,sw", "--phone", "0700000100").exit_code == 0
    return tmp_path / "home"


def put(home: Path, path: str, text: str) -> None:
    (home / path).parent.mkdir(parents=True, exist_ok=True)
    (home / path).write_text(text, encoding="utf-8")


def loaded(home: Path) -> Definitions:
    settings = load(home, environment={})
    return read(gather(Home(settings.home), institution(settings)))


def said(faults: list[Fault]) -> list[str]:
    return [f"{one.file}, line {one.line}: {one.code}: {one.message} {one.fix}" for one in faults]


def off(home: Path, *flows: str) -> list[str]:
    for flow in flows:
        put(home, f"flows/{flow}.yaml", f"flow: {flow}\noff: yes\n")
    return said(loaded(home).faults)


# -- a flow that is switched off --------------------------------------------------------------------------------------


def test_a_shipped_flow_is_switched_off(home: Path) -> None:
    before = loaded(home).release
    assert off(home, "withdraw", "feedback", "loan_feedback", "repay", "last_payment") == []
    after = loaded(home).release
    assert before and after
    assert set(before.flows) - set(after.flows) == {
        "withdraw",
        "feedback",
        "loan_feedback",
        "repay",
        "last_payment",
    }
    assert [flow.name for flow in after.menus["requests"]] == ["my_requests", "complaint", "dispute", "ask_loan"]
    assert "1" not in after.shortcuts
    assert before.hash != after.hash


def test_what_else_stands_in_a_flow_that_is_off_may_stay_there(home: Path) -> None:
    text = (home / "flows/visit.yaml").read_text()
    put(home, "flows/visit.yaml", text.replace("flow: visit\n", "flow: visit\noff: yes   # not before March\n"))
    found = loaded(home)
    assert found.release and "visit" not in found.release.flows
    assert found.faults == []
    put(home, "flows/visit.yaml", text.replace("flow: visit\n", "flow: visit\noff: no\n"))
    assert (again := loaded(home).release) and "visit" in again.flows


OFF = {
    "call_me": [
        "flows/call_me.yaml, line 2: flow.needed: This flow cannot be switched off, as others lead to it: balance, "
        "feedback, loan_feedback, statement. Change these so that they do without it, or switch them off too; else "
        'take "off" away.'
    ],
    "language": [
        "flows/language.yaml, line 2: flow.needed: This flow cannot be switched off, as others lead to it: main. "
        'Change these so that they do without it, or switch them off too; else take "off" away.'
    ],
    "main": [
        "flows/main.yaml, line 2: flow.needed: This flow cannot be switched off, as every call begins with it. Change "
        'it as you like, and take "off" away.'
    ],
}


@pytest.mark.parametrize("flow", OFF)
def test_a_flow_that_others_need_is_not_switched_off(home: Path, flow: str) -> None:
    """(``call_me`` because of ``{shortcut.call_me}``, ``language`` because main runs it.)"""
    assert off(home, flow) == OFF[flow]


def test_flows_that_lose_their_menu_say_how_to_follow_it(home: Path) -> None:
    assert off(home, "requests", "feedback")[0] == (
        'flows/ask_loan.yaml, line 4: starts.menu_off: "requests", which shows the menu that this flow starts from, is '
        'switched off. Switch this one off too: flows/ask_loan.yaml with the lines "flow: ask_loan" and "off: yes".'
    )
    assert off(home, "ask_loan", "complaint", "dispute", "my_requests", "withdraw") == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("flow: withdraw\noff: maybe\n", 'line 2: value.unknown: "maybe" is not a value of "off".'),
        ("flow: withdrow\noff: yes\n", 'line 1: flow.name: This flow is called "withdrow", and its file "withdraw".'),
        ("flow: withdraw\noff: yes\nwhy: later\n", 'line 3: header.unknown_key: "why" is not a key of the header.'),
        ('flow: withdraw\noff: "yes"\n', "line 2: quotes.not_for_clients: Only what a client reads stands in double"),
    ],
)
def test_a_slip_in_it_is_told(home: Path, text: str, says: str) -> None:
    put(home, "flows/withdraw.yaml", text)
    assert any(f"flows/withdraw.yaml, {says}" in one for one in said(loaded(home).faults))


def test_switching_off_what_is_not_there_is_told(home: Path) -> None:
    put(home, "flows/widthraw.yaml", "flow: widthraw\noff: yes\n")
    told = run("--home", str(home), "flows", "check")
    assert told.exit_code == 0
    assert 'This switches nothing off: no flow "widthraw" is shipped.\n    Did you mean "withdraw"?' in told.output


# -- what is changed --------------------------------------------------------------------------------------------------


def test_a_shipped_flow_is_copied_and_changed(home: Path) -> None:
    first = run("--home", str(home), "flows", "copy", "last_payment")
    assert first.output.splitlines() == [
        f"written: {home}/flows/last_payment.yaml",
        f"written: {home}/messages/sw/last_payment.yaml",
    ]
    assert loaded(home).faults == []
    text = (home / "flows/last_payment.yaml").read_text()
    put(home, "flows/last_payment.yaml", text.replace('as: "Last payment"', 'as: "My last payment"'))
    found = loaded(home)
    assert found.release
    label = found.release.flows["last_payment"].starts.label
    assert label and label.source == "My last payment"
    (stale,) = said(found.faults)
    assert stale.startswith("messages/sw/last_payment.yaml, line ") and "words.of_shipped" in stale
    words = home / "messages/sw/last_payment.yaml"
    words.write_text(words.read_text().replace('to: "Malipo ya mwisho"', 'to: "Malipo yangu ya mwisho"'))
    (stale,) = said(loaded(home).faults)
    assert "words.stale" in stale and 'from: "My last payment"' in stale
    assert "kept" in run("--home", str(home), "flows", "copy", "last_payment").output
    assert "My last payment" in (home / "flows/last_payment.yaml").read_text()


def test_only_what_is_shipped_can_be_copied(home: Path) -> None:
    told = run("--home", str(home), "flows", "copy", "balanse")
    assert told.exit_code == 2
    assert 'No flow "balanse" is shipped. Did you mean "balance"?' in told.output


def test_one_text_of_the_shipped_words_is_changed(home: Path) -> None:
    """The file is the institution's from then on; everything else in it stays as it was."""
    run("--home", str(home), "flows", "copy", "language")
    file = home / "messages/sw/language.yaml"
    before = loaded(home).release
    put(home, "messages/sw/language.yaml", file.read_text().replace('to: "Lugha', 'to: "Badili lugha'))
    after = loaded(home)
    assert before and after.release and after.faults == []
    assert after.release.words.render("sw", "language", "starts.as", {}) == "Badili lugha"
    (home / "flows/language.yaml").unlink()  # the flow is not changed: its words are the institution's all the same
    assert loaded(home).faults == []


def test_words_that_a_file_of_ones_own_leaves_out_are_told(home: Path) -> None:
    put(home, "messages/sw/call_me.yaml", 'starts.as: {from: "Call me", to: "Nipigieni"}\n')
    found = loaded(home)
    assert found.release
    assert found.release.words.render("sw", "call_me", "starts.as", {}) == "Nipigieni"
    assert found.release.words.render("sw", "call_me", "sure.yes", {}) == "Yes, call me"
    assert {(fault.level, fault.code, fault.file) for fault in found.faults} == {
        ("warning", "words.missing", "messages/sw/call_me.yaml")
    }


def test_the_engine_s_own_words_are_changed(home: Path) -> None:
    told = run("--home", str(home), "flows", "copy", "system").output.splitlines()
    assert told == [f"written: {home}/messages/{one}/system.yaml" for one in ("en", "sw")]
    assert (home / "messages/en/system.yaml").read_text() == (templates() / "messages/en/system.yaml").read_text()
    put(home, "messages/en/system.yaml", (home / "messages/en/system.yaml").read_text().replace('"Back"', '"Go back"'))
    found = loaded(home)
    assert found.faults == [] and found.release
    assert found.release.words.render("en", "", "back", {}) == "Go back"


def test_products_and_fields_of_ones_own_stand_beside_the_shipped_ones(home: Path) -> None:
    put(home, "products/biashara.yaml", 'product: biashara\nlabel: "Trade loan"\nmade of:\n  savings:\n')
    found = loaded(home)
    assert found.release
    assert found.release.products["biashara"].label == "Trade loan"
    assert {"school", "akiba", "biashara"} <= set(found.release.products)
    put(home, "fields/loan.yaml", 'loan.ease: {type: rating, min: 1, max: 5, label: "Ease"}\n')
    codes = {fault.code for fault in loaded(home).faults}
    assert codes == {"saves.unknown_field"}  # a file takes the place of the shipped one: all that it had is gone
