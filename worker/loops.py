"""Loops that go on until they are told to stop, and wait out a store that is down."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from redis.exceptions import RedisError

from flows.ports import Unavailable
from gateway.store.sessions import StoreDown

log = logging.getLogger("njia.worker")

# A store that is down comes back: whoever meets one of these waits and tries again.
DOWN = (Unavailable, StoreDown, RedisError, OSError)
GRACE = 0.8  # seconds for what is under way when a process is told to stop
LONGEST = 5.0


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """Waits, but not past ``stop``."""
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        pass


class Trouble:
    """Waits longer each time in a row that a store is down; says so once when it begins and once when it is over."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._wait = 0.0
        self.now = ""

    async def met(self, error: Exception, stop: asyncio.Event) -> None:
        name = type(error).__name__
        if name != self.now:
            log.warning("%s waits: %s %s", self._what, name, error if isinstance(error, Unavailable) else "")
        self.now = name
        self._wait = min(LONGEST, max(0.1, self._wait * 2))
        await pause(stop, self._wait)

    def over(self) -> None:
        if self.now:
            log.info("%s goes on", self._what)
        self.now, self._wait = "", 0.0


async def run_until(stop: asyncio.Event, *loops: Coroutine[Any, Any, None]) -> None:
    """Runs ``loops`` until ``stop``, then gives them ``GRACE``. An error in one of them ends all and is raised."""
    tasks = [asyncio.ensure_future(loop) for loop in loops]
    waiting = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait([waiting, *tasks], return_when=asyncio.FIRST_COMPLETED)
        stop.set()
        await asyncio.wait(tasks, timeout=GRACE)
    finally:
        for task in (waiting, *tasks):
            task.cancel()
        await asyncio.gather(waiting, *tasks, return_exceptions=True)
    for task in tasks:
        if not task.cancelled():
            task.result()
