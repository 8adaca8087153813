"""Whether the client has a loan that is not repaid: more money is a top-up then. Tells nothing else of it."""

from __future__ import annotations

from flows.actions import Action, Call
from flows.events import Outcome
from flows.ports import Account, World

ACTION = Action(effect=False, exits=("open", "none", "unavailable"), authority=("client",))


async def run(world: World, call: Call) -> Outcome:
    own = await world.bank.accounts(call.caller.client)
    return Outcome("open" if any(_is_open(account) for account in own) else "none")


def _is_open(account: Account) -> bool:
    owed = account.payoff
    return "credit" in account.features and not account.closed and owed is not None and owed.minor > 0
