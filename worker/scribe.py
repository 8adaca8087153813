"""The scribe: moves the journal to the client record. It may be killed at any moment; entries wait for the commit."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import time
from collections import Counter
from collections.abc import Sequence

import msgspec
from redis.asyncio import Redis

from gateway import journal
from gateway.journal import Entry
from gateway.record.database import Database
from gateway.record.scribing import Unwritable, apply
from gateway.store.asking import Store
from gateway.store.leases import LEASE_MS, Share
from gateway.store.streams import Pending, Streams
from worker.loops import DOWN, Trouble, pause, run_until

log = logging.getLogger("njia.scribe")

LONG_ON_SQLITE = 0.040  # seconds: a longer transaction keeps the turns waiting that write to the same file
LONG = 0.2  # where a transaction locks no more than the rows that it writes
SMALLEST, LARGEST = 256, 1024  # entries in one transaction
AT_ONCE = 4096  # entries in one read
GATHER = 0.08  # seconds: what comes in this time shares a read, a transaction and a deletion
IDLE = 0.2

Read = list[tuple[Pending, Entry]]


class Scribe:
    """One of the scribes of an institution; ``owner`` is its id among them."""

    def __init__(
        self, redis: Redis, db: Database, owner: str, *, hot: Store | None = None, millis: int = LEASE_MS
    ) -> None:
        self._streams = Streams(redis, hot)
        self._share = Share(redis, owner, millis)
        self._db = db
        self._renew_every = millis / 4000
        self._size = SMALLEST
        self._long = LONG_ON_SQLITE if db.is_sqlite else LONG
        self._trouble = Trouble("the scribe")
        self.written = self.aside = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Works until ``stop`` is set, then lets go of its streams within a second."""
        try:
            await run_until(stop, self._keep_share(stop), self._keep_writing(stop))
        finally:
            await self._leave()

    @property
    def streams_held(self) -> frozenset[int]:
        return self._share.held

    def status(self) -> str:
        """What ``njia doctor`` reads: the process, what it did, and what it waits for."""
        shown = {"pid": os.getpid(), "streams": len(self._share.held), "written": self.written, "set_aside": self.aside}
        return json.dumps(shown | {"waits_for": self._trouble.now})

    async def _keep_share(self, stop: asyncio.Event) -> None:
        trouble = Trouble("the scribe's lease")
        while not stop.is_set():
            try:
                await self._share.renew(self.status())
                trouble.over()
                await pause(stop, self._renew_every)
            except DOWN as error:
                await trouble.met(error, stop)

    async def _keep_writing(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            try:
                wait = await self._move(self._share.held)
                self._trouble.over()
                await pause(stop, wait)
            except DOWN as error:
                await self._trouble.met(error, stop)

    async def _move(self, held: frozenset[int]) -> float:
        """Writes what waits in these streams, or waits for a first entry; for how many seconds others may gather."""
        began, count = time.monotonic(), AT_ONCE // max(1, len(held))
        found = await self._streams.read(held, count=count, block_ms=0)
        if not found:
            await self._streams.read(held, count=1)
            return GATHER if held else IDLE
        await self._write(found)
        if max(Counter(one.shard for one in found).values()) == count:
            return 0.0  # there is more
        return max(0.0, began + GATHER - time.monotonic())

    async def _write(self, found: list[Pending]) -> None:
        readable = await self._decoded(found)
        while readable:
            batch, readable = readable[: self._size], readable[self._size :]
            began = time.monotonic()
            await self._commit(batch)
            self._suit(len(batch), time.monotonic() - began)

    async def _decoded(self, found: list[Pending]) -> Read:
        readable: Read = []
        for one in found:
            try:
                readable.append((one, journal.decode(one.body)))
            except msgspec.DecodeError as error:
                await self._set_aside(one, str(error))
        return readable

    async def _commit(self, batch: Sequence[tuple[Pending, Entry]]) -> None:
        """One transaction. If an entry in it cannot be written, halves are tried until that one is found."""
        try:
            await apply(self._db, [entry for _, entry in batch])
        except Unwritable as error:
            if len(batch) == 1:
                await self._set_aside(batch[0][0], str(error))
                return
            middle = len(batch) // 2
            await self._commit(batch[:middle])
            await self._commit(batch[middle:])
            return
        await self._streams.delete(one for one, _ in batch)
        self.written += len(batch)

    async def _set_aside(self, one: Pending, reason: str) -> None:
        await self._streams.set_aside(one, reason)
        self.aside += 1
        entry = one.id.decode()
        log.error("entry %s of journal %d cannot be written and was set aside: %s", entry, one.shard, reason)

    def _suit(self, entries: int, took: float) -> None:
        if took > self._long:
            self._size = max(SMALLEST, self._size // 2)
        elif entries == self._size and took < self._long / 3:
            self._size = min(LARGEST, self._size * 2)

    async def _leave(self) -> None:
        try:
            async with asyncio.timeout(0.2):
                await self._share.leave()
        except DOWN as error:
            log.warning("the scribe's leases could not be given back and will run out: %s", type(error).__name__)
