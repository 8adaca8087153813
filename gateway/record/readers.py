"""Who runs hot reads, and how it is done on SQLite: by one connection, on the loop's own thread."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from gateway.record.reading import Rows


class Busy(Exception):
    """Not at once: to be read by who may wait."""


class Readers(Protocol):
    """Reads what is committed, one statement at a time. ``errors``: what the driver raises."""

    errors: tuple[type[Exception], ...]

    async def rows(self, text: str, values: Sequence[Any]) -> Rows:
        """Raises Busy."""

    async def close(self) -> None: ...


class SqliteReader:
    """A read of a few pages costs less than handing it to a thread and back.

    It never waits: in WAL mode nobody who writes holds up a reader, and where a lock is needed for a moment (the log is
    recovered after a crash, the last other process closes the file) it is Busy.
    """

    errors: tuple[type[Exception], ...] = (sqlite3.Error,)

    def __init__(self, words: Sequence[Any], named: Mapping[str, Any]) -> None:
        self._arguments = words, named
        self._conn: sqlite3.Connection | None = None

    async def rows(self, text: str, values: Sequence[Any]) -> Rows:
        try:
            if self._conn is None:
                self._conn = self._opened()
            return self._conn.execute(text, values).fetchall()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                raise Busy from None
            raise

    def _opened(self) -> sqlite3.Connection:
        words, named = self._arguments
        conn: sqlite3.Connection = sqlite3.connect(*words, **{**named, "isolation_level": None, "timeout": 0})
        conn.execute("PRAGMA query_only = ON")
        return conn

    async def close(self) -> None:
        if self._conn is not None:
            self._conn.close()
            self._conn = None
