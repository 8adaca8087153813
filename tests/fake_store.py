"""A session store that answers what a test tells it to, and says how it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import hiredis

from gateway.build import connect
from gateway.store import nodes
from gateway.store.asking import Store

SECONDS = 1.0  # that an answer may take
CUT = b"(cut)"  # in an answer: the connection is cut here
Answer = Callable[[list[bytes]], bytes | None]  # None: no answer, ever


class FakeStore:
    """``asked``: every command; ``connections``: of each, its commands."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.asked: list[list[bytes]] = []
        self.connections: list[list[list[bytes]]] = []
        self.open: set[asyncio.Transport] = set()
        self.where = ""

    @asynccontextmanager
    async def serving(self, path: str = "") -> AsyncIterator[FakeStore]:
        """At the unix socket ``path``, or at a port of this machine."""
        loop = asyncio.get_running_loop()
        if path:
            server = await loop.create_unix_server(lambda: _Connection(self), path)
        else:
            server = await loop.create_server(lambda: _Connection(self), "127.0.0.1", 0)
        self.where = path or "{}:{}".format(*server.sockets[0].getsockname())
        try:
            yield self
        finally:
            server.close()
            self.cut()

    @property
    def url(self) -> str:
        return f"unix://{self.where}" if self.where.startswith("/") else f"redis://{self.where}"

    def cut(self) -> None:
        """Ends every connection."""
        for transport in list(self.open):
            transport.abort()


class _Connection(asyncio.Protocol):
    def __init__(self, store: FakeStore) -> None:
        self.store, self.reader = store, hiredis.Reader()
        self.heard: list[list[bytes]] = []
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]  # uvloop has its own
        self.store.open.add(self.transport)
        self.store.connections.append(self.heard)

    def connection_lost(self, error: Exception | None) -> None:
        self.store.open.discard(self.transport)

    def data_received(self, data: bytes) -> None:
        self.reader.feed(data)
        while (command := self.reader.gets()) is not False:
            self.store.asked.append(command)
            self.heard.append(command)
            before, cut, _ = (self.store.answer(command) or b"").partition(CUT)
            self.transport.write(before)
            if cut:
                self.transport.close()
                return


def opened(url: str, seconds: float = SECONDS) -> Store:
    return nodes.opened(url, connect(url, seconds), seconds)


def echo(command: list[bytes]) -> bytes:
    """Answers GET with the name of the key."""
    return b"$%d\r\n%b\r\n" % (len(command[-1]), command[-1])


async def got(store: Store, *names: str) -> list[Any]:
    """What each of these commands brought, sent in one turn of the loop: an answer, or the error by its class."""
    answers = await asyncio.gather(*(store.ask(0, "GET", name) for name in names), return_exceptions=True)
    return [type(answer) if isinstance(answer, Exception) else answer for answer in answers]


async def until(holds: Callable[[], bool]) -> None:
    while not holds():
        await asyncio.sleep(0)
