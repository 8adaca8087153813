"""When the client last answered a flow to its end, so that nobody is asked the same things again too soon."""

from __future__ import annotations

from flows.actions import Action, Call, Input
from flows.events import Outcome
from flows.ports import World
from flows.values import Kind

ACTION = Action(
    effect=False,
    exits=("answered", "never", "unavailable"),
    authority=("client",),
    inputs={"flow": Input(Kind.TEXT)},
    outputs={"on": Kind.DATE, "days": Kind.NUMBER},  # the day, and how many days ago that is
    gives={"never": ()},
)


async def run(world: World, call: Call) -> Outcome:
    day = await world.clients.answered(call.caller, call.inputs["flow"])
    if day is None:
        return Outcome("never")
    return Outcome("answered", {"on": day, "days": (world.today() - day).days})
