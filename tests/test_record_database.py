"""The database under the record, on SQLite and on PostgreSQL: durable settings, honest errors, no values in them."""

from __future__ import annotations

import asyncio
import datetime as dt
import signal
import subprocess
import sys
import threading
import traceback
from pathlib import Path

import last_words
import pytest
import sqlalchemy as sa

from flows.ports import Unavailable, Uncertain
from gateway.record import database as records
from gateway.record.database import Database
from gateway.record.tables import address, guessing

PHONE = "+254700000777"
NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


async def _misses(db: Database) -> int | None:
    async with db.read() as conn:
        found: int | None = await conn.scalar(sa.select(guessing.c.misses).where(guessing.c.subject == PHONE))
    return found


async def test_what_is_committed_is_seen_and_what_fails_is_not(database: Database) -> None:
    async with database.write() as conn:
        assert await records.insert_new(conn, guessing, {"subject": PHONE, "misses": 1})
    assert await _misses(database) == 1
    with pytest.raises(ZeroDivisionError):
        async with database.write() as conn:
            await conn.execute(sa.update(guessing).values(misses=2))
            raise ZeroDivisionError
    assert await _misses(database) == 1


async def test_a_write_inside_a_write_is_a_part_of_it(database: Database) -> None:
    async with database.write() as conn:
        await records.insert_new(conn, guessing, {"subject": PHONE, "misses": 1})
        assert await _misses(database) == 1  # a read inside sees it too
        with pytest.raises(ZeroDivisionError):
            async with database.write() as inner:
                await inner.execute(sa.update(guessing).values(misses=2))
                raise ZeroDivisionError
        assert await _misses(database) == 1
    with pytest.raises(ZeroDivisionError):
        async with database.write() as conn:
            async with database.write() as inner:
                await inner.execute(sa.update(guessing).values(misses=3))
            raise ZeroDivisionError
    assert await _misses(database) == 1


async def test_another_task_is_not_part_of_it(database_url: str) -> None:
    db = Database(database_url, seconds=0.3)
    async with db.write() as conn:
        await records.insert_new(conn, guessing, {"subject": PHONE})
        assert await asyncio.create_task(_misses(db)) is None
    assert await _misses(db) == 0
    await db.close()


async def test_insert_new_and_upsert(database: Database) -> None:
    async with database.write() as conn:
        assert await records.insert_new(conn, guessing, {"subject": PHONE, "misses": 1, "locks": 4})
        assert not await records.insert_new(conn, guessing, {"subject": PHONE, "misses": 5})
        await records.upsert(conn, guessing, ["subject"], {"subject": PHONE, "misses": 7})
        row = (await conn.execute(sa.select(guessing))).one()
    assert (row.misses, row.locks) == (7, 4)


async def test_a_read_cannot_write(database: Database) -> None:
    with pytest.raises((sa.exc.DBAPIError, Unavailable)):
        async with database.read() as conn:
            await conn.execute(sa.insert(guessing).values(subject=PHONE))
    assert await _misses(database) is None


async def test_a_snapshot_sees_one_moment_and_a_plain_read_the_newest(database: Database) -> None:
    count = sa.select(sa.func.count()).select_from(guessing)
    async with database.read(snapshot=True) as one, database.read() as newest:
        assert await one.scalar(count) == 0
        async with database.write() as conn:
            await records.insert_new(conn, guessing, {"subject": PHONE})
        assert await one.scalar(count) == 0
        assert await newest.scalar(count) == 1


async def test_a_snapshot_that_fails_leaves_no_open_transaction(database: Database) -> None:
    for _ in range(7):  # more than the pool holds
        with pytest.raises(ZeroDivisionError):
            async with database.read(snapshot=True) as conn:
                await conn.scalar(sa.select(sa.func.count()).select_from(guessing))
                raise ZeroDivisionError
    async with database.write() as conn:
        await records.insert_new(conn, guessing, {"subject": PHONE})
    assert await _misses(database) == 0


async def test_writers_at_once_wait_for_each_other(database: Database) -> None:
    async with database.write() as conn:
        await records.insert_new(conn, guessing, {"subject": PHONE})

    async def one_more() -> None:
        async with database.write() as conn:
            row = sa.select(guessing.c.misses).where(guessing.c.subject == PHONE).with_for_update()
            misses = (await conn.execute(row)).scalar_one()
            await conn.execute(sa.update(guessing).values(misses=misses + 1))

    await asyncio.gather(*(one_more() for _ in range(20)))
    assert await _misses(database) == 20


async def test_two_processes_wait_for_each_other(database_url: str) -> None:
    first, second = Database(database_url), Database(database_url)
    async with first.write() as conn:
        await records.insert_new(conn, guessing, {"subject": PHONE})

    async def add(db: Database) -> None:
        async with db.write() as conn:
            await conn.execute(sa.update(guessing).values(misses=guessing.c.misses + 1))

    await asyncio.gather(*(add(db) for _ in range(10) for db in (first, second)))
    assert await _misses(first) == 20
    await first.close()
    await second.close()


async def test_a_lock_that_is_not_given_in_time_is_unavailable(database_url: str) -> None:
    holder, other = Database(database_url), Database(database_url, seconds=0.3)
    async with holder.write() as conn:
        await records.insert_new(conn, guessing, {"subject": PHONE})
        with pytest.raises(Unavailable):
            async with other.write() as blocked:
                await records.insert_new(blocked, guessing, {"subject": PHONE})
    assert await _misses(other) == 0  # and it works again
    await holder.close()
    await other.close()


async def test_a_full_pool_is_unavailable(database_url: str) -> None:
    db = Database(database_url, pool=1, seconds=0.2)
    async with db.read():
        with pytest.raises(Unavailable):
            async with db.read():
                pass
    await db.close()


@pytest.mark.parametrize(
    "url",
    ["postgresql://njia@127.0.0.1:1/njia", "sqlite:////nowhere/at/all/record.db", "postgresql://njia@/x?host=/nowhere"],
)
async def test_a_database_that_is_not_there_is_unavailable(url: str) -> None:
    db = Database(url)
    with pytest.raises(Unavailable):
        async with db.write():
            pass
    with pytest.raises(Unavailable):
        async with db.read():
            pass
    await db.close()
    while any("_connection_worker" in thread.name for thread in threading.enumerate()):
        await asyncio.sleep(0)  # the driver's threads report to this loop


async def test_a_connection_cut_by_the_server_is_replaced(postgres_url: str) -> None:
    db, killer = Database(postgres_url, pool=1), Database(postgres_url)
    async with db.read() as conn:
        victim = await conn.scalar(sa.text("select pg_backend_pid()"))
    async with killer.write() as conn:
        await conn.execute(sa.text("select pg_terminate_backend(:victim, 5000)"), {"victim": victim})
    async with db.read() as conn:
        assert await conn.scalar(sa.text("select pg_backend_pid()")) != victim
    await db.close()
    await killer.close()


async def test_a_connection_that_was_told_of_its_end_is_unavailable_and_replaced(postgres_url: str) -> None:
    db = Database(postgres_url)
    async with db.write() as conn:
        victim = await conn.scalar(sa.text("select pg_backend_pid()"))
        driver = (await conn.get_raw_connection()).driver_connection
    last_words.heard_by(driver)
    with pytest.raises(Unavailable):
        async with db.write() as conn:
            await conn.execute(sa.text("select 1"))
    async with db.write() as conn:
        assert await conn.scalar(sa.text("select pg_backend_pid()")) != victim
    await db.close()


async def test_a_commit_without_an_answer_may_have_taken_place(postgres_url: str) -> None:
    """Before it, it certainly has not."""
    db, killer = Database(postgres_url), Database(postgres_url)
    for where, kind in (("in the transaction", Unavailable), ("at the commit", Uncertain)):
        with pytest.raises(Unavailable) as raised:
            async with db.write() as conn:
                victim = await conn.scalar(sa.text("select pg_backend_pid()"))
                async with killer.read() as other:
                    await other.execute(sa.text("select pg_terminate_backend(:victim, 5000)"), {"victim": victim})
                if where == "in the transaction":
                    await conn.execute(sa.text("select 1"))
        assert raised.type is kind, where
    await db.close()
    await killer.close()


async def test_a_statement_that_takes_too_long_is_unavailable(postgres_url: str) -> None:
    db = Database(postgres_url, seconds=0.2)
    with pytest.raises(Unavailable):
        async with db.read() as conn:
            await conn.execute(sa.text("select pg_sleep(10)"))
    await db.close()


@pytest.mark.parametrize(
    "bad", [{"subject": PHONE}, {"subject": PHONE + "0", "misses": PHONE}, {"subject": PHONE * 90}]
)
async def test_errors_carry_no_values(database: Database, bad: dict[str, object]) -> None:
    with pytest.raises(sa.exc.DBAPIError) as caught:
        async with database.write() as conn:
            await conn.execute(sa.insert(guessing).values(subject=PHONE))
            await conn.execute(sa.insert(guessing).values(**bad))
            raise sa.exc.DBAPIError("this database accepts it", {}, ValueError())
    assert PHONE not in "".join(traceback.format_exception(caught.value))


KILLED = """
import asyncio, os, signal, sys
from gateway.record.database import Database, insert_new
from gateway.record.tables import guessing

async def main():
    db = Database(sys.argv[1])
    async with db.write() as conn:
        await insert_new(conn, guessing, {"subject": sys.argv[2], "misses": 1})
    async with db.write() as conn:
        await conn.execute(guessing.update().values(misses=2))
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


async def test_what_was_committed_survives_a_kill_and_what_was_not_is_gone(database_url: str) -> None:
    root = Path(records.__file__).parents[2]
    ran = subprocess.run([sys.executable, "-c", KILLED, database_url, PHONE], cwd=root, check=False)
    assert ran.returncode == -signal.SIGKILL
    db = Database(database_url)
    assert await _misses(db) == 1
    async with db.write() as conn:
        await conn.execute(sa.update(guessing).values(misses=3))
    assert await _misses(db) == 3
    await db.close()


async def test_sqlite_keeps_its_promises(sqlite_url: str) -> None:
    db = Database(sqlite_url)
    async with db.write() as conn:
        got = [await conn.scalar(sa.text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous", "foreign_keys")]
    assert got == ["wal", 2, 1]  # 2 = FULL
    await db.close()


async def test_times_come_back_in_utc(database: Database) -> None:
    nairobi = NOW.astimezone(dt.timezone(dt.timedelta(hours=3)))
    async with database.write() as conn:
        await records.insert_new(conn, address, {"address": PHONE, "first_seen": nairobi})
        back = await conn.scalar(sa.select(address.c.first_seen))
    assert back == NOW
    assert back.tzinfo is dt.UTC


@pytest.mark.parametrize(
    ("given", "driver"),
    [
        ("postgres://a@b/c", "postgresql+asyncpg"),
        ("postgresql://a@b/c", "postgresql+asyncpg"),
        ("sqlite:////a/b", "sqlite+aiosqlite"),
    ],
)
def test_the_driver_is_ours(given: str, driver: str) -> None:
    assert records.normal_url(given).drivername == driver


def test_sslmode_is_understood() -> None:
    assert records.normal_url("postgresql://a@b/c?sslmode=require").query == {"ssl": "require"}


@pytest.mark.parametrize("url", ["mysql://a@b/c", "sqlite://", "sqlite:///:memory:"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="SQLite"):
        records.normal_url(url)
