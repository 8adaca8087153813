"""What is known on every way, against random walks; and how long a large flow takes."""

from __future__ import annotations

import time
from functools import cache
from pathlib import Path

import pytest
from checking import subject_of
from hypothesis import given, settings
from hypothesis import strategies as st
from test_broken import JAMII, catalogue, loaded

from flows.checks import Subject, meaning, safety
from flows.checks.knowing import ways_of
from flows.conditions import parse
from flows.loading import SourceFile
from flows.model import Flow
from flows.values import Kind

HERE = Path(__file__).parent


@cache
def shipped() -> Subject:
    return subject_of()


def test_the_shipped_flows_have_no_finding() -> None:
    assert [*meaning.findings(shipped()), *safety.findings(shipped())] == []


# -- random flows of questions and conditions ------------------------------------------------------------------------

OPTIONS = ("a", "b", "c")


@st.composite
def flows_of_questions(draw: st.DrawFn) -> list[tuple[str, str, str]]:
    """Each step: kind, name, condition. A menu has three options; ``say`` shows an answer, that may not be there."""
    kinds = ["menu", *draw(st.lists(st.sampled_from(["menu", "menu", "say", "say", "end"]), min_size=2, max_size=6))]
    menus = st.sampled_from([f"q{n}" for n, kind in enumerate(kinds) if kind == "menu"])
    steps = []
    for n, kind in enumerate(kinds):
        test = draw(st.sampled_from(["is a", "is not b", "is a or c", "is not empty", "is empty"]))
        joined = draw(st.sampled_from(["", "", f" and {draw(menus)} is not a", f" or {draw(menus)} is b"]))
        condition = f"{draw(menus)} {test}{joined}" if kind == "end" or draw(st.booleans()) else ""
        steps.append((kind, draw(menus) if kind == "say" else f"q{n}", condition))
    return steps


def written(steps: list[tuple[str, str, str]]) -> str:
    lines = ["flow: questions", "words: en", "who: client", 'starts: {menu: main, as: "Questions"}', "steps:"]
    for n in range(len(steps)):
        kind, name, condition = steps[n]
        only = f"only if: {condition}, " if condition else ""
        if kind == "menu":
            lines.append(f'  q{n}: {{{only}menu: "Which?", options: {{a: "A", b: "B", c: "C"}}}}')
        elif kind == "say":
            lines.append(f'  s{n}: {{{only}say: "It is {{{name}}}."}}')
        else:
            lines.append(f'  e{n}: {{{only}end: "Bye."}}')
    return "\n".join([*lines, '  last: {end: "Bye."}', ""])


def walked(steps: list[tuple[str, str, str]]) -> tuple[set[str], set[str]]:
    """By trying all answers: the steps that show something that is not known, and those that are ever done."""
    kinds = {f"q{n}": Kind.CHOICE for n, (kind, _, _) in enumerate(steps) if kind == "menu"}
    tests = [parse(condition, kinds)[0] if condition else None for _, _, condition in steps]
    missing, done = set[str](), set[str]()
    waiting: list[tuple[int, tuple[tuple[str, str], ...]]] = [(0, ())]
    while waiting:
        at, answers = waiting.pop()
        if at == len(steps):
            done.add("last")
            continue
        kind, name, _ = steps[at]
        test = tests[at]
        if test is not None and not test.holds(dict(answers)):
            waiting.append((at + 1, answers))
        elif kind == "menu":
            done.add(f"q{at}")
            waiting += [(at + 1, (*answers, (f"q{at}", option))) for option in OPTIONS]
        else:
            done.add(f"{kind[0]}{at}")
            missing |= {f"s{at}"} if kind == "say" and name not in dict(answers) else set()
            waiting += [(at + 1, answers)] if kind == "say" else []
    return missing, done


@given(flows_of_questions())
@settings(max_examples=150, deadline=None)
def test_what_is_known_is_what_trying_all_answers_shows(steps: list[tuple[str, str, str]]) -> None:
    flows, faults = loaded(SourceFile("flows/questions.yaml", written(steps)))
    assert not [fault for fault in faults if fault.flow == "questions" and fault.level == "error"]
    found = list(meaning.findings(only(flows["questions"])))
    missing, done = walked(steps)
    assert {fault.step for fault in found if fault.code == "meaning.not_known"} == missing
    never = {fault.step for fault in found if fault.code == "meaning.never_reached"}
    assert not never & done, "what is said never to be reached is never reached"


def only(flow: Flow) -> Subject:
    flows = {flow.name: flow}
    actions, sources = catalogue()
    base = shipped()
    return Subject(
        flows, base.words, {}, base.system, JAMII, base.fields, base.kinds, base.products, actions, sources, {}
    )


# -- what no shipped list has -----------------------------------------------------------------------------------------


def test_what_others_owe_is_not_told() -> None:
    text = (HERE / "loading/good/group_pay.yaml").read_text()
    assert list(safety.findings(only(loaded(source_of(text))[0]["group_pay"]))) == []
    told = text.replace('"{member.nickname} {share}"', '"{member.nickname} {member.payoff}"')
    found = list(safety.findings(only(loaded(source_of(told))[0]["group_pay"])))
    assert [(fault.code, fault.step) for fault in found] == [("safety.arrears", "shares")]


def source_of(text: str) -> SourceFile:
    return SourceFile("flows/group_pay.yaml", text)


@pytest.mark.parametrize("steps", [40, 160])
def test_a_large_flow_is_soon_looked_at(steps: int) -> None:
    lines = ["flow: big", "words: en", "who: client", 'starts: {menu: main, as: "Big"}', "steps:"]
    for n in range(steps // 4):
        lines += [
            f'  q{n}: {{menu: "Which?", options: {{a: "A", b: "B", c: "C"}}}}',
            f'  r{n}: {{only if: q{n} is a or b, ask: "How much?", answer: {{type: money, min: 1, max: 100}}}}',
            f'  s{n}: {{only if: q{n} is a, say: "That is {{r{n}}}."}}',
            f'  t{n}: {{only if: q{max(0, n - 5)} is c, say: "The third."}}',
        ]
    flows, _ = loaded(SourceFile("flows/big.yaml", "\n".join([*lines, '  bye: {end: "Bye."}'])))
    began = time.process_time()
    assert list(meaning.findings(only(flows["big"]))) == []
    fine = ways_of(only(flows["big"]))["big"].fine
    assert fine is not None
    assert max(len([1 for key in fine.cases if key[0] == step]) for step in flows["big"].steps) < 10
    assert time.process_time() - began < 20
