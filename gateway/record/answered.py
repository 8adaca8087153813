"""What clients answered at each step, counted: nothing of any one of them."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from gateway.record.database import Database
from gateway.record.tables import message


async def counts(db: Database, since: dt.datetime) -> dict[tuple[str, str, str], int]:
    """By flow, step and what was understood. Raises Unavailable."""
    by = (message.c.flow, message.c.step, message.c.matched)
    heard = sa.and_(message.c.direction == "in", message.c.at >= since, message.c.matched != "")
    asked = sa.select(*by, sa.func.count()).where(heard).group_by(*by)
    async with db.read() as conn:
        return {(flow, step, matched): count for flow, step, matched, count in await conn.execute(asked)}
