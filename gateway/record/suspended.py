"""Money in the book ``suspense``, by its receipt: what lies there, and what a person has moved to an account.

Everything starts from the legs of that one book, which are few.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from flows.ports import Leg
from flows.products.chart import SUSPENSE, lies, undo
from flows.values import Money
from gateway.record.tables import ledger

MOVED = "moved"  # the keys of these postings: moved:<how many times before>:<receipt>
_its = ledger.c


@dataclass(frozen=True, slots=True)
class Waiting:
    """Money of one receipt. ``account``: where it was moved to; "": it lies in suspense. ``key``: of that posting."""

    receipt: str
    amount: Money
    account: str = ""
    key: str = ""


async def lock(conn: AsyncConnection, receipt: str) -> None:
    """Of two who decide about the same money, the second waits here, and reads then what the first has done."""
    its = (_its.book == SUSPENSE, _its.provider_ref == receipt)
    await conn.execute(sa.select(_its.key).where(*its).order_by(_its.key).with_for_update())


async def place(conn: AsyncConnection, receipt: str) -> str | None:
    """Where the money of this receipt is without a payment of ours: ``suspense``, or the account that it was moved to;
    None: nowhere. It stays there until this transaction ends."""
    await lock(conn, receipt)
    if await lying(conn, receipt):
        return SUSPENSE
    there = await standing(conn, receipt)
    return there[0].account if there else None


async def lying(conn: AsyncConnection, receipt: str) -> Money | None:
    """What of it lies in suspense."""
    its = sa.select(*(_its[name] for name in Leg.__slots__)).where(_its.book == SUSPENSE)
    legs = [Leg(*row) for row in await conn.execute(its.where(_its.provider_ref == receipt))]
    for currency in sorted({leg.currency for leg in legs}):
        if (minor := lies(legs, receipt, currency)) > 0:
            return Money(minor, currency)
    return None


async def standing(conn: AsyncConnection, receipt: str | None = None, limit: int | None = None) -> list[Waiting]:
    """What stands on an account since it was moved there, the newest first; of one ``receipt``, or of all."""
    rows = await conn.execute(_standing(receipt).limit(limit))
    return [Waiting(ref, Money(-int(minor), currency), to, key) for key, ref, to, currency, minor in rows]


async def count(conn: AsyncConnection) -> int:
    """How many of those there are."""
    return await conn.scalar(sa.select(sa.func.count()).select_from(_standing().order_by(None).subquery())) or 0


async def times(conn: AsyncConnection, receipt: str) -> int:
    """How often money of this receipt was moved before."""
    its = (_its.provider_ref == receipt, _its.book == SUSPENSE, _its.key.startswith(f"{MOVED}:"))
    return await conn.scalar(sa.select(sa.func.count()).select_from(ledger).where(*its)) or 0


def _standing(receipt: str | None = None) -> sa.Select[Any]:
    left, back = ledger.alias("left_suspense"), ledger.alias("taken_back")
    taken_back = sa.exists().where(back.c.key == sa.literal(undo("")).concat(left.c.key))
    names = (_its.key, _its.provider_ref, _its.account, _its.currency)
    asked = sa.select(*names, sa.func.sum(_its.minor).label("minor"))
    asked = asked.join_from(left, ledger, _its.key == left.c.key)
    its = (left.c.book == SUSPENSE, left.c.key.startswith(f"{MOVED}:"), _its.account != SUSPENSE, ~taken_back)
    asked = asked.where(*its, *([] if receipt is None else [left.c.provider_ref == receipt]))
    return asked.group_by(*names).order_by(sa.func.max(_its.at).desc(), _its.key)
