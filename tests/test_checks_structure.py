"""What takes several flows to show, and that the checks of the shape stay quick. One fault each: broken/structure."""

from __future__ import annotations

import time

from checking import subject_of

from flows.checks import structure
from flows.checks.graph import Graph
from flows.checks.structure import loops
from flows.checks.structure.silent import Silence
from flows.loading import SourceFile
from flows.model import Flow, Menu, Option, Say, Text


def file(name: str, *lines: str, starts: str = "", who: str = "anyone") -> SourceFile:
    header = [f"flow: {name}", "words: en", f"who: {who}", *([f"starts: {starts}"] if starts else []), "steps:"]
    return SourceFile(f"flows/{name}.yaml", "\n".join([*header, *(f"  {line}" for line in lines)]) + "\n")


def said(*files: SourceFile) -> list[str]:
    return [f"{f.flow} {f.step}: {f.code}: {f.message}" for f in structure.findings(subject_of(*files))]


def test_a_menu_that_is_empty_for_strangers() -> None:
    bye = 'bye: {end: "Goodbye."}'
    mine = file("mine", bye, starts='{menu: own, as: "Mine"}', who="client")
    top = 'top: {menu: "Choose", lists: own}'
    where = 'starts: {menu: main, as: "My own"}'.removeprefix("starts: ")
    assert said(mine, file("own", top, starts=where)) == [
        'own top: structure.empty_menu: The menu "own" is empty for a number that is not known yet.'
    ]
    assert not said(mine, file("own", top, starts=where, who="client"))


def test_flows_within_flows_go_only_so_deep() -> None:
    bye = 'bye: {end: "Goodbye."}'

    def nested(deep: int) -> list[SourceFile]:
        first = file("deep1", "on: {run: deep2}", bye, starts='{menu: main, as: "Deep"}')
        others = [file(f"deep{n}", f"on: {{run: deep{n + 1}}}", bye) for n in range(2, deep)]
        return [first, *others, file(f"deep{deep}", bye)]

    assert not said(*nested(6))  # the main menu below, and the flow that helps on top: eight
    names = "main, deep1, deep2, deep3, deep4, deep5, deep6, deep7"
    assert said(*nested(7)) == [f"deep7 None: structure.too_deep: These flows stand 8 deep in one another: {names}."]


def test_what_is_run_counts_as_part_of_the_walk() -> None:
    lines = [f's{n}: {{say: "{n}"}}' for n in range(120)]
    bye = "bye: {end: }"
    helper = file("helper", *lines, bye)
    long = file("long", "on: {run: helper}", *lines, bye, starts='{menu: main, as: "Long"}')
    assert said(helper, long) == [
        "long on: structure.long_walk: From here 243 steps can follow one another without a question; "
        "after 200 the call is broken off."
    ]
    asking = file("long", "on: {run: helper}", 'ask: {ask: "So?", answer: {type: text}}', *lines, bye, starts="{menu: "
        'main, as: "Long"}')  # fmt: skip
    assert not said(helper, asking)


def test_a_flow_that_asks_on_every_way_is_not_walked_through() -> None:
    subject = subject_of(
        file("asks", 'sure: {ask: "Sure?", answer: {type: yes_no}}', "bye: {end: }"),
        file("round", "on: {run: asks}", "again: {only if: on.sure is no, set: {x: yes}, go to: on}", "bye: {end: }",
             starts='{menu: main, as: "Round"}'),
    )  # fmt: skip
    silence = Silence(subject)
    assert not silence.passable("asks")
    assert silence.passable("about")
    assert not list(structure.findings(subject))


def test_the_figures_of_a_walk_with_branches() -> None:
    subject = subject_of(
        file("branch", 'a: {only if: client.known is yes, say: "A"}', 'b: {say: "B", go to: d}', 'c: {end: "C"}',
             'd: {do: open case, with: {kind: call_back}, opened: e, unavailable: c}', 'e: {ask: "E", answer: {type: '
             "text}}", "f: {end: }", starts='{menu: main, as: "Branch"}'),
    )  # fmt: skip
    assert Silence(subject).walks("branch") == {
        "a": (4, 1), "b": (3, 1), "c": (1, 0), "d": (2, 1), "e": (1, 0), "f": (1, 0),
    }  # fmt: skip


def test_a_large_flow_is_looked_through_quickly() -> None:
    """Two thousand steps, each of which may lead back to any hundredth one: seconds where it is linear."""
    text = Text("", "", 1)
    names = [f"s{n}" for n in range(2000)]
    steps = {
        name: Menu(name=name, line=1, text=text, options=(Option("on", text), Option("back", text, names[n // 2])))
        if n % 2
        else Say(name=name, line=1, text=text)
        for n, name in enumerate(names[:-1])
    }
    last = subject_of().flows["call_me"].steps["back"]
    flow = Flow(name="call_me", file="", language="en", steps={**steps, "back": last},
                order=dict(zip([*steps, "back"], [*list(steps)[1:], "back", None], strict=True)))  # fmt: skip
    subject = subject_of()
    subject.graphs["call_me"] = Graph(flow, subject.flows)
    begun = time.process_time()
    assert not list(loops.findings(subject))
    assert not list(structure.ways.findings(subject))
    assert time.process_time() - begun < 5
