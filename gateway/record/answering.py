"""Which call answers a survey: one at a time for each client, until it is done, left, or silent for too long."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from flows.ports import Caller
from gateway.record.database import insert_new
from gateway.record.tables import answering

LET_GO = dt.timedelta(minutes=15)  # after so long without a word another phone may take the survey over
JUST_NOW = dt.timedelta(minutes=1)  # who completed it so lately has answered it, whatever else was read a moment ago
_row = answering.c


async def take(conn: AsyncConnection, caller: Caller, flow: str, now: dt.datetime) -> bool:
    """Whether this call has the survey from now on. Of two at once one waits, and then finds it taken."""
    values = {"conversation": caller.conversation, "address": caller.address, "heard_at": now, "state": "open"}
    key = {"client": caller.client, "flow": flow}
    if await insert_new(conn, answering, {**key, **values}):
        return True
    free = sa.or_(
        _row.address == caller.address,
        _row.state == "left",
        sa.and_(_row.state == "open", _row.heard_at <= now - LET_GO),
        sa.and_(_row.state == "completed", _row.heard_at <= now - JUST_NOW),
    )
    mine = sa.update(answering).where(_row.client == caller.client, _row.flow == flow, free)
    return (await conn.execute(mine.values(**values))).rowcount == 1


async def progress(conn: AsyncConnection, rows: Iterable[tuple[str, str, str, str, dt.datetime]]) -> None:
    """What the journal tells: client, survey, conversation, what became of it, when. Only of the call that has it."""
    for of, flow, conversation, became, at in sorted(rows):
        same = (_row.client == of, _row.flow == flow, _row.conversation == conversation, _row.heard_at <= at)
        moved = sa.update(answering).where(*same, _row.state == "open")
        await conn.execute(moved.values(heard_at=at, state=became or "open"))
