"""What became of the client's newest payment: paid, not paid, or not known yet. Never one for another."""

from __future__ import annotations

from flows.actions import Action, Call
from flows.events import Outcome
from flows.ports import World
from flows.values import Kind

ACTION = Action(
    effect=False,
    exits=("paid", "not paid", "checking", "none", "unavailable"),
    authority=("client",),
    outputs={"amount": Kind.MONEY, "on": Kind.DATE, "account": Kind.TEXT, "receipt": Kind.TEXT},
    gives=dict.fromkeys(("not paid", "checking"), ("amount", "on", "account")) | {"none": ()},
)


async def run(world: World, call: Call) -> Outcome:
    last = await world.payments.last(call.caller)
    if last is None:
        return Outcome("none")
    known = {"amount": last.amount, "on": last.at.date(), "account": last.account, "receipt": last.receipt}
    return Outcome(last.state, known)
