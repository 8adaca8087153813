"""Somebody whom nobody knows wants to become a client: a prospect on the record, and a case so that staff call."""

from __future__ import annotations

from flows.actions import Action, Call, Input
from flows.events import Outcome
from flows.ports import World
from flows.values import Kind

ACTION = Action(
    effect=True,
    exits=("registered", "already known", "unavailable"),
    inputs={"name": Input(Kind.NAME), "about": Input(Kind.TEXT, required=False)},
    outputs={"number": Kind.TEXT},
)


async def run(world: World, call: Call) -> Outcome:
    if call.caller.client:
        return Outcome("already known", {"number": call.caller.number})
    done = await world.clients.register(call.key, call.caller, call.inputs["name"], call.inputs["about"] or "")
    return Outcome("registered" if done.new else "already known", {"number": done.number})
