"""The client's own accounts, whatever they are made of."""

from __future__ import annotations

from operator import attrgetter

from flows.model import Institution
from flows.ports import Account, Caller, World
from flows.products.features import RUNS
from flows.sources import Source
from flows.values import Kind, Value

SOURCE = Source(
    item="account",
    fields={
        "id": Kind.TEXT,
        "ref": Kind.TEXT,
        "nickname": Kind.NAME,
        "product": Kind.TEXT,
        "features": Kind.LIST,
        "balance": Kind.MONEY,
        "due": Kind.MONEY,
        "due_on": Kind.DATE,
        "overdue": Kind.MONEY,
        "payoff": Kind.MONEY,
        "saved": Kind.MONEY,
        "last_paid": Kind.MONEY,
        "last_paid_on": Kind.DATE,
        "shares": Kind.NUMBER,
        "share_price": Kind.MONEY,
        "worth": Kind.MONEY,
        "kept": Kind.MONEY,
        "shared_out_on": Kind.DATE,
    },
    authority=("pin",),
    choices={"features": RUNS},
    only_if={
        "due": "features has credit or due_on is not empty",
        "due_on": "due more than 0 or overdue more than 0",
        "overdue": "features has credit",
        "payoff": "features has credit",
        "saved": "features has savings",
        "last_paid": "last_paid_on is not empty",
        "last_paid_on": "last_paid is not empty",
        "shares": "features has shares",
        "share_price": "features has shares",
        "worth": "features has shares",
        "kept": "features has shares",
        "shared_out_on": "shared_out_on is not empty",
    },
)


_NAMES = tuple(name for name in SOURCE.fields if name != "id")
_values = attrgetter(*_NAMES)


async def read(world: World, caller: Caller, institution: Institution) -> list[dict[str, Value]]:
    return [as_item(account) for account in await world.bank.accounts(caller.client) if not account.closed]


def as_item(account: Account) -> dict[str, Value]:
    """An account as a flow knows it; what its product lacks is None."""
    known = dict(zip(_NAMES, _values(account), strict=True))
    known["id"], known["features"] = account.ref, list(account.features)
    return known
