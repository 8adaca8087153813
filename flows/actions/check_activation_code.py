"""Is this the activation code that the client was given face to face? It allows one PIN to be set."""

from __future__ import annotations

from flows.actions import Action, Call, Input
from flows.events import Outcome
from flows.ports import World
from flows.values import Kind

ACTION = Action(
    effect=True,
    exits=("right", "wrong", "locked", "no code", "unavailable"),
    authority=("client",),
    inputs={"code": Input(Kind.SECRET)},
    proves="code",
)


async def run(world: World, call: Call) -> Outcome:
    return Outcome(await world.pins.check_code(call.key, call.caller, call.inputs["code"]))
