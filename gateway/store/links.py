"""One server of the session store, connected to when it is first asked and again whenever the connection was lost."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any

import hiredis

from gateway.store.asking import Refused, StoreDown, pack
from gateway.store.wire import Wire

_ASKING = pack(("ASKING",))


@dataclass(frozen=True, slots=True)
class Server:
    """Where a server is and who we are there. ``path`` (a unix socket) goes before ``host`` and ``port``."""

    host: str = "localhost"
    port: int = 6379
    path: str = ""
    db: int = 0
    username: str = ""
    password: str = field(default="", repr=False)

    def at(self, host: str, port: int) -> Server:
        """Another one of the same cluster."""
        return replace(self, host=host or self.host, port=port, path="")

    def greeting(self) -> list[bytes]:
        """What a new connection says first, packed."""
        auth = ("AUTH", self.username, self.password) if self.username else ("AUTH", self.password)
        said = [auth] if self.password else []
        return [pack(words) for words in [*said, *([("SELECT", self.db)] if self.db else [])]]


class Link:
    """The connection to one server."""

    def __init__(self, server: Server, seconds: float) -> None:
        """``seconds``: how long connecting may take, and an answer."""
        self.server = server
        self._seconds = seconds
        self.wire: Wire | None = None  # while there is a connection
        self._connecting: asyncio.Task[Wire] | None = None

    async def ask(self, packed: bytes) -> Any:
        """The answer to a command: a value, or a ``hiredis.ReplyError``. Raises StoreDown."""
        wire = self.wire or await self._connected()
        return await wire.send(packed)

    async def ask_as_guest(self, packed: bytes) -> Any:
        """The same of a server that the shard is just moving to."""
        wire = self.wire or await self._connected()
        _, answer = await asyncio.gather(wire.send(_ASKING), wire.send(packed))
        return answer

    def drop(self, reason: str) -> None:
        """Ends the connection; the next command finds another one."""
        if self.wire is not None:
            self.wire.drop(reason)

    async def close(self) -> None:
        if self._connecting is not None:
            await asyncio.wait([self._connecting])
        self.drop("closed")

    async def _connected(self) -> Wire:
        """However many ask, there is one attempt; who is cancelled does not end it for the others."""
        if self._connecting is None:
            self._connecting = asyncio.ensure_future(self._connect())
            self._connecting.add_done_callback(self._tried)
        return await asyncio.shield(self._connecting)

    def _tried(self, attempt: asyncio.Task[Wire]) -> None:
        self._connecting = None
        if not attempt.cancelled() and attempt.exception() is None and not attempt.result().over:
            self.wire = attempt.result()

    async def _connect(self) -> Wire:
        try:
            async with asyncio.timeout(self._seconds):
                return await self._greeted(await self._opened())
        except (OSError, TimeoutError) as error:
            raise StoreDown(type(error).__name__) from error

    async def _opened(self) -> Wire:
        loop, server = asyncio.get_running_loop(), self.server
        if server.path:
            _, wire = await loop.create_unix_connection(self._wire_to_be, server.path)
        else:
            _, wire = await loop.create_connection(self._wire_to_be, server.host, server.port)
        return wire

    def _wire_to_be(self) -> Wire:
        return Wire(self._seconds, self._lost)

    async def _greeted(self, wire: Wire) -> Wire:
        try:
            for packed in self.server.greeting():
                reply = await wire.send(packed)
                if isinstance(reply, hiredis.ReplyError):
                    raise Refused(code_of(reply))
        except BaseException:
            wire.drop("not let in")
            raise
        return wire

    def _lost(self, wire: Wire) -> None:
        if self.wire is wire:
            self.wire = None


def code_of(error: hiredis.ReplyError) -> str:
    """The first word of an error, such as MOVED."""
    return str(error).split(" ", 1)[0]
