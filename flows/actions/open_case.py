"""Something for a member of staff to answer by a promised day. One that is open already is not opened twice."""

from __future__ import annotations

from collections.abc import Mapping

from flows.actions import Action, Call, Input
from flows.events import Outcome
from flows.money import plain
from flows.ports import World
from flows.values import Kind, Value

KINDS = ("call_back", "question", "complaint", "fraud", "loan", "top_up", "withdrawal", "dispute")

ACTION = Action(
    effect=True,
    exits=("opened", "unavailable"),
    inputs={
        "kind": Input(Kind.CHOICE, choices=KINDS),
        "about": Input(Kind.TEXT, required=False),
        "reason": Input(Kind.TEXT, required=False),
        "payment": Input(Kind.TEXT, required=False),
        "account": Input(Kind.TEXT, required=False),
        "amount": Input(Kind.MONEY, required=False),
    },
    outputs={"number": Kind.TEXT, "promised": Kind.DATE},
)


async def run(world: World, call: Call) -> Outcome:
    case = await world.cases.open(call.key, call.caller, call.inputs["kind"], _about(call.inputs))
    return Outcome("opened", {"number": case.number, "promised": case.promised})


def _about(inputs: Mapping[str, Value]) -> str:
    """What staff read: first what is known of it (``amount: 500 KES``), each on a line, then the client's own words."""
    amount = inputs["amount"]
    named = {**inputs, "amount": plain(amount) if amount else ""}
    lines = [f"{name}: {named[name]}" for name in ("payment", "account", "amount", "reason") if named[name]]
    return "\n".join([*lines, inputs.get("about") or ""]).strip()
