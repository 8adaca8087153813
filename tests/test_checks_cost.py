"""The figures of ways against ways walked by hand and one by one; the model; prices. One fault each: broken/cost."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise

import pytest
import sqlalchemy as sa
from checking import subject_of
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.checks import Graph, cost
from flows.checks.cost import traffic, ways
from flows.checks.cost.costs import Costs
from flows.checks.cost.effort import Effort
from flows.checks.cost.pace import QUICK, SLOW, USUAL
from flows.checks.cost.prices import Prices
from flows.checks.graph import START, Edge
from flows.checks.shown import Shows
from flows.model import End, Flow, Menu, Option, Text
from flows.screens.profile import Profile
from gateway.cli import njia
from gateway.publishing import profiles
from gateway.record.answered import counts
from gateway.record.database import Database
from gateway.record.tables import message

USSD = profiles()["ussd/africastalking"]
WORDS = Text("", "", 1)


def flow_of(leads: dict[str, list[str]]) -> ways.Roads:
    """Menus whose options lead where they say; what leads nowhere is an end."""
    steps: dict[str, Menu | End] = {
        name: Menu(name=name, line=1, text=WORDS, options=tuple(Option(f"to_{to}", WORDS, to) for to in targets))
        if targets
        else End(name=name, line=1, text=WORDS)
        for name, targets in leads.items()
    }
    names = list(steps)
    order = dict(zip(names, [*names[1:], None], strict=True))
    flow = Flow(name="f", file="", language="en", steps=steps, order=order)  # type: ignore[arg-type]
    return ways.Roads(Graph(flow, {"f": flow}))


def seconds(edge: Edge) -> Effort:
    """The figure in a step's name is what it takes."""
    return Effort(screens=1, seconds=float(edge.step[1:])) if edge.step != START else Effort()


def taken(found: dict[str, Effort]) -> dict[str, float]:
    return {step: effort.seconds for step, effort in found.items() if step != START}


def test_ways_by_hand() -> None:
    """From s1 down to e0 past s2 or s5, with a loop between s5 and s7."""
    roads = flow_of({"s1": ["s2", "s5"], "s2": ["e0"], "s5": ["e0", "s7"], "s7": ["s5"], "e0": []})
    assert taken(ways.shortest(roads, seconds)) == {"s1": 0, "s2": 1, "s5": 1, "s7": 6, "e0": 3}
    assert taken(ways.longest(roads, seconds)) == {"s1": 0, "s2": 1, "s5": 13, "s7": 13, "e0": 13}
    expected = ways.expected(roads, seconds, lambda _: 1.0)
    assert expected["e0"][0] == pytest.approx(0.75)  # of those who go to s7 nobody comes back: once round is enough
    assert expected["e0"][1].seconds == pytest.approx((0.5 * 3 + 0.25 * 6) / 0.75)


def test_what_was_answered_more_often_counts_more() -> None:
    roads = flow_of({"s1": ["s2", "s8"], "s2": ["e0"], "s8": ["e0"], "e0": []})
    often = {"option to_s2": 3.0}
    assert ways.expected(roads, seconds, lambda edge: often.get(edge.how, 1.0))["e0"][1].seconds == pytest.approx(4.5)


@st.composite
def downwards(draw: st.DrawFn) -> dict[str, list[str]]:
    """Flows without loops, each step with another duration."""
    count = draw(st.integers(2, 8))
    names = [f"s{number}" for number in draw(st.permutations(range(1, 20)))[:count]]
    return {
        name: sorted(draw(st.sets(st.sampled_from(names[at + 1 :]), min_size=1, max_size=3))) if at + 1 < count else []
        for at, name in enumerate(names)
    }


def walks(leads: dict[str, list[str]], step: str) -> Iterator[list[str]]:
    for target in leads[step]:
        yield from ([step, *rest] for rest in walks(leads, target))
    if not leads[step]:
        yield [step]


@settings(max_examples=150, deadline=None)
@given(downwards())
def test_ways_are_those_of_walking_each_of_them(leads: dict[str, list[str]]) -> None:
    first, last = next(iter(leads)), list(leads)[-1]
    each = [(sum(int(step[1:]) for step, _ in pairwise(walk)), walk) for walk in walks(leads, first)]
    chances = [1.0 for _ in each]
    for at, (_, walk) in enumerate(each):
        for step in walk[:-1]:
            chances[at] /= len(leads[step])
    roads = flow_of(leads)
    assert ways.shortest(roads, seconds)[last].seconds == min(length for length, _ in each)
    assert ways.longest(roads, seconds)[last].seconds == max(length for length, _ in each)
    came, effort = ways.expected(roads, seconds, lambda _: 1.0)[last]
    assert came == pytest.approx(1.0)
    assert effort.seconds == pytest.approx(
        sum(chance * length for chance, (length, _) in zip(chances, each, strict=True))
    )


def test_what_is_shipped_takes_no_longer_than_channels_wait() -> None:
    assert list(cost.findings(subject_of())) == []


@pytest.mark.parametrize("channel", sorted(profiles()))
@pytest.mark.parametrize("language", ["en", "sw"])
def test_the_best_is_never_worse_than_the_usual_nor_this_than_the_worst(channel: str, language: str) -> None:
    paths = list(Costs(Shows(subject_of()), profiles()[channel], language).paths())
    assert len(paths) > 20
    for path in paths:
        assert path.best.seconds <= path.typical.seconds <= path.worst.seconds, (path.flow.name, path.end)
        assert path.best.screens <= path.typical.screens + 1e-9 <= path.worst.screens + 1e-6, (path.flow.name, path.end)


def test_a_balance_by_hand() -> None:
    """Main menu, PIN, balance of the only account: 3 screens; one key and "send", four figures and "send"."""
    shows = Shows(subject_of())
    path = next(p for p in Costs(shows, USSD, "en").paths() if (p.flow.name, p.end) == ("balance", "bye"))
    assert (path.best.screens, path.best.keys, path.best.letters, path.best.parts) == (3, 7, 0, 0)
    pages = {s.step.name: shows.pages(s, USSD) for s in shows.screens if s.language == "en" and not s.largest}
    reading = sum(len(text) / 6 / 238 * 60 for text in (*pages["top"], "Enter your Jamii PIN"))
    network = 3 * (USSD.target_seconds + 0.5)
    assert pages["top"][0].startswith("Jamii\n1 Pay") or len(pages["top"][0]) < 100
    assert path.best.seconds == pytest.approx(reading + 2 * 1.35 + 7 * 0.39 + network, rel=0.3)


def test_the_model_of_reading_and_typing() -> None:
    assert USUAL.reading(60) == pytest.approx(6.0)
    assert QUICK.reading(238 * 6) == pytest.approx(60)
    assert SLOW.answering(0, 25) == pytest.approx(2.7 + 60)
    assert QUICK.answering(2, 0) == pytest.approx(1.35 + 0.78)


@pytest.mark.parametrize(
    ("prices", "kind", "price"),
    [
        (Prices(ussd=Decimal("1.50")), "ussd", None),  # it sends an SMS, and what that costs is not given
        (Prices(ussd=Decimal("1.50"), sms=Decimal("0.80")), "ussd", Decimal("2.30")),
        (Prices(ussd=Decimal("1.50"), ussd_seconds=20, sms=Decimal(0)), "ussd", Decimal("4.50")),
        (Prices(sms=Decimal("0.80")), "sms", Decimal("0.80")),
        (Prices(sms=Decimal("0.80"), whatsapp=Decimal("0.40")), "whatsapp", Decimal("2.40")),
        (Prices(sms=Decimal("0.80")), "whatsapp", None),
    ],
)
def test_the_price_of_a_call(prices: Prices, kind: str, price: Decimal | None) -> None:
    effort = Effort(screens=4, keys=9, seconds=41, parts=1)
    assert prices.of(effort, Profile(kind=kind)) == price


def test_ways_weigh_as_clients_went_them() -> None:
    flows = subject_of().flows
    heard = {("call_me", "sure", "yes"): 30, ("call_me", "sure", "?"): 50, ("repay", "agree", "no"): 3}
    found = traffic.shares(heard, flows)
    assert found == {("call_me", "sure", "option yes"): 2.0, ("call_me", "sure", "option no"): ways.RARE}
    heard = {("repay", "agree", "yes"): 15, ("repay", "agree", "no"): 5}
    assert traffic.shares(heard, flows) == {("repay", "agree", "yes"): 1.5, ("repay", "agree", "no"): 0.5}


async def test_answers_are_counted(record: Database) -> None:
    """Since a day, and nothing that was only said."""
    now = dt.datetime(2026, 6, 15, tzinfo=dt.UTC)
    row = {"conversation": "c", "event": "said", "text": "", "flow": "call_me", "step": "sure", "matched": "yes"}
    rows = [{**row, "turn": turn, "direction": "in", "at": now} for turn in range(3)]
    rows += [{**row, "turn": 3, "direction": "in", "at": now, "matched": "no"}]
    rows += [{**row, "turn": 4, "direction": "in", "at": now - dt.timedelta(days=91)}]
    rows += [
        {**row, "turn": 1, "direction": "out", "at": now},
        {**row, "turn": 5, "direction": "in", "at": now, "matched": ""},
    ]
    async with record.write() as conn:
        await conn.execute(sa.insert(message), rows)
    found = await counts(record, now - dt.timedelta(days=90))
    assert found == {("call_me", "sure", "yes"): 3, ("call_me", "sure", "no"): 1}


def test_the_command_tells_each_way_with_its_price(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NJIA_DATA", str(tmp_path))
    monkeypatch.setenv("NJIA_PRICES__USSD", "1.00")
    monkeypatch.setenv("NJIA_PRICES__SMS", "0.80")
    made = CliRunner().invoke(njia, ["flows", "cost", "repay", "--channel", "ussd", "--json"])
    assert made.exit_code == 0, made.output
    found = json.loads(made.output)
    ends = {(row["language"], row["end"]): row for row in found["paths"]}
    assert ends["sw", "prompt"]["typical"]["price"] == "1.80"
    assert ends["en", "cancelled"]["best"]["price"] == "1.00"
    assert {row["flow"] for rows in found.values() for row in rows} == {"repay"}
    assert all(row["usual"]["screens"] <= row["largest"]["screens"] for row in found["screens"])
    text = CliRunner().invoke(njia, ["flows", "cost", "repay"]).output
    assert "A call on ussd lasts 180 seconds at most." in text
    wrong = CliRunner().invoke(njia, ["flows", "cost", "repai"])
    assert wrong.exit_code == 2
    assert 'Did you mean "repay"?' in wrong.output
