"""The client number, asked again after a long silence: operators give a number that fell silent to somebody else."""

from __future__ import annotations

from flows.actions import Action, Call, Input
from flows.events import Outcome
from flows.ports import World, minutes_left
from flows.values import Kind

ACTION = Action(
    effect=True,
    exits=("right", "wrong", "locked", "unavailable"),
    authority=("client",),
    inputs={"typed": Input(Kind.SECRET)},
    outputs={"minutes": Kind.NUMBER},  # until the next try; 0 when not locked, and when only a reset ends the lock
    builtin=True,
)


async def run(world: World, call: Call) -> Outcome:
    exit_ = await world.clients.prove_number(call.key, call.caller, call.inputs["typed"])
    until = await world.clients.locked_until(call.caller) if exit_ == "locked" else None
    return Outcome(exit_, {"minutes": minutes_left(until, world.now())})
