"""What is looked at again and again: rows that are due, timers that are due, and what is old enough to go."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import time
from collections.abc import Awaitable, Callable

import sqlalchemy as sa
from redis.asyncio import Redis

from gateway.clock import Clock
from gateway.record import outbox, payments
from gateway.record.database import Database
from gateway.record.tables import effect
from gateway.resolving import StillUnknown
from worker import timers
from worker.loops import DOWN

log = logging.getLogger("njia.schedule")

DUE = 200  # rows looked at in one sweep
HINTED = 5.0  # seconds after which a row that is still due is hinted at again
KEEP_EFFECTS = dt.timedelta(days=30)  # longer than any provider repeats a request
CHUNK = 500

Expire = Callable[[str], Awaitable[None]]
Enqueue = Callable[[str, list[str]], bool]


class OutboxSweep:
    """Enqueues what is due in the outbox. It only hints: the job that gets there first claims the row."""

    def __init__(self, db: Database, clock: Clock, enqueue: Enqueue) -> None:
        self._db, self._clock, self._enqueue = db, clock, enqueue
        self._hinted: dict[str, float] = {}

    async def __call__(self) -> None:
        now = time.monotonic()
        self._hinted = {ref: at for ref, at in self._hinted.items() if at > now - HINTED}
        due = await outbox.due(self._db, self._clock.now(), DUE)
        fresh = [ref for ref in due if ref not in self._hinted]
        if not fresh:
            return
        taken = await asyncio.to_thread(self._enqueue, "deliver", fresh)
        if taken:
            self._hinted.update(dict.fromkeys(fresh, now))


class PaymentSweep:
    """Enqueues payments that are due. One that waits for the end of a session is looked at again and again: it is
    hinted at anew in each sweep, unless the queue is long."""

    def __init__(self, db: Database, clock: Clock, enqueue: Enqueue) -> None:
        self._db, self._clock, self._enqueue = db, clock, enqueue

    async def __call__(self) -> None:
        due = await payments.due(self._db, self._clock.now(), DUE)
        if due:
            await asyncio.to_thread(self._enqueue, "pay", due)


class TimerSweep:
    """Wakes conversations whose time is up. ``expire`` runs the turn; it finds out itself whether it is still due."""

    def __init__(self, redis: Redis, clock: Clock, expire: Expire) -> None:
        self._redis, self._clock, self._expire = redis, clock, expire

    async def __call__(self) -> None:
        now = self._clock.seconds()
        due = await timers.claim(self._redis, now)
        results = await asyncio.gather(*(self._one(state, now) for state in due), return_exceptions=True)
        for result in results:
            if isinstance(result, DOWN):
                raise result
        failed = [type(error).__name__ for error in results if error and not isinstance(error, StillUnknown)]
        if failed:
            kinds = ", ".join(sorted(set(failed)))
            log.error("%d conversations could not be ended and will be tried again: %s", len(failed), kinds)

    async def _one(self, state: str, now: float) -> None:
        await self._expire(state)
        await timers.done(self._redis, state, now)


class Housekeeping:
    """Removes outcomes of effects that nobody will ask for again."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock

    async def __call__(self) -> None:
        before = self._clock.now() - KEEP_EFFECTS
        old = sa.select(effect.c.key).where(effect.c.at < before).limit(CHUNK)
        removed = CHUNK
        while removed == CHUNK:  # a few at a time: turns wait for the same file
            async with self._db.write() as conn:
                removed = (await conn.execute(sa.delete(effect).where(effect.c.key.in_(old)))).rowcount
