"""The client says which messages they want. Service messages (receipts, security) are not a matter of consent."""

from __future__ import annotations

from flows.actions import Action, Call, Input
from flows.events import Outcome
from flows.ports import World
from flows.values import Kind

ACTION = Action(
    effect=True,
    exits=("done", "unavailable"),
    inputs={
        "purpose": Input(Kind.CHOICE, choices=("survey", "marketing", "reminder")),
        "given": Input(Kind.YES_NO),
    },
)


async def run(world: World, call: Call) -> Outcome:
    purpose, given = call.inputs["purpose"], call.inputs["given"]
    await world.consents.give(call.key, call.caller, purpose, given, call.caller.notice)
    return Outcome("done")
