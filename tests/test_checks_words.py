"""What the checks of the words let pass, and where they speak. One fault each: broken/wording."""

from __future__ import annotations

import pytest
from checking import subject_of

from flows.checks import words
from flows.loading import SourceFile

STYLE = [
    # text, and the codes that are found in it
    ("We are open 24/7. Half is 1/2, the code is 100/200/3.", ["date"]),
    ("We are open 24/7. Call 0711/000/111, room 45/46.", []),
    ("It ends on 30/11/2026.", ["date"]),
    ("One two three four five six seven eight nine ten eleven twelve.", []),
    ("One two three four five six seven eight nine ten eleven {code} twelve.", ["long_sentence"]),
    ("One two three four five six: seven eight nine ten eleven twelve thirteen - fourteen.", []),
    ("One two three four five six\nseven eight nine ten eleven twelve thirteen.", []),
    ("That is invalid. INVALID!", ["blaming"]),
    ("Invalidity is insured.", []),
]


def flow(name: str, *steps: str, language: str = "en") -> SourceFile:
    lines = "\n".join(f"  {step}" for step in steps)
    header = f'flow: {name}\nwords: {language}\nstarts: {{menu: main, as: "{name.title()}"}}\nsteps:\n'
    return SourceFile(f"flows/{name}.yaml", f"{header}{lines}\n")


def found(*files: SourceFile) -> list[str]:
    return sorted(f"{f.file}:{f.line} {f.language} {f.code}" for f in words.findings(subject_of(*files)))


@pytest.mark.parametrize(("text", "codes"), STYLE)
def test_the_house_style(text: str, codes: list[str]) -> None:
    shown = text.replace("\n", "\\n")
    assert found(flow("odd", f'bye: {{end: "{shown}"}}')) == [f"flows/odd.yaml:5 en words.{code}" for code in codes]


def test_what_begins_with_a_number_may_be_a_length_of_time() -> None:
    assert not found(flow("odd", 'a: {menu: "How long?", options: {a: "2 weeks", b: "1 month", c: "12 months"}}',
                          'bye: {end: "Bye."}'))  # fmt: skip


def test_lines_that_read_alike_are_told_once_in_each_language_that_has_them() -> None:
    odd = flow("odd", 'a: {menu: "What?", options: {a: "Yes!", b: "yes"}}', 'bye: {end: "Bye."}')
    assert found(odd) == ["flows/odd.yaml:5 en words.same_label"], (
        "whoever reads Swahili sees them too, and once is enough"
    )
    made = 'starts.as: {from: "Odd", to: "Ajabu"}\na: {from: "What?", to: "Nini?"}\na.a: {from: "Yes!", to: "Ndiyo"}\n'
    more = 'a.b: {from: "yes", to: "Ndiyo!"}\nbye: {from: "Bye.", to: "Kwaheri."}\n'
    swahili = SourceFile("messages/sw/odd.yaml", made + more)
    assert found(odd, swahili) == ["flows/odd.yaml:5 en words.same_label", "messages/sw/odd.yaml:4 sw words.same_label"]


def test_a_flow_may_be_written_in_any_language() -> None:
    """The small words of a language that the file does not say it is in; a few of them are no sign."""
    swahili = "Ombi la namba hii ni la kwako. Tutapiga kwa saa za kazi. Benki ni hii. Hii ni ya kwako na yetu."
    assert not found(flow("odd", f'bye: {{end: "{swahili}"}}', language="sw"))
    assert found(flow("odd", f'bye: {{end: "{swahili}"}}')) == ["flows/odd.yaml:1 en words.other_language"]
    assert not found(flow("odd", 'bye: {end: "Benki ya kwako ni hii."}'))


@pytest.mark.parametrize(("text", "told"), [("Dial {code} for help.", True), ("M-PESA {code} PIN SMS OK", False)])
def test_a_copy_that_is_all_names_may_be_right(text: str, told: bool) -> None:
    words_of = f'starts.as: {{from: "Odd", to: "Odd"}}\nbye: {{from: "{text}", to: "{text}"}}\n'
    where = ["messages/sw/odd.yaml:2 sw words.not_translated"] if told else []
    assert found(flow("odd", f'bye: {{end: "{text}"}}'), SourceFile("messages/sw/odd.yaml", words_of)) == where
