"""Who runs a hot read on PostgreSQL: a few connections of asyncpg that can only read and never begin anything.

asyncpg's own pool costs more than the read: it wraps each connection at each use and cleans it afterwards. After a
single statement outside a transaction there is nothing to clean.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from gateway.record.failing import scrubbed
from gateway.record.reading import Rows

LOST = 2  # reads in a row that a connection gave no answer to


@dataclass(slots=True)
class _Line:
    conn: Any
    unanswered: int = 0


class PostgresReaders:
    """At most ``pool`` connections, opened as they are needed. ``arguments`` are those of ``asyncpg.connect``.

    Who does not get one within ``seconds`` gets a TimeoutError. For one event loop.
    """

    errors: tuple[type[Exception], ...] = (
        asyncpg.PostgresError,
        asyncpg.InterfaceError,
        asyncpg.InternalClientError,
        OSError,
    )

    def __init__(self, arguments: Mapping[str, Any], pool: int, seconds: float) -> None:
        self._arguments = arguments
        self._seconds = seconds
        self._room = pool
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._idle: deque[_Line] = deque()
        self._closed = False

    async def rows(self, text: str, values: Sequence[Any]) -> Rows:
        if self._room:
            self._room -= 1
        else:
            await self._queue()
        try:
            return await self._read(text, values)
        finally:
            self._hand_on()

    async def _queue(self) -> None:
        """Waits for the room of somebody who is done, who hands it on to the first that waits."""
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout(self._seconds):
                await turn
        except BaseException:
            if not turn.cancelled():  # it came at the very moment of giving up
                self._hand_on()
            raise

    def _hand_on(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._room += 1

    async def _read(self, text: str, values: Sequence[Any]) -> Rows:
        kept = self._found()
        line = kept or await self._opened()
        line.unanswered += 1
        try:
            found: Rows = await line.conn.fetch(text, *values)
            line.unanswered = 0
        except TimeoutError:
            line.unanswered = LOST  # the server's own time-out comes first: it is gone without a word
            raise
        except asyncpg.PostgresError:
            line.unanswered = 0
            raise
        except asyncpg.InternalClientError:  # the server has ended it: see failing.is_ended
            line.unanswered = LOST
            if kept is None:
                raise
            return await self._read(text, values)  # nothing was asked on that one
        except asyncpg.InterfaceError as error:
            if line.conn.is_closed():
                raise ConnectionError("the connection was closed") from error
            raise
        finally:
            self._put_back(line)
        return found

    async def _opened(self) -> _Line:
        try:
            conn = await asyncpg.connect(**self._arguments)
            # Compiling pays for long queries; what makes a short one look long is a table without statistics. One plan
            # serves all values: to plan a read for each costs several times the read.
            await conn.execute("SET jit = off; SET plan_cache_mode = force_generic_plan")
            return _Line(conn)
        except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:  # refused, whatever the reason
            raise ConnectionError("the client record cannot be reached") from scrubbed(error)

    def _found(self) -> _Line | None:
        while self._idle:
            line = self._idle.pop()
            if not line.conn.is_closed():
                return line
        return None

    def _put_back(self, line: _Line) -> None:
        if self._closed or line.unanswered >= LOST:
            line.conn.terminate()
        elif line.unanswered:
            # Given up at a deadline. The server has been told, and who uses it next waits for its word: a new
            # connection instead would leave it one more thing to do at the very time when it is slow.
            self._idle.appendleft(line)
        else:
            self._idle.append(line)

    async def close(self) -> None:
        self._closed = True
        while self._idle:
            line = self._idle.pop()
            try:
                await line.conn.close(timeout=self._seconds)
            except self.errors:
                line.conn.terminate()
