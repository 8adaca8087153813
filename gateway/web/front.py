"""One connection, from bytes to bytes. Hops are answered here, anything else by aiohttp on the same connection.

A request that ``heads.read`` takes, with a body within the limit, for a channel that is there, is a hop. At the first
one that is not, the connection is handed to aiohttp for good, with everything that was read and not answered. Requests
are answered one by one, in order.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, cast

from gateway.web import heads

if TYPE_CHECKING:
    from gateway.web.entrance import Entrance, Known

log = logging.getLogger("njia.channels")


class Front(asyncio.Protocol):
    """Lives as long as its connection, or until that is handed over; and until what it was asked is answered."""

    def __init__(self, entrance: Entrance) -> None:
        self._entrance, self._loop = entrance, entrance.loop
        self._unread: bytes | bytearray = b""
        self._body = 0  # where the body begins in what is unread, once its head is known
        self._slow: asyncio.TimerHandle | None = None
        self._choked = self._paused = False
        self._known: Known | None = None  # the head of the request that is being read, or answered:
        self.busy = False
        self.task: asyncio.Task[None] | None = None  # that answers, or has answered

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peername")
        self.remote = str(peer[0]) if isinstance(peer, tuple | list) else ""
        self.gone = self.transport.is_closing  # whether nobody waits for an answer any more
        self._heard = self._loop.time()
        self._idle = self._loop.call_later(self._entrance.times.idle, self._look)
        self._entrance.fronts.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        if not self.busy:
            self._entrance.fronts.discard(self)
        self._idle.cancel()
        self._in_time()

    # -- what is read -------------------------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        if not self._unread:
            self._unread = data
        else:
            if isinstance(self._unread, bytes):  # it comes in pieces: not all to be copied at each
                self._unread = bytearray(self._unread)
            self._unread += data
        if self.busy or self._choked:
            self._hold()
        else:
            self._take()

    def _take(self) -> None:
        """Takes the next request, if all of it is here."""
        data, known = self._unread, self._known
        if self._entrance.ending:
            return self.transport.close()
        if known is None:
            end = data.find(heads.END)
            if end < 0:
                return self._wait() if heads.may_begin(data) else self._hand_over()
            self._body = end + heads.ENDS
            raw = bytes(data[: self._body])
            self._known = known = self._entrance.heads.get(raw) or self._entrance.known(raw)
            if known is None:
                return self._hand_over()
        whole, here = self._body + known.head.length, len(data)
        if here < whole:
            return self._wait()
        if here > whole and not known.head.keeps:  # more, behind what is said to be the last
            return self._hand_over()
        self._unread, self.busy = data[whole:], True
        if self._slow is not None:
            self._in_time()
        return self._entrance.begin(self, known, bytes(data[self._body : whole]))

    def done(self, answer: bytes, keeps: bool) -> None:
        """Sends the answer to the request that was taken, and goes on if the connection ``keeps``."""
        self._known, self.busy = None, False
        if self.gone():
            return self._entrance.fronts.discard(self)
        self.transport.write(answer)
        if not keeps or self._entrance.ending:
            return self.transport.close()
        self._heard = self._loop.time()
        if self._unread or self._paused:
            self._next()
        return None

    def _next(self) -> None:
        self._hold()
        if self._unread and not (self.busy or self._choked):
            self._take()

    def _hand_over(self) -> None:
        self.connection_lost(None)  # for us it is
        if not self.gone():
            handler = self._entrance.server()
            self.transport.set_protocol(handler)
            handler.connection_made(self.transport)
            handler.data_received(bytes(self._unread))

    # -- who sends too much, or too slowly ----------------------------------------------------------------------------

    def pause_writing(self) -> None:
        self._choked = True
        self._hold()

    def resume_writing(self) -> None:
        self._choked = False
        self._next()

    def _hold(self) -> None:
        """Reads only while there is room, and what we write is taken."""
        full = self._choked or (self.busy and len(self._unread) > self._entrance.room)
        if full is not self._paused and not self.gone():
            self._paused = full
            (self.transport.pause_reading if full else self.transport.resume_reading)()

    def _wait(self) -> None:
        if self._slow is None:
            self._slow = self._loop.call_later(self._entrance.times.whole, self._too_slow)

    def _in_time(self) -> None:
        if self._slow is not None:
            self._slow.cancel()
            self._slow = None

    def _too_slow(self) -> None:
        log.warning("a request did not come to its end in %g seconds", self._entrance.times.whole)
        self.transport.close()

    def _look(self) -> None:
        """Closes a connection that has been idle for long; else looks again when it would have been."""
        idle = self._entrance.times.idle
        left = idle if self.busy or self._unread else self._heard + idle - self._loop.time()
        if left > 0:
            self._idle = self._loop.call_later(left, self._look)
        else:
            self.transport.close()
