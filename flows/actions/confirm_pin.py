"""The new PIN, typed again. When it is the same it holds from now on, and the client's phones are told by SMS."""

from __future__ import annotations

from flows.actions import Action, Call, Input
from flows.events import Outcome
from flows.ports import World
from flows.values import Kind

ACTION = Action(
    effect=True,
    exits=("set", "different", "expired", "unavailable"),
    authority=("pin", "code"),
    inputs={"pin": Input(Kind.SECRET)},
    proves="pin",
)


async def run(world: World, call: Call) -> Outcome:
    return Outcome(await world.pins.confirm(call.key, call.caller, call.inputs["pin"]))
