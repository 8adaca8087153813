"""How often a day a phone may be asked to pay for somebody else, and a client may have other phones asked.

A prompt of a wallet on a phone that has not asked for it is a nuisance, and in the wrong hands a threat. Another phone
of the client's own is none.
"""

from __future__ import annotations

import datetime as dt
import zlib

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from flows.ports import Caller
from gateway.record.tables import contact, payment

USUAL = 5  # prompts in a day
DAY = dt.timedelta(days=1)
_LOCK = 7_135_921  # any number: of two at once for one phone one waits


async def too_often(conn: AsyncConnection, caller: Caller, wallet: str, most: int, now: dt.datetime) -> bool:
    """Whether ``wallet`` was asked often enough for others in the last day, or this client has had others asked so."""
    if wallet == caller.address or await _own(conn, caller.client, wallet):
        return False
    if conn.dialect.name == "postgresql":  # SQLite has one writer at a time
        await conn.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK, zlib.crc32(wallet.encode()) - 2**31)))
    row = payment.c
    lately = sa.and_(row.created_at > now - DAY, row.wallet != row.address)
    of_phone = sa.select(sa.func.count()).where(lately, row.wallet == wallet)
    of_client = sa.select(sa.func.count()).where(lately, row.client == caller.client)
    return max(await conn.scalar(of_phone) or 0, await conn.scalar(of_client) or 0) >= most


async def _own(conn: AsyncConnection, client: str, wallet: str) -> bool:
    mine = sa.and_(contact.c.client == client, contact.c.address == wallet, contact.c.until.is_(None))
    return (await conn.scalar(sa.select(contact.c.id).where(mine).limit(1))) is not None
