"""One connection to the session store: all commands of a loop turn leave in one write, answers come in their order.

Nothing is repeated here: of a command whose answer never came nobody knows whether it was done.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, cast

import hiredis

from gateway.store.asking import StoreDown

GRACE = 0.02  # seconds for an answer that came while this process itself stood still to be read
_MORE = object()


class Wire(asyncio.Protocol):
    """An open connection. One command that waits longer than ``seconds`` ends it, and all that wait fail."""

    def __init__(self, seconds: float, gone: Callable[[Wire], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._seconds, self._gone = seconds, gone
        self._reader = hiredis.Reader(notEnoughData=_MORE)
        self._out: list[bytes] = []
        self._waiting: deque[tuple[asyncio.Future[Any], float]] = deque()
        self._since = 0.0  # when the first of ``_out`` came
        self._late: asyncio.Future[Any] | None = None  # found too old at the last look
        self._timer: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport
        self.over = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def send(self, packed: bytes) -> asyncio.Future[Any]:
        """The answer to come: a value, or a ``hiredis.ReplyError``. Fails with StoreDown.

        Whoever waits for it may be cancelled: the answer is taken all the same, so that the next one finds its own.
        """
        answer = self._loop.create_future()
        if self.over:
            answer.set_exception(StoreDown("ConnectionLost"))
            return answer
        if not self._out:
            self._loop.call_soon(self._flush)
            self._since = self._loop.time()
        self._out.append(packed)
        self._waiting.append((answer, self._since))
        if self._timer is None:
            self._timer = self._loop.call_later(self._seconds, self._look)
        return answer

    def data_received(self, data: bytes) -> None:
        try:
            self._reader.feed(data)
            while (reply := self._reader.gets()) is not _MORE:
                answer, _ = self._waiting.popleft()
                if not answer.done():
                    answer.set_result(reply)
        except (hiredis.ProtocolError, IndexError):  # what is no answer, or an answer that nobody asked for
            self.drop("ProtocolError")

    def connection_lost(self, error: Exception | None) -> None:
        self.drop(type(error).__name__ if error else "ConnectionLost")

    def drop(self, reason: str) -> None:
        """Ends the connection now."""
        self.over = True
        self._gone(self)
        self._transport.abort()
        self._out.clear()
        if self._timer is not None:
            self._timer.cancel()
        while self._waiting:
            answer, _ = self._waiting.popleft()
            if not answer.done():
                answer.set_exception(StoreDown(reason))

    def _flush(self) -> None:
        if self._transport.is_closing():  # which we are about to be told; uvloop would raise
            self.drop("ConnectionLost")
        elif self._out:
            out, self._out = self._out, []
            self._transport.write(b"".join(out))

    def _look(self) -> None:
        """The one timer of a connection: looks at what waits longest, and comes again when that is due."""
        self._timer = None
        if not self._waiting:
            return
        oldest, since = self._waiting[0]
        left = since + self._seconds - self._loop.time()
        if left <= 0 and self._late is oldest:
            self.drop("TimeoutError")
            return
        self._late = oldest if left <= 0 else None
        self._timer = self._loop.call_later(max(left, GRACE), self._look)
