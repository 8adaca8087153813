"""The client's own accounts that money can be taken out of now."""

from __future__ import annotations

from flows.model import Institution
from flows.ports import Caller, World
from flows.sources import Source
from flows.sources.my_accounts import SOURCE as ACCOUNTS
from flows.sources.my_accounts import as_item
from flows.values import Kind, Value

SOURCE = Source(
    item="account",
    fields={**ACCOUNTS.fields, "free": Kind.MONEY},
    authority=("pin",),
    only_if=ACCOUNTS.only_if,
)


async def read(world: World, caller: Caller, institution: Institution) -> list[dict[str, Value]]:
    """``free`` is what is saved, less what must stay; where the bank does not say what must, all of it."""
    own = await world.bank.accounts(caller.client)
    found = [(account, account.free or account.saved) for account in own if not account.closed]
    return [as_item(account) | {"free": free} for account, free in found if free is not None and free.minor > 0]
