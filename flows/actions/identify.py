"""Who of a shared phone is this? By the nickname they set or their client number, never from a list of names."""

from __future__ import annotations

from flows.actions import Action, Call, Input
from flows.events import Outcome
from flows.ports import World
from flows.values import Kind

ACTION = Action(
    effect=False,
    exits=("found", "not found", "unavailable"),
    inputs={"typed": Input(Kind.TEXT)},
    outputs={"client": Kind.RECORD},
    builtin=True,
)


async def run(world: World, call: Call) -> Outcome:
    client = await world.clients.find(call.caller.address, call.inputs["typed"])
    return Outcome("found", {"client": client}) if client else Outcome("not found")
