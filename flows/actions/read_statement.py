"""The last movements of an account, newest first: as many as fit a phone."""

from __future__ import annotations

from flows.actions import Action, Call, Input
from flows.events import Outcome
from flows.ports import World
from flows.values import Kind

LIMIT = 5

ACTION = Action(
    effect=False,
    exits=("found", "empty", "unavailable"),
    authority=("pin",),
    inputs={"account": Input(Kind.TEXT)},
    outputs={"lines": Kind.LIST},  # records with `on` (date), `kind` (a word: repaid, …) and `amount` (money)
    gives={"empty": ()},
)


async def run(world: World, call: Call) -> Outcome:
    ref = call.inputs["account"]
    own = await world.bank.accounts(call.caller.client)
    if not any(account.ref == ref for account in own):  # a flow may pass on what a client typed
        return Outcome("empty")
    entries = await world.bank.statement(ref, LIMIT)
    lines = [{"on": entry.on, "kind": entry.kind, "amount": entry.amount} for entry in entries[:LIMIT]]
    return Outcome("found", {"lines": lines}) if lines else Outcome("empty")
