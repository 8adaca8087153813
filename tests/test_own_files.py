"""An institution is told of what it wrote itself, and not of the shipped files that it was laid over."""

from __future__ import annotations

from typing import Any

import pytest
from checking import laid_over

from flows.faults import Fault
from flows.loading import SourceFile
from gateway import publishing

FLOW = """flow: {name}
words: en
starts: {{menu: main, as: "{label}", shortcut: {shortcut}, keywords: [{keyword}]}}
who: client
steps:
  bye: {{end: "{says}"}}
"""
WORDS = 'starts.as: {from: "A visit", to: "Kutembelewa"}\n'


def flow(name: str, **given: object) -> SourceFile:
    usual = {"label": "A visit", "shortcut": 9, "keyword": "VISIT", "says": "We come."}
    return SourceFile(f"flows/{name}.yaml", FLOW.format(**{"name": name, **usual, **given}))


def told(*files: SourceFile, house: dict[str, Any] | None = None) -> list[Fault]:
    return publishing.check(laid_over(*files, house=house))[1]


def places(faults: list[Fault]) -> list[tuple[str, int, str]]:
    return [(fault.file, fault.line, fault.code) for fault in faults if fault.code != "words.missing_file"]


@pytest.mark.parametrize("name", ["aaa", "zzz"])  # before and after the shipped one by its name
@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        ({"shortcut": 2}, "starts.same_shortcut", 'belongs to "balance" (flows/balance.yaml, line 4)'),
        ({"keyword": "BAL"}, "starts.same_keyword", 'starts "balance" (flows/balance.yaml, line 4)'),
        ({"label": "Balance"}, "words.same_label", "the other is in flows/balance.yaml, line 4"),
        ({"label": "0 Visit"}, "words.reserved_key", "looks like the key 0"),
        ({"label": "visit " * 30}, "fit.option", "The menu that shows it is in flows/main.yaml, line 14"),
    ],
)
def test_a_clash_is_told_of_the_file_that_was_added(name: str, given: dict[str, Any], code: str, said: str) -> None:
    found = [fault for fault in told(flow(name, **given)) if fault.level == "error"]
    assert places(found) == [(f"flows/{name}.yaml", 3, code)]
    assert said in found[0].message


def test_a_menu_that_is_too_full_is_told_of_the_last_flow_that_was_added() -> None:
    more = [flow(f"own{n}", label=f"My flow {n}", shortcut=20 + n, keyword=f"OWN{n}") for n in range(12)]
    found = [fault for fault in told(*more) if fault.code.startswith("fit.")]
    assert {(fault.file, fault.code) for fault in found} == {
        ("flows/own11.yaml", "fit.screens"),
        ("flows/own11.yaml", "fit.rows"),
    }
    assert all("flows/main.yaml, line 14" in fault.message and '"own11"' in fault.fix for fault in found)


def test_one_misspelt_menu_is_one_finding() -> None:
    path = "flows/settings.yaml"
    text = laid_over().files[path].replace("lists: settings", "lists: setings")
    (fault,) = [fault for fault in told(SourceFile(path, text)) if fault.code != "words.missing_file"]
    assert (fault.file, fault.code, fault.fix) == (path, "menu.no_flows", 'Did you mean "settings"?')


def test_words_that_are_shipped_with_a_flow_that_is_not_any_more() -> None:
    own = flow("about", label="About us", shortcut=4, keyword="ABOUT")
    (fault,) = [fault for fault in told(own) if fault.code.startswith("words.")]
    assert (fault.file, fault.line, fault.level, fault.code) == (
        "messages/sw/about.yaml", 1, "warning", "words.of_shipped",
    )  # fmt: skip
    assert "They do not fit at: bye." in fault.message
    entry = '{from: "About us", to: "Kuhusu sisi"}'
    words = SourceFile("messages/sw/about.yaml", f'starts.as: {entry}\nbye: {{from: "We come.", to: "Tunakuja."}}\n')
    assert [fault for fault in told(own, words) if fault.code.startswith("words.")] == []


def test_an_entry_that_is_missing_is_given_whole() -> None:
    says = 'Come in.\\nThe \\"door\\" is open: a \\\\ is no key.' + " We are here." * 8
    own = flow("visit", says=says)
    found = [fault for fault in told(own, SourceFile("messages/sw/visit.yaml", WORDS)) if fault.code == "words.missing"]
    assert [fault.message for fault in found] == ['"bye" has no words here (translate flows/visit.yaml, line 6).']
    entry = found[0].fix.partition("are shown: ")[2]
    whole = SourceFile("messages/sw/visit.yaml", f"{WORDS}{entry.replace('…', 'Karibu.')}\n")
    assert [fault for fault in told(own, whole) if fault.code.startswith("words.")] == []
    stale = SourceFile("messages/sw/visit.yaml", f'{WORDS}bye: {{from: "Old.", to: "Karibu."}}\n')
    (fault,) = [fault for fault in told(own, stale) if fault.code.startswith("words.")]
    now = stale.text.replace('from: "Old."', "from: " + fault.fix.partition("from: ")[2])
    assert [one for one in told(own, SourceFile(stale.path, now)) if one.code.startswith("words.")] == []


@pytest.mark.parametrize("path", ["messages/fr/visit.yaml", "messages/fr/system.yaml"])
def test_words_in_a_language_that_nobody_is_spoken_to_in(path: str) -> None:
    words = SourceFile(path, 'back: "Retour"\n' if "system" in path else WORDS)
    found = told(flow("visit"), words)
    assert places(found) == [(path, 1, "words.unknown_language")]
    assert 'languages = ["en", "sw", "fr"]' in found[0].fix
    assert ("words.unknown_language",) not in {(one.code,) for one in told(house={"languages": ["en"]})}


def test_what_is_wrong_with_a_translation_is_told_in_its_own_file() -> None:
    words = SourceFile(
        "messages/sw/visit.yaml", f'{WORDS}bye:\n  from: "We come."\n  to: "{"Tunakuja kesho kutwa. " * 8}аа"\n'
    )
    found = [fault for fault in told(flow("visit"), words) if fault.language == "sw" and fault.code != "fit.button"]
    assert {fault.code for fault in found} >= {"fit.letter"}
    assert {(fault.file, fault.line) for fault in found} == {("messages/sw/visit.yaml", 4)}
    assert all("(Translated from flows/visit.yaml, line 6.)" in fault.message for fault in found)


def test_what_is_not_set_is_told_once_and_of_the_own_flow_first() -> None:
    house = {"phone": "", "languages": ["en"]}
    found = [fault for fault in told(house=house) if fault.code == "meaning.not_set"]
    assert found == []  # of what is shipped alone
    own = flow("visit", says="Call {institution.phone}")
    (fault,) = [fault for fault in told(own, house=house) if fault.code == "meaning.not_set"]
    assert (fault.file, fault.line, fault.step) == ("flows/visit.yaml", 6, "bye")
    assert "and 10 more" in fault.message and "bye_else: {end:" in fault.fix
