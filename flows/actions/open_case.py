"""Something for a member of staff to answer by a promised day. One that is open already is not opened twice."""

from __future__ import annotations

from flows.actions import Action, Call, Input
from flows.events import Outcome
from flows.ports import World
from flows.values import Kind

KINDS = ("call_back", "question", "complaint", "fraud", "loan", "top_up", "withdrawal", "dispute")

ACTION = Action(
    effect=True,
    exits=("opened", "unavailable"),
    inputs={"kind": Input(Kind.CHOICE, choices=KINDS), "about": Input(Kind.TEXT, required=False)},
    outputs={"number": Kind.TEXT, "promised": Kind.DATE},
)


async def run(world: World, call: Call) -> Outcome:
    case = await world.cases.open(call.key, call.caller, call.inputs["kind"], call.inputs["about"] or "")
    return Outcome("opened", {"number": case.number, "promised": case.promised})
