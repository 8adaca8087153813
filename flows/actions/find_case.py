"""What became of a request, by the number that was told when it was made. Never somebody else's."""

from __future__ import annotations

from flows.actions import Action, Call, Input
from flows.events import Outcome
from flows.ports import World
from flows.values import Kind, Word

ACTION = Action(
    effect=False,
    exits=("waiting", "late", "closed", "not found", "unavailable"),
    inputs={"number": Input(Kind.SECRET)},
    outputs={"number": Kind.TEXT, "kind": Kind.TEXT, "promised": Kind.DATE, "closed": Kind.DATE},
    gives=dict.fromkeys(("waiting", "late"), ("number", "kind", "promised")) | {"not found": ()},
)


async def run(world: World, call: Call) -> Outcome:
    case = await world.cases.find(call.caller, call.inputs["number"].reveal())
    if case is None:
        return Outcome("not found")
    known = {"number": case.number, "kind": Word(f"case_{case.kind}"), "promised": case.promised}
    if case.state == "closed":
        return Outcome("closed", known | {"closed": case.closed or case.promised})
    return Outcome("late" if case.promised < world.today() else "waiting", known)
