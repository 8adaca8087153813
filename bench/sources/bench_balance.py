"""The accounts of this phone's client, read as `my.accounts` reads them, for a session that asks no PIN.

Found by folder, as every source is, but only by the processes of a measurement: no release of the product has it.
"""

from __future__ import annotations

from flows.model import Institution
from flows.ports import Caller, World
from flows.sources import Source
from flows.sources.my_accounts import as_item
from flows.values import Kind, Value

SOURCE = Source(
    item="account",
    fields={"id": Kind.TEXT, "nickname": Kind.NAME, "balance": Kind.MONEY},
    authority=("client",),
)


async def read(world: World, caller: Caller, institution: Institution) -> list[dict[str, Value]]:
    del institution
    return [as_item(account) for account in await world.bank.accounts(caller.client)]
