"""What the record holds of a client's PIN, read inside a transaction."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.record.phones import addresses_of
from gateway.record.tables import client, pin
from gateway.record.weak_pins import Holder

_ROW = sa.select(pin).where(pin.c.client == sa.bindparam("of"))

CANDIDATE_LIVES = dt.timedelta(minutes=10)


def use_of_pin(of: str) -> str:
    """What a PIN's hash is bound to."""
    return f"pin {of}"


def use_of_code(of: str) -> str:
    """What an activation code's hash is bound to."""
    return f"code {of}"


async def pin_of(conn: AsyncConnection, of: str) -> str | None:
    """The hash of the PIN; None if the client has none."""
    row = await _row(conn, of)
    return row.hash or None if row is not None else None


async def code_of(conn: AsyncConnection, of: str, now: dt.datetime) -> str | None:
    """The hash of an activation code that can still be used, or None."""
    row = await _row(conn, of)
    if row is None or row.code_expires is None or row.code_expires <= now:
        return None
    return row.code_hash or None


async def candidate_of(conn: AsyncConnection, of: str, now: dt.datetime) -> str | None:
    """The hash of a new PIN that waits to be typed again, or None."""
    row = await _row(conn, of)
    if row is None or row.candidate_at is None or now - row.candidate_at > CANDIDATE_LIVES:
        return None
    return row.candidate or None


async def holder_of(conn: AsyncConnection, of: str, address: str) -> Holder:
    """What others know of this client and would try first."""
    known = sa.select(client.c.birth_date, client.c.number).where(client.c.id == of)
    row = (await conn.execute(known)).one()
    return Holder(row.birth_date, (*await addresses_of(conn, of), address, row.number))


async def _row(conn: AsyncConnection, of: str) -> sa.Row[Any] | None:
    return (await conn.execute(_ROW, {"of": of})).one_or_none()
