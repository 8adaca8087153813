"""The connections of one process, and the hops that are under way on them."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass

from aiohttp import web

from adapters.channel import Request, Response
from gateway import access
from gateway.gate import Gate, Line
from gateway.logs import request_id
from gateway.web import heads
from gateway.web.app import LIMIT
from gateway.web.app import says as words
from gateway.web.caller import Proxies
from gateway.web.front import Front
from gateway.web.hops import hop, line_of
from gateway.web.replies import reply

MANY = 1024  # heads that are kept
PLAIN = "text/plain; charset=utf-8"
ROUTE = "POST /channels/{name}/{token}"

log = logging.getLogger("njia.access")


@dataclass(frozen=True, slots=True)
class Times:
    """In seconds."""

    idle: float = 3630.0  # as aiohttp: longer than a proxy keeps a connection, so that none is closed as it is used
    whole: float = 30.0  # from the first byte of a request to its last


@dataclass(frozen=True, slots=True)
class Known:
    """A head, and the channel that it names with the right token."""

    head: heads.Head
    line: Line


class Entrance:
    """Makes a ``Front`` for each connection. ``server``: aiohttp's, for all that is no hop."""

    room = LIMIT  # bytes that are kept of requests behind the one that is being answered

    def __init__(self, server: web.Server, gate: Gate, proxies: Proxies, times: Times | None = None) -> None:
        self.server, self.gate, self.proxies, self.times = server, gate, proxies, times or Times()
        self.loop = asyncio.get_running_loop()
        self.fronts: set[Front] = set()
        self.ending = False
        self.heads: dict[bytes, Known] = {}
        self._taken: list[tuple[Front, Known, bytes, float]] = []

    def __call__(self) -> Front:
        return Front(self)

    def known(self, raw: bytes) -> Known | None:
        """Who is called; None where aiohttp should answer. A provider sends few heads over and over: each is read once,
        and kept in ``heads`` if its token is right."""
        head = heads.read(raw)
        if head is None or head.length > LIMIT or (line := line_of(self.gate, head.name, head.token)) is None:
            return None
        if len(self.heads) >= MANY:
            self.heads.clear()
        found = self.heads[raw] = Known(head, line)
        return found

    def begin(self, front: Front, known: Known, body: bytes) -> None:
        """Answers a request, one turn of the loop later than could be: by then, the end of a connection that was given
        up while it waited to be accepted has been read too."""
        if not self._taken:
            self.loop.call_soon(self._start)
        self._taken.append((front, known, body, time.perf_counter()))

    def _start(self) -> None:
        taken, self._taken = self._taken, []
        for one in taken:
            one[0].task = asyncio.Task(self._answer(*one), loop=self.loop, name=ROUTE)  # to think of a name costs

    async def _answer(self, front: Front, known: Known, body: bytes, began: float) -> None:
        ident, head = access.new_request_id(), known.head
        request_id.set(ident)  # in the context of this task: nothing has to be set back
        remote = self.proxies.caller(front.remote, head.forwarded) if head.forwarded else front.remote
        request = Request("POST", head.path, head.headers, "", body, remote)
        try:
            response = await hop(self.gate, known.line, request, front.gone)
            now = time.time()
            answer = reply(response, head, ident, now)
        except Exception as error:
            log.error("a request failed", exc_info=error)
            now, response = time.time(), Response(500, words(500).encode(), PLAIN)
            answer = reply(response, head, ident, now)
        front.done(answer, head.keeps)
        tenths = int((time.perf_counter() - began) * 10_000)
        access.served(ident, f"{ROUTE} {response.status} {tenths // 10}.{tenths % 10} ms", now, self.loop)

    async def stop(self, linger: float) -> None:
        """Takes no more requests; those under way have ``linger`` seconds. All connections are closed then."""
        self.ending = True
        await asyncio.sleep(0)  # what was taken has begun
        for front in [front for front in self.fronts if not front.busy]:
            front.transport.close()
        tasks = [front.task for front in self.fronts if front.task is not None]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=linger)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late, timeout=linger)
        for front in [front for front in self.fronts if front.busy]:
            front.transport.abort()
