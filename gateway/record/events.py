"""What happened in the life of a client, for the flows that wait for it: each thing once, by its key."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.ids import new_id
from gateway.record.database import insert_new
from gateway.record.tables import event


async def put(conn: AsyncConnection, client: str, name: str, key: str, at: dt.datetime) -> bool:
    """Notes it in the caller's transaction; False if it was noted before."""
    return await insert_new(conn, event, {"id": new_id(), "client": client, "name": name, "key": key, "at": at})
