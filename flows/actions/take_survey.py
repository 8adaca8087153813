"""Takes a survey for this call, so that a client who answers it on two phones at once is asked on one of them."""

from __future__ import annotations

from flows.actions import Action, Call, Input
from flows.events import Outcome
from flows.ports import World
from flows.values import Kind

ACTION = Action(
    effect=True,
    exits=("taken", "elsewhere", "unavailable"),
    inputs={"flow": Input(Kind.TEXT)},
    builtin=True,
)


async def run(world: World, call: Call) -> Outcome:
    taken = await world.invitations.take(call.key, call.caller, call.inputs["flow"])
    return Outcome("taken" if taken else "elsewhere")
