"""The client says which messages they want. Service messages (receipts, security) are not a matter of consent."""

from __future__ import annotations

from flows.actions import Action, Call, Input
from flows.events import Outcome
from flows.ports import World
from flows.values import Kind

PURPOSES = ("survey", "marketing", "reminder")
STOP = ("survey", "marketing")  # what the word STOP ends; reminders are as the institution configured them

ACTION = Action(
    effect=True,
    exits=("done", "unavailable"),
    inputs={
        "purpose": Input(Kind.CHOICE, choices=(*PURPOSES, "stop")),
        "given": Input(Kind.YES_NO),
    },
)


async def run(world: World, call: Call) -> Outcome:
    purpose, given = call.inputs["purpose"], call.inputs["given"]
    keyed = {f"{call.key}.{one}": one for one in STOP} if purpose == "stop" else {call.key: purpose}
    for key, one in keyed.items():
        await world.consents.give(key, call.caller, one, given, call.caller.notice)
    return Outcome("done")
