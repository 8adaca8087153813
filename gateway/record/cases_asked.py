"""Cases as the client who waits for them may see them: a list of their own, or one by its number."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa

from flows.ports import Asked, Caller
from gateway.record.database import Database
from gateway.record.phones import bare
from gateway.record.tables import case

LATELY = dt.timedelta(days=30)  # how long a closed one is still told of
MOST = 12

_COLUMNS = (case.c.number, case.c.kind, case.c.state, case.c.opened_at, case.c.promised, case.c.closed_at)


async def of(db: Database, caller: Caller, now: dt.datetime, zone: dt.tzinfo) -> list[Asked]:
    """Open ones and those closed lately, the newest first. Raises Unavailable."""
    lately = sa.or_(case.c.state != "closed", case.c.closed_at >= now - LATELY)
    asked = sa.select(*_COLUMNS).where(_own(caller), lately).order_by(case.c.opened_at.desc(), case.c.number)
    async with db.read() as conn:
        return [_asked(row, zone) for row in await conn.execute(asked.limit(MOST))]


async def find(db: Database, caller: Caller, number: str, zone: dt.tzinfo) -> Asked | None:
    """The caller's case of this number, however it was typed. Raises Unavailable."""
    asked = sa.select(*_COLUMNS).where(_own(caller), case.c.number == f"C-{bare(number).lstrip('c')}")
    async with db.read() as conn:
        found = (await conn.execute(asked)).one_or_none()
    return _asked(found, zone) if found else None


def _own(caller: Caller) -> sa.ColumnElement[bool]:
    """What the client opened; of a number that nobody is known by, what was opened from it."""
    if caller.client:
        return case.c.client == caller.client
    return sa.and_(case.c.client.is_(None), case.c.address == caller.address)


def _asked(row: Any, zone: dt.tzinfo) -> Asked:
    number, kind, state, opened, promised, closed = row
    day = closed.astimezone(zone).date() if closed else None
    return Asked(number, kind, state, opened.astimezone(zone).date(), promised, day)
