"""Is this the client's PIN? The engine asks it once a call, before the first private screen."""

from __future__ import annotations

from flows.actions import Action, Call, Input
from flows.events import Outcome
from flows.ports import World, minutes_left
from flows.values import Kind

ACTION = Action(
    effect=True,
    exits=("right", "wrong", "locked", "no pin", "unavailable"),
    authority=("client",),
    inputs={"pin": Input(Kind.SECRET)},
    outputs={"minutes": Kind.NUMBER},  # until the next try; 0 when not locked, and when only a reset ends the lock
    proves="pin",
    builtin=True,
)


async def run(world: World, call: Call) -> Outcome:
    exit_ = await world.pins.check(call.key, call.caller, call.inputs["pin"])
    until = await world.pins.locked_until(call.caller) if exit_ == "locked" else None
    return Outcome(exit_, {"minutes": minutes_left(until, world.now())})
