"""The client's own accounts on which something can be paid now."""

from __future__ import annotations

from flows.model import Institution
from flows.ports import Account, Caller, World
from flows.sources import Source
from flows.sources.my_accounts import SOURCE as ACCOUNTS
from flows.sources.my_accounts import as_item
from flows.values import Value

SOURCE = Source(item="account", fields=ACCOUNTS.fields, authority=("pin",))


async def read(world: World, caller: Caller, institution: Institution) -> list[dict[str, Value]]:
    return [as_item(account) for account in await world.bank.accounts(caller.client) if _payable(account)]


def _payable(account: Account) -> bool:
    asked = (account.due, account.payoff)
    return not account.closed and any(amount is not None and amount.minor > 0 for amount in asked)
