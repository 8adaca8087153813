"""Where a client can be reached now, and how the numbers are typed that prove who they are."""

from __future__ import annotations

import re

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.record.database import insert_new
from gateway.record.tables import address, contact


async def addresses_of(conn: AsyncConnection, of: str) -> list[str]:
    """Every address at which this client can be reached today."""
    rows = sa.select(contact.c.address).where(contact.c.client == of, contact.c.until.is_(None)).distinct()
    return sorted(await conn.scalars(rows))


async def hold(conn: AsyncConnection, on: str) -> None:
    """Keeps everybody else from changing who is known on this address until the transaction ends."""
    await insert_new(conn, address, {"address": on})
    await conn.execute(sa.select(address.c.address).where(address.c.address == on).with_for_update())


def same_text(typed: str, known: str) -> bool:
    """``c 0012`` typed for ``C-0012``. Letters and figures count, nothing between them."""
    return bool(bare(typed)) and bare(typed) == bare(known)


def bare(text: str) -> str:
    """Its letters and figures, in one case; digits of any script as 0-9."""
    kept = re.sub(r"[\W_]", "", text.casefold())
    return "".join(str(int(c)) if c.isdecimal() else c for c in kept)
