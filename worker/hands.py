"""The work of jobs, all on one loop in a thread of its own: a wallet or a provider that takes its time holds up nobody.

A job waits a moment for its work, so that one who looks at the queue sees what is being done, and then lets the next
job begin. Rows are claimed for longer than any work may take: killed half-way, they come due again by themselves.
"""

from __future__ import annotations

import asyncio
import concurrent.futures as cf
import logging
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from redis.exceptions import ConnectionError as StoreLost

from flows.ports import Unavailable
from gateway.logs import watch_loop

T = TypeVar("T")
log = logging.getLogger("njia.jobs")

MOMENT = 0.1  # seconds that a job waits for its work
MOST = 50  # works under way at once; whoever brings another one waits for one of them
AWAY = (Unavailable, StoreLost)  # no fault of the work: a store is down, or just begins
GRACE = 8.5  # seconds for what is under way when the process is told to stop: longer than a message may take


class Hands:
    """One loop, its thread, and what is under way there."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        watch_loop(self._loop)
        self._busy: set[cf.Future[Any]] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, name="jobs", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Does it and waits for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def take(self, what: str, work: Coroutine[Any, Any, None]) -> None:
        """Does it and waits a moment for it. Raises what went wrong within the moment; later, that is logged."""
        while len(self._busy) >= MOST:
            cf.wait(self._busy, return_when=cf.FIRST_COMPLETED)
            self._busy = {one for one in self._busy if not one.done()}
        made = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            made.result(MOMENT)
        except TimeoutError:
            if made.done():
                raise  # its own
            self._busy.add(made)
            made.add_done_callback(lambda one: self._over(what, one))

    def _over(self, what: str, made: cf.Future[Any]) -> None:
        error = None if made.cancelled() else made.exception()
        if isinstance(error, AWAY):
            log.warning("the job %s waits: a store is away (%s); its rows come due again", what, type(error).__name__)
        elif error is not None:
            log.error("the job %s failed", what, exc_info=error)

    def settle(self) -> None:
        """Gives what is under way ``GRACE``, and ends what is not done by then."""
        _, late = cf.wait(self._busy, timeout=GRACE)
        for one in late:
            one.cancel()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
