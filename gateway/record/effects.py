"""Effects happen once: what one came to is kept under its key, in the transaction of what it did."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar, cast

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.clock import Clock
from gateway.record.database import Database, insert_new
from gateway.record.tables import effect

T = TypeVar("T")

_OF_KEY = effect.c.key == sa.bindparam("of")
_OUTCOME = sa.select(effect.c.outcome).where(_OF_KEY)
_UNKNOWN = sa.update(effect).where(_OF_KEY, effect.c.outcome.is_(sa.null()))


async def once(db: Database, clock: Clock, key: str, action: str, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
    """What ``work`` returns (something that JSON can carry), or what it returned when this ``key`` first ran.

    Of two at once the later one waits for the transaction of the first. Raises Unavailable, and whatever ``work``
    raises: then nothing was written and the key is free again.
    """
    async with db.write() as conn:
        if not await claim(conn, clock, key, action):
            return cast("T", await outcome(conn, key))
        result = await work(conn)
        await settle(conn, key, result)
    return result


async def claim(conn: AsyncConnection, clock: Clock, key: str, action: str) -> bool:
    """True if nobody ran this effect before; on PostgreSQL this waits for one who is running it now."""
    return await insert_new(conn, effect, {"key": key, "action": action, "at": clock.now()})


async def settle(conn: AsyncConnection, key: str, result: object) -> None:
    """Keeps what the effect came to, unless that was known already."""
    await conn.execute(_UNKNOWN, {"of": key, "outcome": result})


async def outcome(conn: AsyncConnection, key: str) -> object:
    """What the effect came to; None while that is not known."""
    return cast("object", await conn.scalar(_OUTCOME, {"of": key}))
