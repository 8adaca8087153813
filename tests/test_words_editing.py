"""A words file is changed entry by entry, and every other byte of it stays."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.loading.reading import read_table
from flows.loading.report import Report
from flows.loading.source import SourceFile
from gateway.home import templates
from gateway.wording.editing import Edit, Uneditable, edited

ORDER = ["a", "b", "c", "pay.not paid"]
NEW = Edit("a", "One", "Moja")
READ = Edit("a", "One", "Uno", ("Wanjiru", "2026-01-31"))
FILES = [
    ('# x\na:\n  from: "One"\n  to: "Uno"  # why\n\n# y\nb: {from: "B", to: "C"}\n', NEW, 'to: "Uno"', 'to: "Moja"'),
    ('a: {from: "One", to: "Uno"} # why\n', NEW, '"Uno"', '"Moja"'),
    ('a: {to: "Uno", from: "Once"}\r\n', NEW, '{to: "Uno", from: "Once"}', '{to: "Moja", from: "One"}'),
    ("a:\n  from: One\n  to: 'Uno'\n", NEW, "'Uno'", '"Moja"'),
    ('\ufeffa: {from: "One", to: "Uno"}\n', NEW, '"Uno"', '"Moja"'),
    ('{a: {from: "One", to: "Uno"}}\n', NEW, '"Uno"', '"Moja"'),
    ('a: {from: "One", to: "Uno"}', Edit("c", "C", "T"), '"Uno"}', '"Uno"}\nc: {from: "C", to: "T"}'),
    ('a: "Uno"\nb: "B"\n', NEW, '"Uno"', '{from: "One", to: "Moja"}'),
    ('a:\n  from: "One"\n  to: |\n    Uno\n\n# z\n', NEW, "    Uno", "    Moja"),
    ('a:\n  from: "One"\n  to: |\n    Uno\n', Edit("a", "One", "Moja\n mbili"), "|\n    Uno", '"Moja\\n mbili"'),
    ('a:\n  from: "One"\n  to: "Uno"\n', READ, '"Uno"\n', '"Uno"\n  reviewed: {by: Wanjiru, on: 2026-01-31}\n'),
    ('a: {from: "One", to: "Uno"}\n', READ, '"Uno"', '"Uno", reviewed: {by: Wanjiru, on: 2026-01-31}'),
    (
        'a:\n  from: "One"\n  reviewed: {by: X, on: 2026-01-01}  # seen\n  to: "Uno"\n',
        Edit("a", "One", "Uno"),
        "\n  reviewed: {by: X, on: 2026-01-01}  # seen",
        "",
    ),
    (
        'a:\r\n  from: "One"\r\n  to: "Uno"\r\n  reviewed:\r\n    by: X\r\n    on: 2026-01-01\r\nb: {}\r\n',
        Edit("a", "One", "Uno"),
        "\r\n  reviewed:\r\n    by: X\r\n    on: 2026-01-01",
        "",
    ),
    (
        'a: {reviewed: {by: X, on: 2026-01-01}, from: "One", to: "Uno"}\n',
        Edit("a", "One", "Uno"),
        "reviewed: {by: X, on: 2026-01-01}, ",
        "",
    ),
    (
        'a: {from: "One", to: "Uno", reviewed: {by: X, on: 2026-01-01}}\n',
        Edit("a", "One", "Uno", ("O'Neil: the 2nd", "2026-01-31")),
        "{by: X, on: 2026-01-01}",
        "{by: 'O''Neil: the 2nd', on: 2026-01-31}",
    ),
    (
        'a:\n  from: "One"\n  to: "Uno"\n# of c\nc:\n  from: "C"\n  to: "D"\n',
        Edit("b", "B", 'a "b" \\'),
        '"Uno"\n',
        '"Uno"\nb:\n  from: "B"\n  to: "a \\"b\\" \\\\"\n',
    ),
    ("# nothing yet\n", Edit("pay.not paid", "No", "La"), "yet\n", 'yet\npay.not paid:\n  from: "No"\n  to: "La"\n'),
]


@pytest.mark.parametrize(("text", "edit", "was", "becomes"), FILES)
def test_only_what_is_meant_changes(text: str, edit: Edit, was: str, becomes: str) -> None:
    assert text.count(was) == 1
    assert edited(text, [edit], ORDER) == text.replace(was, becomes)


@pytest.mark.parametrize(
    "text",
    ['a: {to: "Uno"}\n', "a: [x]\n", "- a\n", "a: {from\n", 'a: {from: "One", to: ["x"]}\n', 'a: "x"\na: "y"\n'],
)
def test_what_cannot_be_changed_alone_is_refused(text: str) -> None:
    with pytest.raises(Uneditable):
        edited(text, [NEW], ORDER)


def test_nothing_to_change_is_no_change() -> None:
    assert edited("anything: [", [], ORDER) == "anything: ["


said = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cf", "Zl", "Zp"), include_characters="\n"))
said = said.filter(lambda text: text.strip() and "\ufffe" not in text and "\uffff" not in text)
who = st.none() | st.tuples(st.sampled_from(["Wanjiru", "no", "12", "a, b: {c}", "'", "# x"]), st.just("2026-01-31"))


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_any_words_go_into_a_shipped_file_and_leave_the_rest(data: st.DataObject) -> None:
    text = (templates() / "messages/sw/repay.yaml").read_text(encoding="utf-8")
    keys = list(_read(text))
    chosen = data.draw(st.lists(st.sampled_from([*keys, "new", "new.one two"]), unique=True, max_size=4))
    edits = [Edit(key, data.draw(said), data.draw(said), data.draw(who)) for key in chosen]
    made = edited(text, edits, [*keys, "new", "new.one two"])
    now = _read(made)
    assert [key for key in now if key in keys] == keys
    assert {key: now[key]["to"] for key in chosen} == {edit.key: edit.to for edit in edits}
    untouched = [line for key in keys if key not in chosen for line in _lines(text, key)]
    left = iter(made.splitlines(keepends=True))
    assert all(line in left for line in untouched)  # in the same order


def _read(text: str) -> dict[str, dict[str, str]]:
    report = Report("x")
    table = read_table(SourceFile("x", text), report)
    assert table and not report.faults
    found = {}
    for key, node in table.items.items():
        found[key] = {name: getattr(part, "text", "") for name, part in node.items.items()}  # type: ignore[union-attr]
    return found


def _lines(text: str, key: str) -> list[str]:
    lines = text.splitlines(keepends=True)
    at = lines.index(f"{key}:\n")
    return lines[at : at + 3]
