"""Claims the survey that the caller was invited to, with what was answered in an earlier call."""

from __future__ import annotations

from flows.actions import Action, Call, Input
from flows.events import Outcome
from flows.ports import World
from flows.values import Kind

ACTION = Action(
    effect=True,
    exits=("begun", "gone", "unavailable"),
    inputs={"invitation": Input(Kind.TEXT), "anew": Input(Kind.YES_NO)},
    outputs={"step": Kind.TEXT, "answers": Kind.LIST},
    builtin=True,
)


async def run(world: World, call: Call) -> Outcome:
    invitation, anew = call.inputs["invitation"], call.inputs["anew"]
    begun = await world.invitations.begin(call.key, call.caller, invitation, anew)
    if begun is None:
        return Outcome("gone")
    return Outcome("begun", {"step": begun.step, "answers": begun.answers})
