"""Who changed what, and why: one row each, in the transaction of the change."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.ids import new_id
from gateway.record.tables import audit


async def note(  # noqa: PLR0913 - a row's columns
    conn: AsyncConnection, at: dt.datetime, who: str, what: str, about: str, details: dict[str, Any], *, why: str = ""
) -> None:
    """``about`` is an id, and ``details`` hold no personal data: the audit outlives what it tells of."""
    row = {"id": new_id(), "at": at, "who": who, "what": what, "about": about, "why": why, "details": details}
    await conn.execute(sa.insert(audit).values(**row))
