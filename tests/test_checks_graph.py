"""The ways through a flow: every kind of step, and what is worked out of them, against slower ways of doing it."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from flows.checks.graph import START, Edge, Graph
from flows.loading import SourceFile, load_flows
from flows.model import AnyStep, Flow, Institution, Menu, Option, Say, Text

HOUSE = Institution(name="Jamii", short_name="Jamii")
EVERY_KIND = """\
flow: every
words: en
who: client with PIN
without PIN: bye
steps:
  hello: {say: "Hello."}
  top:
    menu: "What?"
    options: {one: "One", two: "Two"}
    go to: {two: secret}
    on timeout: bye
  sure: {ask: "Sure?", answer: {type: yes_no}, go to: {no: bye}, on timeout: ask by sms}
  much: {only if: top is one, ask: "How much?", answer: {type: money, min: 1, max: 9, required: no}}
  account: {choose: "Which?", from: my.accounts, show: "{account.nickname}", none: bye}
  which: {choose: "Which?", from: my.accounts, show: "{account.nickname}", none: bye, unavailable: hello}
  secret: {ask: "PIN?", answer: {type: secret}}
  keep: {set: {said: yes}, go to: other}
  other: {run: helper}
  tell: {do: open case, with: {kind: call_back}, opened: bye, unavailable: top}
  bye: {end: "Bye."}
"""
HELPER = """\
flow: helper
words: en
who: client
starts: {menu: helpers, as: "Help"}
steps:
  list: {only if: client.known is yes, menu: "Help", lists: helpers}
  bye: {end: }
"""
WAYS = """\
 start hello
 without PIN bye
hello next top
top option one sure
top option two secret
top timeout bye
sure way yes much
sure way no bye
much skipped account
much next account
much refused account
account next which
account none bye
account unavailable -
which next secret
which none bye
which unavailable hello
secret next keep
secret not here -
keep next other
other back tell
other not for them tell
tell exit opened bye
tell exit unavailable top
bye end -
"""


def loaded(*texts: str) -> dict[str, Flow]:
    files = [SourceFile(f"flows/{text.split()[1]}.yaml", text) for text in texts]
    flows, faults = load_flows(files, HOUSE, {})
    assert not [fault for fault in faults if fault.level == "error"]
    return flows


def test_every_kind_of_step_leads_where_the_engine_goes() -> None:
    flows = loaded(EVERY_KIND, HELPER)
    graph = Graph(flows["every"], flows)
    written = [" ".join((e.step, e.how, e.target or "-")) for e in graph.edges if e.how != "third miss"]
    assert written == WAYS.splitlines()
    missed = [edge.step for edge in graph.edges if edge.how == "third miss"]
    assert missed == ["top", "sure", "much", "account", "which", "secret"]
    assert [step for step in graph.flow.steps if graph.waits(step)] == ["top", "sure", "much", "secret"]


def test_a_menu_leads_to_the_flows_that_start_from_it() -> None:
    flows = loaded(EVERY_KIND, HELPER)
    graph = Graph(flows["helper"], flows)
    assert graph.after("list")[:2] == (Edge("list", "skipped", "bye"), Edge("list", "flow helper", None))
    assert graph.to_end() == {"list", "bye"}
    assert graph.before("bye") == (Edge("list", "skipped", "bye"),)


def test_loops_are_found_and_what_only_passes_is_none() -> None:
    flows = loaded(EVERY_KIND, HELPER)
    graph = Graph(flows["every"], flows)
    assert graph.components() == (frozenset(graph.flow.steps) - {"bye"},)
    assert graph.reachable() == set(graph.flow.steps)
    assert graph.reachable("keep") == set(graph.flow.steps)
    assert graph.reachable("bye") == set()


def test_an_apology_is_no_end() -> None:
    choose = 'choose: "Which?", from: my.accounts, show: "{account.nickname}"'
    steps = f"  again: {{{choose}, none: again, go to: again}}\n  last: {{end: }}\n"
    flow = loaded(f"flow: cut\nwords: en\nwho: client with PIN\nsteps:\n{steps}")["cut"]
    assert Graph(flow, {}).to_end() == {"last"}
    assert Graph(flow, {}).components() == (frozenset({"again"}),)


@st.composite
def tangles(draw: st.DrawFn) -> Flow:
    """A flow of menus whose options lead anywhere."""
    names = [f"s{n}" for n in range(draw(st.integers(1, 7)))]
    text = Text("", "", 1)
    ways = st.lists(st.sampled_from(names), max_size=3)
    made = {
        name: Menu(name=name, line=1, text=text, options=tuple(Option(to, text, to) for to in draw(ways)))
        for name in names
    }
    steps: dict[str, AnyStep] = {
        name: step if step.options else Say(name=name, line=1, text=text) for name, step in made.items()
    }
    return Flow(name="f", file="", language="en", steps=steps, order=dict(zip(names, [*names[1:], None], strict=True)))


@given(tangles())
def test_what_leads_where_equals_the_closure(flow: Flow) -> None:
    graph = Graph(flow, {})
    leads = {(edge.step, edge.target) for edge in graph.edges if edge.target}
    for middle, first, last in product([*flow.steps], [START, *flow.steps], [*flow.steps]):
        if (first, middle) in leads and (middle, last) in leads:
            leads.add((first, last))
    for step in [START, *flow.steps]:
        assert graph.reachable(step) == {target for origin, target in leads if origin == step}
    loops = {frozenset(b for b in flow.steps if (a, b) in leads and (b, a) in leads) for a in flow.steps}
    assert set(graph.components()) == loops - {frozenset()}
