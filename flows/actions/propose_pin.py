"""The new PIN, typed for the first time. Only its hash is kept, and only until it is typed again."""

from __future__ import annotations

from flows.actions import Action, Call, Input
from flows.events import Outcome
from flows.ports import World
from flows.values import Kind

ACTION = Action(
    effect=True,
    exits=("proposed", "weak", "unavailable"),
    authority=("pin", "code"),
    inputs={"pin": Input(Kind.SECRET)},
)


async def run(world: World, call: Call) -> Outcome:
    return Outcome(await world.pins.propose(call.key, call.caller, call.inputs["pin"]))
