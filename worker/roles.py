"""The three processes of the worker, each run until it is told to stop."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Awaitable, Callable
from functools import partial

import redis

from gateway.build import House, Stores
from gateway.inviting import inviting
from gateway.logs import watch_loop
from gateway.resolving import expire
from worker import queue
from worker.pretending import telling
from worker.schedule import Schedule, Sweep
from worker.scribe import Scribe
from worker.stores import jobs_url, open_house, open_stores
from worker.sweeps import Housekeeping, OutboxSweep, PaymentSweep, TimerSweep

Role = Callable[[Stores, asyncio.Event], Awaitable[None]]


async def scribe(stores: Stores, stop: asyncio.Event) -> None:
    await Scribe(stores.redis, stores.db, owner(), hot=stores.hot).run(stop)


async def schedule(stores: Stores, stop: asyncio.Event) -> None:
    house = await open_house(stores, stop)
    if house is None:
        return
    try:
        await Schedule(stores.redis, sweeps(house), owner()).run(stop)
    finally:
        await house.close()


def sweeps(house: House) -> list[Sweep]:
    """What the leader does, and how often (seconds). A message leaves a second or so after the commit that tells it."""
    stores = house.stores
    jobs = queue.open_queue(jobs_url(stores))
    outbox = OutboxSweep(stores.db, stores.clock, partial(queue.enqueue, jobs))
    made = [
        Sweep("the outbox", 0.5, outbox),
        Sweep("payments", 0.5, PaymentSweep(stores.db, stores.clock, partial(queue.enqueue, jobs))),
        Sweep("timers", 0.5, TimerSweep(stores.redis, stores.clock, partial(expire, house.gate))),
        Sweep("invitations", 2.0, partial(_invite, house)),
        Sweep("old effects", 3600.0, Housekeeping(stores.db, stores.clock)),
    ]
    if stores.settings.demo.enabled:
        made.append(Sweep("the clock", 0.2, stores.follow_clock))
        made += [Sweep(f"the wallet {name}", 0.25, tell) for name, tell in telling(house.payments).items()]
    return made


async def _invite(house: House) -> None:
    """By the flows of the release that is published now."""
    await house.releases.follow()
    await inviting(house).sweep()


def run_role(role: Role) -> None:
    """Runs one asynchronous role in this process until SIGTERM or SIGINT."""
    asyncio.run(_run(role))


async def _run(role: Role) -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    watch_loop(loop)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    stores = await open_stores()
    try:
        await role(stores, stop)
    finally:
        await stores.close()


def run_jobs() -> None:
    """Runs jobs in this process until SIGTERM or SIGINT; one that is under way is finished first."""
    from worker import jobs  # noqa: PLC0415 - rq takes its time to import, and the scribe does without

    stores = jobs.opened()
    try:
        jobs.begin()
        jobs.work(queue.open_queue(jobs_url(stores)), redis.Redis.from_url(stores.redis_url), owner())
    finally:
        jobs.close()


def owner() -> str:
    """The id of this process among all that run with the same stores."""
    return f"{socket.gethostname()}-{os.getpid()}-{os.urandom(3).hex()}"
