"""Each action and each source against its table of cases. One without a table, or with an exit never seen, fails."""

from __future__ import annotations

import datetime as dt
import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from msgspec.structs import replace

from flows import actions, sources
from flows.actions import Call
from flows.conditions.values import is_empty
from flows.inputs import BadInput
from flows.model import Institution
from flows.ports import Account, Asked, Begun, Caller, Case, Entry, Payable, Registered, Unavailable
from flows.values import Absent, Kind, Money, Phone, Secret

HERE = Path(__file__).parent
NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
CALLER = Caller("+254700000001", "ussd", "c1", "en", "conv", number="C-0012", notice="3")
KEY = "conv.0.flow.step"
MADE = {
    "bank.accounts": Account,
    "bank.statement": Entry,
    "cases.find": Asked,
    "cases.of": Asked,
    "cases.open": Case,
    "clients.register": Registered,
    "payments.last": Payable,
    "payments.recent": Payable,
    "invitations.begin": Begun,
}
EMPTY = {"product": "", "nickname": "", "features": [], "currency": "KES", "balance": Money(0, "KES")}
PLAIN: dict[Kind, type] = {
    Kind.TEXT: str,
    Kind.NUMBER: int,
    Kind.DATE: dt.date,
    Kind.RECORD: dict,
    Kind.LIST: list,
    Kind.MONEY: Money,
}


class Port:
    """Any port: answers from a table, and notes what it was asked."""

    def __init__(self, name: str, answers: dict[str, Any], asked: dict[str, list[Any]]) -> None:
        self.name, self.answers, self.asked = name, answers, asked

    def __getattr__(self, method: str) -> Any:
        call = f"{self.name}.{method}"

        async def answer(*args: Any) -> Any:
            assert call in self.answers, f"the case has no answer for {call}"
            self.asked[call] = list(args)
            if self.answers[call] == "(unavailable)":
                raise Unavailable
            return made(call, self.answers[call])

        return answer


class FakeWorld:
    def __init__(self, answers: dict[str, Any]) -> None:
        self.asked: dict[str, list[Any]] = {}
        for name in ("bank", "pins", "clients", "consents", "cases", "payments", "invitations"):
            setattr(self, name, Port(name, answers, self.asked))

    def today(self) -> dt.date:
        return NOW.date()

    def now(self) -> dt.datetime:
        return NOW


def made(call: str, answer: Any) -> Any:
    kind = MADE.get(call)
    if call == "payments.collect":
        return answer[0], made("payments.last", answer[1])
    if kind is None or answer is None:
        return typed(answer)
    if isinstance(answer, list):
        return [made(call, one) for one in answer]
    given = typed(answer)
    if kind is Payable:
        given["at"] = dt.datetime.combine(given["at"], dt.time(9), dt.UTC)
    if kind is Account:
        given = {**EMPTY, **given}
        given["features"] = tuple(given["features"])
    return kind(**given)


def typed(value: Any) -> Any:
    """YAML as the values of a conversation: "500 KES" is money, "(secret) 12" a secret, "(skipped)" no answer."""
    if isinstance(value, dict):
        return {k: typed(v) for k, v in value.items()}
    if isinstance(value, list):
        return [typed(v) for v in value]
    if isinstance(value, str) and re.fullmatch(r"\+\d+", value):
        return Phone(value)
    if not isinstance(value, str):
        return value
    if money := re.fullmatch(r"(-?\d+) ([A-Z]{3})", value):
        return Money(int(money[1]), money[2])
    if value.startswith("(secret) "):
        return Secret(value.removeprefix("(secret) "))
    return {"(skipped)": Absent.SKIPPED, "(false)": False, "(true)": True}.get(value, value)


def cases(folder: str, names: list[str]) -> Iterator[Any]:
    for name in names:
        path = HERE / folder / f"{name.replace(' ', '_').replace('.', '_')}.yaml"
        if not path.exists():
            yield pytest.param(name, None, id=f"{name}: no table")
            continue
        for case in load(path):
            yield pytest.param(name, case, id=f"{name}: {case['case']}")


def load(path: Path) -> list[dict[str, Any]]:
    """``yes`` and ``no`` stay the words that a flow file holds; dates and true are typed."""

    class Loader(yaml.SafeLoader):
        pass

    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in found if first not in "yYnNoO" or not tag.endswith(":bool")]
        for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return list(yaml.load(path.read_text(), Loader))


@pytest.mark.parametrize(("name", "case"), list(cases("actions", sorted(actions.catalogue()))))
async def test_action(name: str, case: dict[str, Any] | None) -> None:
    assert case is not None, f"the action {name} needs tests/actions/{name.replace(' ', '_')}.yaml"
    action, run = actions.catalogue()[name]
    world, caller = FakeWorld(case.get("answers", {})), replace(CALLER, **case.get("as", {}))
    call = Call(caller, KEY, typed(case["with"]))
    if "refused" in case:
        with pytest.raises(BadInput, match=f"^{re.escape(case['refused'])}$"):
            await run(world, call)
        return
    outcome = await run(world, call)
    assert outcome.exit == case["exit"]
    assert outcome.exit in (*action.exits, *action.refusals)
    assert outcome.values.keys() <= action.outputs.keys()
    if not action.builtin:  # what a flow may name after it is there
        assert not any(is_empty(outcome.values.get(output)) for output in action.known_after(outcome.exit))
    for output, value in outcome.values.items():
        assert isinstance(value, PLAIN[action.outputs[output]])
    if "values" in case:
        assert outcome.values == typed(case["values"])
    for port, args in case.get("asked", {}).items():
        assert world.asked[port] == [
            {"key": KEY, "caller": caller}.get(a, a) if isinstance(a, str) else a for a in args
        ]
    if action.effect and world.asked:
        assert next(iter(world.asked.values()))[:2] == [KEY, caller], "an effect passes on its key"


@pytest.mark.parametrize("name", sorted(actions.catalogue()))
def test_every_exit_is_seen(name: str) -> None:
    action, _ = actions.catalogue()[name]
    seen = {case.get("exit") for case in load(HERE / "actions" / f"{name.replace(' ', '_')}.yaml")} - {None}
    assert seen == {*action.exits, *action.refusals}
    assert "unavailable" in seen, "any port may be down"


def test_every_table_has_its_action() -> None:
    assert {p.stem.replace("_", " ") for p in (HERE / "actions").glob("*.yaml")} == set(actions.catalogue())
    assert {p.stem for p in (HERE / "sources").glob("*.yaml")} == {n.replace(".", "_") for n in sources.catalogue()}


@pytest.mark.parametrize("name", sorted(actions.catalogue()))
def test_an_action_is_one_small_file(name: str) -> None:
    module = importlib.import_module(f"flows.actions.{name.replace(' ', '_')}")
    assert len(inspect.getsource(module).splitlines()) <= 80
    assert module.__doc__


@pytest.mark.parametrize(("name", "case"), list(cases("sources", sorted(sources.catalogue()))))
async def test_source(name: str, case: dict[str, Any] | None) -> None:
    assert case is not None, f"the source {name} needs tests/sources/{name.replace('.', '_')}.yaml"
    source, read = sources.catalogue()[name]
    institution = Institution(name="Jamii MFI", short_name="Jamii", languages=tuple(case.get("languages", ["en"])))
    items = await read(FakeWorld(case.get("answers", {})), CALLER, institution)
    assert all(item.keys() == source.fields.keys() for item in items)
    if "ids" in case:
        assert [item["id"] for item in items] == case["ids"]
    else:
        assert items == typed(case["items"])


def test_who_an_action_runs_for_is_not_told_by_accident() -> None:
    assert not any(told in repr(CALLER) for told in (CALLER.address, CALLER.number))
