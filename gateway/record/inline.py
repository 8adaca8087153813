"""SQLite on the loop's own thread: for a scratch record that one process writes and nobody else waits for.

A statement of a few pages costs less than handing it to a thread and back, as ``aiosqlite`` does.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Generator
from typing import Any

import aiosqlite


class Inline(aiosqlite.Connection):
    """Runs each call at once instead of queueing it for a thread, which is never started."""

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        return fn(*args, **kwargs)

    async def _connect(self) -> Inline:
        self._connection = self._connector()
        return self

    def __await__(self) -> Generator[Any, None, Inline]:
        return self._connect().__await__()

    async def close(self) -> None:
        self.stop()

    def stop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def connecting(path: str, seconds: float) -> Callable[[], Awaitable[Inline]]:
    """For ``create_async_engine``. A commit is not synced: a power cut may harm the file."""

    def opened() -> sqlite3.Connection:
        return sqlite3.connect(path, isolation_level=None, timeout=seconds)

    async def connect() -> Inline:
        return await Inline(opened, iter_chunk_size=64)

    return connect
