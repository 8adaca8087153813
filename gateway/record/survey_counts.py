"""How many invitations to surveys are open, and whether the schedules keep up with those that are due."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import sqlalchemy as sa

from gateway.record.database import Database
from gateway.record.tables import invitation

_its = invitation.c


class Counts(NamedTuple):
    """``open``: they may still be answered; ``unsaid``: due in the last week, and their words could not be said;
    ``late``: seconds that the longest waiting one is overdue."""

    open: int
    unsaid: int
    late: float


async def counts(db: Database, now: dt.datetime) -> Counts:
    """Raises Unavailable."""
    open_ = sa.select(sa.func.count()).where(_its.state.in_(("invited", "begun"))).scalar_subquery()
    lately = (_its.state == "left out", _its.reason == "no words", _its.due_at > now - dt.timedelta(days=7))
    unsaid = sa.select(sa.func.count()).select_from(invitation).where(*lately).scalar_subquery()
    first = sa.select(sa.func.min(_its.due_at)).where(_its.state == "scheduled", _its.due_at <= now)
    async with db.read() as conn:
        found = (await conn.execute(sa.select(open_, unsaid))).one()
        due = await conn.scalar(first)
    return Counts(*found, max(0.0, (now - due).total_seconds()) if due else 0.0)
