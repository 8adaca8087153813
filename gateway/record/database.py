"""The SQL database behind the client record: SQLite when nothing is configured, PostgreSQL by URL. One code path.

``read`` hands out a connection that cannot write, ``write`` one transaction; ``rows`` is a single read that turns wait
for. A database that is down, locked or too slow is ``flows.ports.Unavailable`` on all; no error text carries a value
that a client gave.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Iterable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.util import await_only

from flows.ports import Unavailable, Uncertain
from gateway.record import inline
from gateway.record.failing import is_down, is_ended, scrub, scrubbed
from gateway.record.gathering import Gathering, Owned
from gateway.record.readers import Busy, Readers, SqliteReader
from gateway.record.reading import Reading, Rows

LOOK = 0.01  # seconds between two tries for a lock that SQLite does not wait for


class Database:
    """One database of one institution.

    ``seconds`` bounds every wait: for a connection, for a lock and for a statement; ``pool`` bounds the connections
    for reading, those for hot reads and those for writing, each apart (SQLite has one writer in a process, as the file
    has one at a time anyway, and one hot reader). ``scratch``: an SQLite file that nobody else opens
    and that a power cut may harm.
    """

    def __init__(self, url: str | URL, *, pool: int = 5, seconds: float = 5.0, scratch: bool = False) -> None:
        self.url = normal_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        build = partial(_sqlite, scratch=scratch) if self.is_sqlite else _postgresql
        self._readers = build(self.url, True, pool, seconds)
        self._writers = build(self.url, False, 1 if self.is_sqlite else pool, seconds)
        self._direct, self._dialect = _direct(self._readers, pool, seconds), self._readers.dialect
        self._writing: dict[asyncio.Task[Any] | None, AsyncConnection] = {}
        self._gathered: dict[Owned, Gathering] = {}

    @asynccontextmanager
    async def read(self, *, snapshot: bool = False) -> AsyncIterator[AsyncConnection]:
        """A connection that can only read. Each statement sees what is committed by then; with ``snapshot``, all of
        them see one moment (two round trips more). Inside a ``write`` of this task it sees what that has written."""
        if outer := self._writing.get(asyncio.current_task()):
            yield outer
            return
        async with _connected(self._readers) as conn:
            if not snapshot:
                yield conn
                return
            await conn.exec_driver_sql("BEGIN" if self.is_sqlite else "BEGIN ISOLATION LEVEL REPEATABLE READ")
            try:
                yield conn
            except BaseException:
                await conn.invalidate()  # else the pool would hand on a transaction that is still open
                raise
            await conn.exec_driver_sql("COMMIT")

    async def rows(self, reading: Reading, **values: object) -> Rows:
        """What the statement finds. It sees what ``read`` would see at this moment."""
        if self._writing and asyncio.current_task() in self._writing:
            return await self._patiently(reading, values)
        said = reading.on(self._dialect)
        try:
            return said.converted(await self._direct.rows(said.text, said.arguments(values)))
        except Busy:
            return await self._patiently(reading, values)
        except self._direct.errors as error:
            if is_down(scrubbed(error)):
                raise Unavailable("the client record did not answer") from error
            raise sa.exc.DBAPIError(said.text, None, error, hide_parameters=True) from error

    def rows_of(self, owned: Owned, of: str) -> Awaitable[Rows]:
        """What the statement finds of one of many who are asked for at the same moment."""
        if self.is_sqlite or (self._writing and asyncio.current_task() in self._writing):
            return self.rows(owned.one, of=of)  # where nothing is saved, or seen what only this task may see
        gathering = self._gathered.get(owned)
        if gathering is None:
            gathering = self._gathered[owned] = Gathering(owned, self.rows)
        return gathering.rows(of)

    async def _patiently(self, reading: Reading, values: Mapping[str, object]) -> Rows:
        async with self.read() as conn:
            found: Rows = (await conn.execute(reading.statement, values)).all()
        return found

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """One transaction: committed on the way out, rolled back on an error. Inside another one of the same task it
        is a part of that, which can be rolled back alone: so two stores can be written to as one.

        When the commit itself gets no answer it is not known whether it took place: that is ``Uncertain``.
        """
        task = asyncio.current_task()
        if outer := self._writing.get(task):
            async with outer.begin_nested():
                yield outer
            return
        done = False
        try:
            async with _connected(self._writers) as conn, conn.begin():
                self._writing[task] = conn
                try:
                    yield conn
                    done = True
                finally:
                    del self._writing[task]
        except Unavailable as error:
            raise (Uncertain("the client record did not answer a commit") if done else error) from error.__cause__

    async def close(self) -> None:
        await self._direct.close()
        await self._readers.dispose()
        await self._writers.dispose()


def normal_url(url: str | URL) -> URL:
    """The URL with the driver that we use. Raises ValueError for a database that is neither of the two."""
    made = make_url(url)
    backend = "postgresql" if made.drivername == "postgres" else made.drivername.split("+", 1)[0]
    if backend == "sqlite":
        if made.database in (None, "", ":memory:"):
            raise ValueError("SQLite needs a file: sqlite:////folder/record.db")
        return made.set(drivername="sqlite+aiosqlite")
    if backend == "postgresql":
        made = made.set(drivername="postgresql+asyncpg")
        mode = made.query.get("sslmode")  # libpq's word, as people copy it; asyncpg calls it ssl
        return made.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode}) if mode else made
    raise ValueError(f"the record needs SQLite or PostgreSQL; {backend} is neither")


def insert(conn: AsyncConnection, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
    """``INSERT`` with ``on_conflict_do_nothing`` and ``on_conflict_do_update`` in the dialect of ``conn``."""
    return sqlite.insert(table) if conn.dialect.name == "sqlite" else postgresql.insert(table)


async def insert_new(conn: AsyncConnection, table: sa.Table, values: Mapping[str, Any]) -> bool:
    """Inserts unless a unique key is taken; True if the row was written now."""
    done = await conn.execute(insert(conn, table).values(**values).on_conflict_do_nothing())
    return done.rowcount == 1


async def upsert(conn: AsyncConnection, table: sa.Table, keys: Iterable[str], values: Mapping[str, Any]) -> None:
    """Inserts, or updates the row that has these ``keys``; columns that are not in ``values`` stay as they are."""
    keys = list(keys)
    row = insert(conn, table).values(**values)
    change = {name: row.excluded[name] for name in values if name not in keys}
    made = row.on_conflict_do_update(index_elements=keys, set_=change) if change else row.on_conflict_do_nothing()
    await conn.execute(made)


def _sqlite(url: URL, reading: bool, pool: int, seconds: float, *, scratch: bool = False) -> AsyncEngine:
    hasty = {"async_creator": inline.connecting(str(url.database), seconds)} if scratch else {}
    engine = create_async_engine(
        url,
        hide_parameters=True,
        pool_size=pool,
        max_overflow=0,
        pool_timeout=seconds,
        skip_autocommit_rollback=reading,
        # The driver begins nothing by itself: a read needs no transaction, a write says BEGIN IMMEDIATE below.
        connect_args={"isolation_level": None, "timeout": seconds},
        **hasty,
    )

    @sa.event.listens_for(engine.sync_engine, "connect")
    def prepare(dbapi: Any, _record: Any) -> None:
        cursor = dbapi.cursor()
        _write_ahead(cursor, seconds)
        # FULL syncs the log at each commit: a turn's facts (payment, consent, PIN) are promised on a power cut too.
        # NORMAL would keep them through kill -9 only. The scribe pays for it once in a batch.
        cursor.execute(f"PRAGMA synchronous = {'OFF' if scratch else 'FULL'}")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute(f"PRAGMA query_only = {'ON' if reading else 'OFF'}")
        cursor.close()

    if not reading:
        # The lock is taken at once: a transaction that reads first and writes later could not wait its turn.
        @sa.event.listens_for(engine.sync_engine, "begin")
        def begin(conn: sa.Connection) -> None:
            conn.exec_driver_sql("BEGIN IMMEDIATE")

    sa.event.listen(engine.sync_engine, "handle_error", _translate)
    return engine


def _write_ahead(cursor: Any, seconds: float) -> None:
    """Turns the write-ahead log on. SQLite does not wait for this lock by itself, and several may open a new file."""
    end = time.monotonic() + seconds
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if not is_down(error) or time.monotonic() > end:
                raise
            await_only(asyncio.sleep(LOOK))


def _postgresql(url: URL, reading: bool, pool: int, seconds: float) -> AsyncEngine:
    engine = create_async_engine(
        url,
        hide_parameters=True,
        pool_size=pool,
        max_overflow=0,
        pool_timeout=seconds,
        isolation_level="AUTOCOMMIT" if reading else "READ COMMITTED",
        skip_autocommit_rollback=reading,
        connect_args=_limits(reading, seconds),
    )

    # A ping would cost a round trip at every use; the driver knows already when the server has closed.
    @sa.event.listens_for(engine.sync_engine, "checkout")
    def alive(dbapi: Any, _record: Any, _proxy: Any) -> None:
        if dbapi.driver_connection.is_closed():
            raise sa.exc.DisconnectionError

    sa.event.listen(engine.sync_engine, "handle_error", _translate)
    return engine


def _limits(reading: bool, seconds: float) -> dict[str, Any]:
    """For ``asyncpg.connect``."""
    millis = str(int(seconds * 1000))
    settings = {
        "application_name": "njia",
        "statement_timeout": millis,
        "lock_timeout": millis,
        "idle_in_transaction_session_timeout": str(int(seconds * 6000)),
        "default_transaction_read_only": "on" if reading else "off",
    }
    # The server's own time-out comes first; the client's is for a server that is gone without a word.
    return {"timeout": seconds, "command_timeout": seconds * 1.5, "server_settings": settings}


def _direct(engine: AsyncEngine, pool: int, seconds: float) -> Readers:
    """Reads on the driver itself, reached and bounded as by the engine."""
    words, named = engine.dialect.create_connect_args(engine.url)
    if engine.dialect.name == "sqlite":
        return SqliteReader(words, named)
    from gateway.record.postgres_readers import PostgresReaders  # noqa: PLC0415 - asyncpg only where it is used

    # The words of SQLAlchemy for its own cache; asyncpg has another, and 0 turns it off (for a pooler in between).
    cached = named.pop("prepared_statement_cache_size", 100)
    return PostgresReaders({**named, **_limits(True, seconds), "statement_cache_size": cached}, pool, seconds)


@asynccontextmanager
async def _connected(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    try:
        conn = await engine.connect()
    except (sa.exc.TimeoutError, sa.exc.DBAPIError, OSError) as error:
        raise Unavailable("the client record cannot be reached") from scrubbed(error)
    try:
        yield conn
    finally:
        await conn.close()


def _translate(context: ExceptionContext) -> BaseException | None:
    """Called by SQLAlchemy for each failed statement: what it returns is raised instead."""
    error = scrubbed(context.original_exception)
    if is_ended(error):
        context.is_disconnect = True  # else the pool would hand it on
    if context.is_disconnect or is_down(error):
        return Unavailable("the client record did not answer")
    if context.sqlalchemy_exception is not None:
        scrub(context.sqlalchemy_exception)
    return None
