"""``njia flows words``: what is left to do in a language, the file for a translator, and what comes back in it."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import zipfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner, Result

from gateway.cli import njia
from gateway.home import Home, templates
from gateway.institution import institution
from gateway.publishing import gather
from gateway.settings import load
from gateway.wording import applying
from gateway.wording.entries import read_wording
from gateway.wording.sheet import as_cell, row

HEAD = ["flow", "key", "state", "source", "old source", "present sw", "new sw", "limit", "notes"]
FLOW = """\
flow: visit
words: en
who: anyone
starts: {menu: main, as: "Visit us"}

steps:
  hello: {say: "Welcome to {institution}."}
  which:
    menu: "Which office?"
    options: {town: "Town", lake: "The lake"}
  bye: {end: "See you there."}
"""
WORDS = """\
# ours
starts.as: {from: "Visit us", to: "Tutembelee", reviewed: {by: Wanjiru, on: 2026-01-31}}
hello:
  from: "Welcome."  # before June
  to: "Karibu."
which: {from: "Which office?", to: "Ofisi ipi?"}
which.town: {from: "Town", to: "Mjini"}

# the end
bye: {from: "See you there.", to: "Tutaonana."}
"""
STATES = {"starts.as": "good", "hello": "stale", "which": "unreviewed", "which.town": "unreviewed",
          "which.lake": "missing", "bye": "unreviewed"}  # fmt: skip
SETTINGS = '[institution]\nname = "Jamii MFI"\nlanguages = ["en", "sw"]\n'


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An institution with one flow of its own and most of its words in Swahili."""
    for name in ("NJIA_HOME", "NJIA_DATA"):
        monkeypatch.setenv(name, "")
    here = tmp_path / "home"
    for path, text in {"njia.toml": SETTINGS, "flows/visit.yaml": FLOW, "messages/sw/visit.yaml": WORDS}.items():
        (here / path).parent.mkdir(parents=True, exist_ok=True)
        (here / path).write_text(text)
    monkeypatch.chdir(here)
    return here


def words(*given: str) -> Result:
    result = CliRunner().invoke(njia, ["flows", "words", *given], prog_name="njia")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def listed(language: str, *more: str) -> dict[str, Any]:
    found = words(language, "--json", *more)
    assert found.exit_code == 0, found.output
    return dict(json.loads(found.output))


def seen(home: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted((home / "messages").rglob("*.yaml"))}


def sheet(*lines: tuple[str, ...], head: list[str] = HEAD, **form: Any) -> str:
    """A CSV file; a line is ``(flow, key, source, present, new)``, or a whole one."""
    out = io.StringIO()
    rows = [[a[0], a[1], "", a[2], "", a[3], a[4], "", ""] if len(a) == 5 else list(a) for a in lines]
    csv.writer(out, **form).writerows([head, *rows])
    return out.getvalue()


LAKE = ("visit", "which.lake", "The lake", "", "Ziwani")


# -- the list ---------------------------------------------------------------------------------------------------------


def test_every_open_text_is_listed_with_its_file_and_step(home: Path) -> None:
    found = listed("sw")
    own = [entry for entry in found["entries"] if entry["flow"] == "visit"]
    assert {entry["key"]: entry["state"] for entry in own} == {k: v for k, v in STATES.items() if v != "good"}
    assert own[0] | {"limit": 0, "note": ""} == {
        "file": "messages/sw/visit.yaml",
        "flow": "visit",
        "step": "hello",
        "key": "hello",
        "state": "stale",
        "source": "Welcome to {institution}.",
        "old_source": "Welcome.",
        "present": "Karibu.",
        "line": 5,
        "limit": 0,
        "note": "",
    }
    assert own[0]["note"] == "Said above the next screen. {institution}: your institution, like Jamii."
    assert (found["missing"], found["stale"], found["spoken"], found["findings"]) == (1, 1, True, [])
    assert found["texts"] == found["unreviewed"] + 3
    assert 100 < own[0]["limit"] < 160
    text = words("sw", "--only", "stale").output
    assert text.startswith(
        "messages/sw/visit.yaml\n  step hello\n    hello: stale\n"
        '      was  "Welcome."\n      now  "Welcome to {institution}."\n      to   "Karibu."\n\n'
        "1 missing, 0 wrong, 1 stale, "
    )


def test_without_a_language_it_is_the_table(home: Path) -> None:
    table = words().output.splitlines()
    assert table[0].split() == ["language", "texts", "translated", "stale", "reviewed"]
    assert [line.split()[0] for line in table[1:]] == ["en", "sw"]


def test_a_flow_that_cannot_be_read_is_named_and_the_others_are_there(home: Path) -> None:
    (home / "flows/broken.yaml").write_text('flow: broken\nwords: en\nsteps:\n  a: {end: "Hm}\n')
    found = words("sw", "--json")
    told = json.loads(found.output)
    assert found.exit_code == 1
    assert {fault["file"] for fault in told["findings"]} == {"flows/broken.yaml"}
    assert {"visit", "repay", "system"} <= {entry["flow"] for entry in told["entries"]}
    assert "flows/broken.yaml\n  line 4" in words("sw").output
    table = words()
    assert (table.exit_code, "flows/broken.yaml\n  line 4" in table.output) == (1, True)
    assert words("sw", "--to", "sw.xlsx").exit_code == 0
    (home / "sw.csv").write_text(sheet(LAKE, ("broken", "a", "Hm", "", "Hm")))
    assert 'The flow "broken" cannot be read now' in words("sw", "--from", "sw.csv").output
    (home / "sw.csv").write_text(sheet(LAKE))
    assert words("sw", "--from", "sw.csv", "--yes").exit_code == 0
    assert '"Ziwani"' in (home / "messages/sw/visit.yaml").read_text()


def test_a_language_that_nobody_wrote_yet_begins_from_nothing(home: Path) -> None:
    found = listed("fr")
    assert {entry["state"] for entry in found["entries"]} == {"missing"}
    assert (found["spoken"], found["texts"]) == (False, found["missing"])
    told = words("fr", "--to", "fr.csv").output
    assert 'languages = ["en", "sw", "fr"]' in told


def test_the_words_of_the_engine_may_be_stale_and_reviewed(home: Path) -> None:
    (home / "messages/en").mkdir()
    english = (templates() / "messages/en/system.yaml").read_text()
    swahili = (templates() / "messages/sw/system.yaml").read_text()
    (home / "messages/en/system.yaml").write_text(english)
    (home / "messages/sw/system.yaml").write_text(
        swahili.replace('back: "Rudi"', 'back: {from: "Backwards", to: "Rudi"}').replace(
            'more: "Zaidi"', 'more: {from: "More", to: "Zaidi", reviewed: {by: Wanjiru, on: 2026-01-31}}'
        )
    )
    found = {entry["key"]: entry for entry in listed("sw")["entries"] if entry["flow"] == "system"}
    assert (found["back"]["state"], found["back"]["old_source"]) == ("stale", "Backwards")
    assert ("more" in found, found["yes"]["state"]) == (False, "unreviewed")
    check = CliRunner().invoke(njia, ["flows", "check"], prog_name="njia").output
    assert "words.stale" not in check
    assert 'from: "Back"' in check


# -- there and back ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["words.xlsx", "words.csv"])
@pytest.mark.parametrize("language", ["sw", "fr"])
def test_what_comes_back_as_it_went_out_changes_nothing(home: Path, name: str, language: str) -> None:
    assert words(language, "--to", name, "--all").exit_code == 0
    before = seen(home)
    found = words(language, "--from", name, "--yes", "--json")
    assert json.loads(found.output) == {"language": language, "written": False, "changes": [], "findings": []}
    assert seen(home) == before


@pytest.mark.parametrize("name", ["fr.xlsx", "fr.csv"])
def test_all_that_is_filled_in_is_no_longer_missing(home: Path, name: str) -> None:
    words("fr", "--to", name)
    fill(home / name, lambda flow, key, source: source.replace("e ", "é "))
    before = seen(home)
    dry = words("fr", "--from", name, "--json")
    assert (json.loads(dry.output)["written"], seen(home)) == (False, before)
    done = words("fr", "--from", name, "--yes", "--json")
    assert done.exit_code == 0, done.output
    assert {one["level"] for one in json.loads(done.output)["findings"]} <= {"warning"}
    found = listed("fr")
    assert (found["missing"], found["unreviewed"]) == (0, found["texts"])
    assert json.loads(words("fr", "--from", name, "--yes", "--json").output)["changes"] == []
    read = words("fr", "--from", name, "--yes", "--reviewed-by", "Aline N'Diaye")
    assert read.exit_code == 0, read.output
    assert listed("fr")["entries"] == []


def fill(path: Path, said: Callable[[str, str, str], str]) -> None:
    """As somebody does it who fills in the column of the new words."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            head, *lines = csv.reader(file)
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file, delimiter=";").writerows(
                [head, *([*line[:6], said(line[0], line[1], line[3]), *line[7:]] for line in lines)]
            )
        return
    book = openpyxl.load_workbook(path)
    for line in book.worksheets[0].iter_rows(min_row=2):
        line[6].value = said(*(str(line[at].value) for at in (0, 1, 3)))
    book.save(path)


def test_a_changed_text_changes_nothing_beside_it(home: Path) -> None:
    lines = [
        LAKE,
        ("visit", "hello", "Welcome to {institution}.", "Karibu.", "Karibu {institution}."),
        ("visit", "which.town", "Town", "Mjini", "Mjini"),
        ("visit", "starts.as", "Visit us", "Tutembelee", "Njoo"),
    ]
    (home / "sw.csv").write_text(sheet(*lines))
    found = words("sw", "--from", "sw.csv", "--yes")
    assert found.output.startswith(
        "messages/sw/visit.yaml\n"
        '  which.lake\n    + "Ziwani"\n'
        '  hello\n    - "Karibu."\n    + "Karibu {institution}."\n'
        '  starts.as\n    - "Tutembelee"\n    + "Njoo"\n    no longer reviewed\n\n3 texts changed.\n'
    )
    expected = WORDS.replace('to: "Tutembelee", reviewed: {by: Wanjiru, on: 2026-01-31}', 'to: "Njoo"')
    expected = expected.replace('"Welcome."', '"Welcome to {institution}."').replace("Karibu.", "Karibu {institution}.")
    lake = 'which.lake:\n  from: "The lake"\n  to: "Ziwani"\n'
    expected = expected.replace('"Mjini"}\n', '"Mjini"}\n' + lake)
    assert (home / "messages/sw/visit.yaml").read_text() == expected


def test_shipped_words_are_changed_in_the_home(home: Path) -> None:
    shipped = (templates() / "messages/sw/call_me.yaml").read_bytes()
    system = (templates() / "messages/sw/system.yaml").read_bytes()
    lines = [("call_me", "starts.as", "Call me", "Nipigie", "Nipigieni"), ("system", "back", "Back", "Rudi", "Nyuma")]
    (home / "sw.csv").write_text(sheet(*lines))
    assert words("sw", "--from", "sw.csv", "--yes").exit_code == 0
    mine = (home / "messages/sw/call_me.yaml").read_bytes()
    assert mine == shipped.replace(b'"Nipigie"', b'"Nipigieni"', 1)
    engine = (home / "messages/sw/system.yaml").read_bytes()
    assert engine == system.replace(b'back: "Rudi"', b'back: {from: "Back", to: "Nyuma"}')
    assert (templates() / "messages/sw/call_me.yaml").read_bytes() == shipped


def test_words_of_a_shipped_flow_that_was_replaced_stay_behind(home: Path) -> None:
    (home / "flows/call_me.yaml").write_text(
        FLOW.replace("flow: visit", "flow: call_me").replace("Visit us", "Call me")
    )
    (home / "sw.csv").write_text(sheet(("call_me", "which.lake", "The lake", "", "Ziwani")))
    found = words("sw", "--from", "sw.csv", "--yes")
    assert found.exit_code == 0, found.output
    first, *lines = (home / "messages/sw/call_me.yaml").read_text().splitlines()
    assert first.startswith("# Kiswahili")
    keys = {line.partition(":")[0] for line in lines if not line.startswith(" ")}
    assert {"starts.as", "which.lake"} <= keys <= {"starts.as", *STATES}


def test_a_stale_text_that_is_still_right_is_written_again_as_it_is(home: Path) -> None:
    path = home / "messages/sw/visit.yaml"
    path.write_text(WORDS.replace('from: "Town"', 'from: "City"'))
    (home / "sw.csv").write_text(sheet(("visit", "which.town", "Town", "Mjini", "Mjini")))
    assert 'still right for "Town"' in words("sw", "--from", "sw.csv", "--yes").output
    assert path.read_text() == WORDS


# -- reviewed ---------------------------------------------------------------------------------------------------------


def test_whoever_reads_a_flow_marks_it(home: Path) -> None:
    by = ("--reviewed-by", "Wanjiru wa Kamau: editor")
    assert words("sw", "--review", "visit:which", *by).output.endswith("add --yes.\n")
    assert words("sw", "--review", "visit", *by, "--yes").exit_code == 0
    states = {entry["key"]: entry["state"] for entry in listed("sw")["entries"] if entry["flow"] == "visit"}
    assert states == {"hello": "stale", "which.lake": "missing"}
    text = (home / "messages/sw/visit.yaml").read_text()
    assert text.count("reviewed: {by: 'Wanjiru wa Kamau: editor', on: 20") == 3
    assert text.count("reviewed: {by: Wanjiru, on: 2026-01-31}") == 1
    again = words("sw", "--review", "visit", *by)
    assert again.exit_code == 0
    assert '"hello" is stale, so it was not marked.' in again.output
    assert '"which.lake" is missing, so it was not marked.' in again.output
    assert again.output.endswith("Nothing to change.\n")


def test_only_what_was_read_is_marked(home: Path) -> None:
    lines = [
        ("visit", "which", "Which office?", "Ofisi gani?", ""),
        LAKE,
        ("visit", "hello", "Welcome.", "Karibu.", ""),
    ]
    (home / "sw.csv").write_text(sheet(*lines))
    found = words("sw", "--from", "sw.csv", "--reviewed-by", "Wanjiru", "--yes")
    assert 'line 2: error\n    The present translation is "Ofisi ipi?" by now' in found.output
    (home / "sw.csv").write_text(sheet(*lines[1:]))
    assert words("sw", "--from", "sw.csv", "--reviewed-by", "Wanjiru", "--yes").exit_code == 0
    text = (home / "messages/sw/visit.yaml").read_text()
    assert text.count("reviewed: {by: Wanjiru") == 2
    assert 'to: "Ziwani"\n  reviewed: {by: Wanjiru, on: 20' in text


# -- what is wrong with a line ----------------------------------------------------------------------------------------

HELLO = ("visit", "hello", "Welcome to {institution}.", "Karibu.")
ROWS = [
    ((*HELLO, "Karibu {institutions}."), "{institution} is missing and {institutions} is not in the source"),
    ((*HELLO, "Karibu."), "In this text {institution} is missing."),
    ((*HELLO, "Karibu {Institution}."), "Write {institution}, letter for letter."),
    ((*HELLO, "Karibu { institution }."), "{ institution } has a space inside its braces."),
    ((*HELLO, "Karibu {institution."), "opens a brace that is never closed"),
    ((*HELLO, "Karibu {institution|upper}."), "{institution|upper} is not a name."),
    ((*HELLO, "=1+1 {institution}"), 'In the column "new sw" there is a formula in this cell'),
    ((*HELLO, "Kari\x07bu {institution}."), "there are characters in this cell that cannot be seen"),
    ((*HELLO, "{institution} " + "a" * 1000), "This text has 1,014 characters; 1,000 is the most."),
    (("visit", "hello", "Welcome.", "Karibu.", "Karibu."), 'and the source now says "Welcome to {institution}."'),
    (("visit", "wich", "Which office?", "", "Ipi?"), 'Did you mean "which"?'),
    (("visti", "which", "Which office?", "", "Ipi?"), 'There is no flow "visti". Did you mean "visit"?'),
    (("", "which.lake", "The lake", "", "Ziwani"), "This line does not say which text it is"),
    (("visit", "", "The lake", "", "Ziwani"), "was its cell merged with another"),
    (("visit", "which.lake", "The lake", "", "Mjini"), 'Two lines of one menu say "Mjini"'),
    (("visit", "which.lake", "The lake", "", "0 Ziwani"), "looks like the key 0"),
]


@pytest.mark.parametrize(("line", "says"), ROWS)
def test_a_line_that_cannot_be_taken_keeps_the_whole_file_out(home: Path, line: tuple[str, ...], says: str) -> None:
    bad, before = sheet(("visit", "bye", "See you there.", "Tutaonana.", "Kwaheri."), line), seen(home)
    (home / "sw.csv").write_text(bad)
    found = words("sw", "--from", "sw.csv", "--yes")
    assert found.exit_code == 1
    assert says in found.output.replace("\n    ", " ")
    assert "sw.csv, line 3: error" in found.output
    assert "nothing was changed" in found.output
    assert seen(home) == before


def test_the_same_text_twice_is_refused(home: Path) -> None:
    (home / "sw.csv").write_text(sheet(LAKE, LAKE))
    found = words("sw", "--from", "sw.csv", "--yes")
    assert (found.exit_code, '"which.lake" of "visit" is in line 2 already.' in found.output) == (1, True)


def test_a_text_of_a_flow_in_this_very_language_is_refused(home: Path) -> None:
    (home / "flows/visit.yaml").write_text(FLOW.replace("words: en", "words: sw"))
    (home / "messages/sw/visit.yaml").unlink()
    (home / "sw.csv").write_text(sheet(LAKE))
    assert 'is itself written in "sw"' in words("sw", "--from", "sw.csv").output


WARNED = [
    (("visit", "which.lake", "The lake", "", "Kando kando ya ziwa letu kubwa"), "This text has 30 characters, and 20"),
    (("visit", "which", "Which office?", "Ofisi", "Gani?"), 'The present translation is "Ofisi ipi?" by now'),
    (("visit", "which", "Which office?", "Ofisi ipi?", "Ofisi gani? " * 20), "This text has 239 characters, and "),
    (("visit", "which", "Which office?", "Ofisi ipi?", "Ofisi Ж?"), '"Ж" in "Ofisi Ж?"'),
]


@pytest.mark.parametrize(("line", "says"), WARNED)
def test_what_is_only_doubtful_is_said_and_taken(home: Path, line: tuple[str, ...], says: str) -> None:
    (home / "sw.csv").write_text(sheet(line))
    found = words("sw", "--from", "sw.csv", "--yes")
    assert (found.exit_code, f"sw.csv, line 2: warning\n    {says}" in found.output) == (0, True), found.output
    assert says in found.output
    assert found.output.endswith("1 text changed.\n")


# -- what is wrong with a file ----------------------------------------------------------------------------------------


def workbook(change: Callable[[Any], None]) -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    for line in csv.reader(io.StringIO(sheet(LAKE))):
        book.active.append(line)
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def another_sheet_first(book: Any) -> None:
    book.create_sheet("list", 0).append(["who", "what"])


def formula(book: Any) -> None:
    book.worksheets[0]["G2"] = '="Ziw"&"ani"'


def merged(book: Any) -> None:
    book.worksheets[0].insert_rows(3)
    book.worksheets[0]["G3"] = "Mjini"
    book.worksheets[0].merge_cells("B2:B3")


SHEETS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET = "xl/worksheets/sheet1.xml"


def day(book: Any) -> None:
    book.worksheets[0]["G2"] = dt.datetime(2026, 1, 2)


def laughs() -> bytes:
    """A workbook whose words are entities of entities."""
    names = ["a", *(f"a{n}" for n in range(12))]
    entities = "".join(f'<!ENTITY {other} "{f"&{one};" * 10}">' for one, other in pairwise(names))
    cell = '<row r="1"><c r="A1" t="inlineStr"><is><t>&a11;</t></is></c></row>'
    sheet_of = f'<worksheet xmlns="{SHEETS}"><sheetData>{cell}</sheetData></worksheet>'
    xml = f'<!DOCTYPE x [<!ENTITY a "ha">{entities}]>{sheet_of}'
    return replaced(workbook(lambda book: None), SHEET, xml.encode())


def replaced(book: bytes, part: str, data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, data if name == part else old.read(name))
    return out.getvalue()


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(SHEET, b" " * (65 << 20))
    return out.getvalue()


CSV = sheet(LAKE)
MANGLED = [
    ("sw.csv", b"", "sw.csv is empty."),
    ("sw.csv", CSV.encode("utf-16"), "is in UTF-16"),
    ("sw.csv", sheet((*LAKE[:4], "Zïwani")).encode("cp1252"), "is not in UTF-8"),
    ("sw.csv", CSV.replace("new sw", "new fr").encode(), 'This file is for "fr", and it was given as "sw".'),
    ("sw.csv", CSV.replace("new sw", "translation").encode(), 'has no column "new sw"'),
    ("sw.csv", CSV.replace("key", "“key”").encode(), "made curly by a word processor"),
    ("sw.csv", CSV.replace("notes", "new sw").encode(), 'The column "new sw" is there twice'),
    ("sw.csv", CSV.replace("source", "text").encode(), 'has no column "source"'),
    ("sw.csv", f'{CSV}visit,"bye'.encode(), "Is a quotation mark not closed?"),
    ("sw.csv", CSV.encode() + b"x" * (10 << 20), "This file has 10 MB; 4 is the most"),
    ("sw.csv", CSV.encode() + b"visit,bye\n" * 20_001, "There are more than 20,000 lines."),
    ("sw.csv", b"one column\nand another\n", "Is it another sheet, or all in one column?"),
    ("sw.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Excel's old format"),
    ("sw.xlsx", b"PK\x03\x04 and no more", "is no workbook that can be read"),
    ("sw.xlsx", bomb(), "This file has 65 MB; 64 is the most"),
    ("sw.xlsx", laughs(), "This workbook is broken, or it is none."),
    ("sw.xlsx", replaced(workbook(day), SHEET, b"<worksheet><"), "This workbook is broken"),
    ("sw.xlsx", workbook(day), 'In the column "new sw" the spreadsheet has made a day of what was typed.'),
    ("sw.xlsx", workbook(another_sheet_first), "The first line of the sheet has no column"),
    ("sw.xlsx", workbook(formula), 'In the column "new sw" there is a formula in this cell'),
    ("sw.xlsx", workbook(merged), "was its cell merged with another, or moved?"),
]


@pytest.mark.parametrize(("name", "data", "says"), MANGLED, ids=[says for *_, says in MANGLED])
def test_a_file_that_cannot_be_taken_says_why(home: Path, name: str, data: bytes, says: str) -> None:
    (home / name).write_bytes(data)
    before = seen(home)
    found = words("sw", "--from", name, "--yes")
    assert (found.exit_code, says in found.output) == (1, True), found.output
    assert "Traceback" not in found.output
    assert seen(home) == before


@pytest.mark.parametrize(
    "data",
    [
        sheet(LAKE, delimiter=";").encode("utf-8-sig"),
        sheet(LAKE, delimiter="\t", quoting=csv.QUOTE_ALL).encode(),
        sheet(LAKE, lineterminator="\n").encode(),
        sheet((*LAKE[:4], "  Ziwani\u00a0")).encode(),
        sheet(("", "", "", "", ""), LAKE).encode(),
        sheet(LAKE, ("visit", "gone", "", "", ""), ("", "", "", "", "")).encode(),
        sheet(("visit", "which.lake", "The lake", "Ziwani"), head=["Flow", " KEY ", "Source", "New SW"]).encode(),
    ],
)
def test_what_spreadsheets_do_to_a_file_does_no_harm(home: Path, data: bytes) -> None:
    (home / "sw.csv").write_bytes(data)
    found = json.loads(words("sw", "--from", "sw.csv", "--yes", "--json").output)
    assert (found["written"], [change["new"] for change in found["changes"]]) == (True, ["Ziwani"])
    assert found["findings"] == []


def test_a_file_that_is_not_there(home: Path) -> None:
    assert "cannot be read (No such file or directory)" in words("sw", "--from", "nowhere.csv").output
    assert "cannot be read (Is a directory)" in words("sw", "--from", "flows").output


def test_words_that_cannot_be_read_are_not_written_over(home: Path) -> None:
    path = home / "messages/sw/visit.yaml"
    path.write_text(WORDS + "which.lake: {from: \n")
    (home / "sw.csv").write_text(sheet(LAKE))
    found = words("sw", "--from", "sw.csv", "--yes")
    assert (found.exit_code, "Mend this file by hand first." in found.output) == (1, True)
    assert path.read_text() == WORDS + "which.lake: {from: \n"


def test_no_cell_is_a_formula_for_a_spreadsheet(home: Path) -> None:
    flow = FLOW.replace("See you there.", "=cmd|' /C calc'!A0").replace("Town", "+254 700").replace("The lake", "#N/A")
    (home / "flows/visit.yaml").write_text(flow)
    for name in ("sw.csv", "sw.xlsx"):
        assert words("sw", "--to", name).exit_code == 0
    with (home / "sw.csv").open(encoding="utf-8-sig", newline="") as file:
        assert not [cell for line in csv.reader(file) for cell in line if cell[:1] in "=+-@" and cell]
    cells = [cell for line in openpyxl.load_workbook(home / "sw.xlsx").worksheets[0].iter_rows() for cell in line]
    assert {cell.data_type for cell in cells} <= {"s", "n", "inlineStr"}
    assert "'=cmd|' /C calc'!A0" in {cell.value for cell in cells}
    before = seen(home)
    (home / "sw.csv").write_text(sheet(("visit", "bye", "'=cmd|' /C calc'!A0", "Tutaonana.", "'=Kwaheri")))
    assert words("sw", "--from", "sw.csv", "--yes").exit_code == 0
    assert 'to: "=Kwaheri"' in (home / "messages/sw/visit.yaml").read_text()
    assert words("sw", "--from", "sw.xlsx", "--yes").exit_code == 0
    assert seen(home) != before


@pytest.mark.parametrize("text", ["plain", " spaced ", "a\nb", "'quoted'", "=1", "-x", "\u00a0hard", "@a", "1"])
def test_a_cell_comes_back_as_it_is_compared(text: str, home: Path) -> None:
    settings = load(home)
    (entry, *_) = read_wording(gather(Home(home), institution(settings)), institution(settings), "sw").entries
    (cell,) = [value for value in row(entry, None, text) if value is not None][-1:]
    assert as_cell(text) == as_cell(str(cell))


# -- writing ----------------------------------------------------------------------------------------------------------


def test_when_one_file_cannot_be_written_none_is(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [LAKE, ("call_me", "starts.as", "Call me", "Nipigie", "Nipigieni")]
    (home / "sw.csv").write_text(sheet(*lines))
    before, replace = seen(home), Path.replace

    def full(self: Path, target: Path) -> Path:
        if target.name == "call_me.yaml":
            raise OSError(28, "No space left on device", str(target))
        return replace(self, target)

    monkeypatch.setattr(applying.Path, "replace", full)
    found = words("sw", "--from", "sw.csv", "--yes")
    assert (found.exit_code, "No space left on device). Nothing was changed." in found.output) == (1, True)
    assert seen(home) == before
    assert [path.name for path in (home / "messages/sw").iterdir()] == ["visit.yaml"]


def test_a_file_keeps_its_permissions_and_its_link(home: Path) -> None:
    path, real = home / "messages/sw/visit.yaml", home / "real.yaml"
    path.rename(real)
    real.chmod(0o640)
    path.symlink_to(real)
    (home / "sw.csv").write_text(sheet(LAKE))
    assert words("sw", "--from", "sw.csv", "--yes").exit_code == 0
    assert (path.is_symlink(), real.stat().st_mode & 0o777) == (True, 0o640)
    assert "Ziwani" in real.read_text()


def test_without_a_home_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NJIA_HOME", "NJIA_DATA"):
        monkeypatch.setenv(name, "")
    monkeypatch.chdir(tmp_path)
    Path("sw.csv").write_text(sheet(("call_me", "starts.as", "Call me", "Nipigie", "Nipigieni")))
    found = words("sw", "--from", "sw.csv", "--yes")
    assert (found.exit_code, "There is no home to write into." in found.output) == (1, True)


USAGE = [
    ("sw --to words.txt", "words.txt must end in .xlsx or .csv."),
    ("sw --to nowhere/words.csv", "There is no folder nowhere."),
    ("sw --to here.csv", "is there already"),
    ("sw --to a.csv --from b.csv", "one at a time"),
    ("--to a.csv", "Say which language"),
    ("../sw", "../sw is not a language code"),
    ("sw --review visit", "--review needs --reviewed-by"),
    ("sw --reviewed-by Wanjiru", "goes with --from or --review"),
    ("sw --review nothing --reviewed-by Wanjiru", "There is no text nothing in sw."),
    ("sw --all", "--all goes with --to"),
    ("sw --only good", "'good' is not one of"),
]


@pytest.mark.parametrize(("given", "says"), USAGE)
def test_wrong_usage_is_exit_2(home: Path, given: str, says: str) -> None:
    (home / "here.csv").write_text("")
    found = words(*given.split())
    assert (found.exit_code, says in found.output) == (2, True), found.output
