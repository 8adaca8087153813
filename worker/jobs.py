"""The jobs by their names in ``worker.queue.JOBS``, and the process that runs them.

A job's arguments are references of rows. Connections are opened in the process that runs the jobs and kept from one
to the next; nothing is opened at import.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from contextlib import suppress
from functools import cache
from types import FrameType
from typing import Any

from redis import Redis
from rq import Queue, SimpleWorker
from rq.exceptions import StopRequested

from gateway.build import House, Stores, build
from gateway.reporting import Early, Reports
from gateway.store.leases import alive_key
from worker.delivering import Delivery
from worker.hands import Hands
from worker.loops import DOWN
from worker.paying import Paying, Tools
from worker.queue import NAME
from worker.stores import first_sms, open_stores, pushing

log = logging.getLogger("njia.jobs")

AGAIN = 0.5  # seconds until another worker begins
PULSE = 30  # seconds that a sign of life holds; a worker gives one every few seconds


def deliver(refs: list[str]) -> None:
    """Sends messages of the outbox."""
    hands, opened = _opened()
    hands.take("deliver", _deliver(opened, refs))


def pay(refs: list[str]) -> None:
    """Takes payments as far as they go now."""
    hands, opened = _opened()
    hands.take("pay", _pay(opened, refs))


def begin() -> None:
    """Joins everything before the first payment comes: to do it then would take longer than a payment may wait."""
    hands, opened = _opened()
    if opened.stores.settings.payments:
        hands.take("begin", _begin(opened))


async def _begin(opened: Opened) -> None:
    try:
        await opened.house()
    except DOWN as error:
        log.warning("payments wait: %s", type(error).__name__)  # the first of them tries again


async def _deliver(opened: Opened, refs: list[str]) -> None:
    stores, channels = opened.stores, opened.channels
    if stores.settings.demo.enabled:
        await stores.follow_clock()
    reports = Reports(stores.db, stores.clock, Early(stores.redis))
    await Delivery(stores.db, stores.clock, channels, first_sms(channels), reports).deliver(refs)


async def _pay(opened: Opened, refs: list[str]) -> None:
    try:
        house = await opened.house()
        if house.stores.settings.demo.enabled:
            await house.stores.follow_clock()
        await Paying(tools_of(house)).pay(refs)
    except DOWN as error:
        log.warning("payments wait: %s", type(error).__name__)  # their rows come due again


def tools_of(house: House) -> Tools:
    """What carrying out payments reaches."""
    gate, stores = house.gate, house.stores
    return Tools(
        db=stores.db,
        clock=stores.clock,
        sessions=gate.sessions,
        lines=gate.lines,
        releases=house.releases,
        providers=house.payments,
        bank=house.bank,
    )


class Opened:
    """What the jobs of this process use: the stores and the channels that send from the start, everything joined by
    ``begin``, or when the first payment comes."""

    def __init__(self, stores: Stores) -> None:
        self.stores = stores
        self.channels = pushing(stores.settings)
        self._house: House | None = None
        self._building = asyncio.Lock()

    async def house(self) -> House:
        """Raises Unavailable, StoreDown."""
        async with self._building:
            if self._house is None:
                self._house = await build(self.stores)
        return self._house

    async def close(self) -> None:
        for channel in self.channels.values():
            await channel.close()
        await (self._house or self.stores).close()


@cache
def _opened() -> tuple[Hands, Opened]:
    """One loop and one set of connections for all jobs of this process."""
    hands = Hands()
    return hands, Opened(hands.run(open_stores()))


def opened() -> Stores:
    """What the jobs of this process use."""
    return _opened()[1].stores


def close() -> None:
    """Closes what the jobs of this process opened, once what is under way there is done."""
    if _opened.cache_info().currsize:
        hands, opened = _opened()
        hands.settle()
        hands.run(opened.close())
        hands.close()
        _opened.cache_clear()


def work(queue: Queue, signs: Redis, owner: str) -> None:
    """Runs jobs until SIGTERM or SIGINT; one that is under way is finished first.

    rq gives up when the store goes away in the middle of its own book-keeping: then another worker takes its place.
    """
    asked = threading.Event()
    while not asked.is_set():
        with suppress(StopRequested, *DOWN):
            _work(queue, signs, owner, asked)
            asked.wait(AGAIN)


def _work(queue: Queue, signs: Redis, owner: str, asked: threading.Event) -> None:
    try:
        JobWorker(queue, signs, owner, asked).work(logging_level="WARNING")
    except DOWN as error:
        log.warning("jobs wait: %s", type(error).__name__)


class JobWorker(SimpleWorker):
    """Runs jobs one after another in this process: killed, it leaves no child, and the rows come due again.

    ``asked`` is set when a signal asks it to stop.
    """

    def __init__(self, queue: Queue, signs: Redis, owner: str, asked: threading.Event) -> None:
        super().__init__([queue], connection=queue.connection, serializer=queue.serializer, worker_ttl=20)
        self._signs, self._owner, self._asked = signs, owner, asked

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        self._asked.set()
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]

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
