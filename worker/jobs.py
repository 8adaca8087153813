"""The jobs by their names in ``worker.queue.JOBS``, and the process that runs them.

A job's arguments are references of rows. Connections are opened in the process that runs the jobs and kept from one
to the next; nothing is opened at import.
"""

from __future__ import annotations

import asyncio
import os
from functools import cache
from typing import Any

from redis import Redis
from rq import Queue, SimpleWorker

from gateway.build import Stores
from gateway.store.leases import alive_key
from worker.delivering import Delivery
from worker.queue import NAME
from worker.stores import first_sms, open_stores, pushing

PULSE = 30  # seconds that a sign of life holds; a worker gives one every few seconds


def deliver(refs: list[str]) -> None:
    """Sends messages of the outbox."""
    runner, stores = _opened()
    runner.run(_deliver(stores, refs))


async def _deliver(stores: Stores, refs: list[str]) -> None:
    if stores.settings.demo.enabled:
        await stores.follow_clock()
    channels = pushing(stores.settings)
    await Delivery(stores.db, stores.clock, channels, first_sms(channels)).deliver(refs)


@cache
def _opened() -> tuple[asyncio.Runner, Stores]:
    """One loop and one set of connections for all jobs of this process."""
    runner = asyncio.Runner()
    return runner, runner.run(open_stores())


def opened() -> Stores:
    """What the jobs of this process use."""
    return _opened()[1]


def close() -> None:
    """Closes what the jobs of this process opened."""
    if _opened.cache_info().currsize:
        runner, stores = _opened()
        runner.run(stores.close())
        runner.close()
        _opened.cache_clear()


class JobWorker(SimpleWorker):
    """Runs jobs one after another in this process: killed, it leaves no child, and the rows come due again."""

    def __init__(self, queue: Queue, signs: Redis, owner: str) -> None:
        super().__init__([queue], connection=queue.connection, serializer=queue.serializer, worker_ttl=20)
        self._signs, self._owner = signs, owner

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        super().heartbeat(timeout, pipeline)
        sign = f'{{"pid": {os.getpid()}, "queue": "{NAME}"}}'
        pipe = self._signs.pipeline(transaction=False)
        pipe.set(alive_key("jobs", self._owner), sign, ex=PULSE)
        pipe.sadd("njia:members:jobs", self._owner)
        pipe.execute()

    def teardown(self) -> None:
        super().teardown()  # type: ignore[no-untyped-call]
        self._signs.delete(alive_key("jobs", self._owner))
