"""Delivery reports. A provider can be faster than we are: a report may come before its message is known as sent.

Such a report waits in Redis for an hour. Whoever takes it down looks at the record once more afterwards, and whoever
writes that a message was sent looks here afterwards: one of the two sees the other.
"""

from __future__ import annotations

import logging

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from adapters.channel import Receipt
from flows.ports import Unavailable
from gateway.clock import Clock
from gateway.record import outbox
from gateway.record.database import Database
from gateway.record.stopping import stopped

SECONDS = 3600
MOST = 8  # reports that are kept of one message: the newest

log = logging.getLogger("njia.outbox")


class Early:
    """Reports of messages that nobody knows, by the provider's id."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    async def keep(self, receipt: Receipt) -> None:
        pipe = self._redis.pipeline(transaction=True)
        pipe.rpush(_key(receipt.ref), msgspec.json.encode(receipt))
        pipe.ltrim(_key(receipt.ref), -MOST, -1)
        pipe.expire(_key(receipt.ref), SECONDS)
        await pipe.execute()

    async def of(self, ref: str) -> list[Receipt]:
        kept = await self._redis.lrange(_key(ref), 0, -1)
        return [msgspec.json.decode(one, type=Receipt) for one in kept]


class Reports:
    """Writes reports down, in whatever order they come."""

    def __init__(self, db: Database, clock: Clock, early: Early) -> None:
        self._db, self._clock, self._early = db, clock, early

    async def take(self, receipt: Receipt) -> None:
        """Raises Unavailable: the provider has to send it again."""
        if await self._known(receipt):
            return
        try:
            await self._early.keep(receipt)
        except (RedisError, OSError) as error:
            raise Unavailable("the session store did not answer") from error
        await self._known(receipt)

    async def catch_up(self, ref: str) -> None:
        """Writes down what was reported of a message before it was known. Raises nothing: it is sent in any case."""
        try:
            for receipt in await self._early.of(ref):
                await self._known(receipt)
        except (RedisError, OSError, Unavailable) as error:
            log.warning("reports of a message could not be read: %s", type(error).__name__)

    async def _known(self, receipt: Receipt) -> bool:
        known = await outbox.reported(self._db, receipt.ref, receipt.state, receipt.reason)
        if known and receipt.opted_out:
            await stopped(self._db, self._clock, receipt.ref)
        return known


def _key(ref: str) -> str:
    return f"njia:report:{ref}"
