"""Asks a wallet for what was agreed to: written down now, carried out when this session has closed, told by SMS."""

from __future__ import annotations

from flows.actions import Action, Call, Input
from flows.events import Outcome
from flows.ports import Agreed, World
from flows.values import Kind

ACTION = Action(
    effect=True,
    exits=("asked", "already asked", "unavailable"),
    laters=("paid", "not paid", "unknown"),
    laters_of_split=("paid each member",),
    authority=("pin", "wallet"),
    inputs={
        "account": Input(Kind.TEXT),
        "amount": Input(Kind.MONEY),
        "fee": Input(Kind.MONEY),
        "wallet": Input(Kind.PHONE),
        "later": Input(Kind.RECORD),  # what else there is of flows.ports.Agreed
    },
    outputs={"amount": Kind.MONEY},  # of the payment that is open now
    collects=True,
    again={"asked": "already asked"},
    refusals={"changed": "payment_changed", "too often": "payment_too_often"},
)


async def run(world: World, call: Call) -> Outcome:
    given = dict(call.inputs)
    agreed = Agreed(**given.pop("later"), **given)
    exit_, under_way = await world.payments.collect(call.key, call.caller, agreed)
    return Outcome(exit_, {"amount": under_way.amount if under_way else agreed.amount})
