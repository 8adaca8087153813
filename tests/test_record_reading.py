"""Hot reads: the same rows as any other read, on the driver itself, and the same honest errors."""

from __future__ import annotations

import asyncio
import datetime as dt
import sqlite3
import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from flows.ports import Unavailable
from gateway.record import tables
from gateway.record.database import Database, insert_new
from gateway.record.reading import Reading
from gateway.record.tables import guessing

NOW = dt.datetime(2026, 3, 1, 12, 30, 15, 250000, tzinfo=dt.UTC)
PHONE = "+254700000777"
ROWS: dict[str, list[dict[str, Any]]] = {
    "client": [
        {"id": "a", "number": "1", "name": "Akinyi", "birth_date": NOW.date(), "stage": "active", "created_at": NOW},
        {"id": "b", "number": "2", "name": "Ötiena 你", "stage": "active", "created_at": NOW - dt.timedelta(days=1)},
    ],
    "consent": [
        {"id": str(n), "key": str(n), "address": PHONE, "purpose": "survey", "given": n == 1, "at": NOW} for n in (1, 2)
    ],
    "guessing": [{"subject": PHONE, "misses": 2, "last_at": NOW}, {"subject": "pin a", "locked_until": NOW}],
    "ledger": [
        {
            "key": "k",
            "leg": leg,
            "book": "float",
            "minor": minor,
            "currency": "KES",
            "on": NOW.date(),
            "kind": "",
            "at": NOW,
        }
        for leg, minor in enumerate((-(2**62), 2**62))
    ],
}
SEALS = {"ledger": ("posting", {"key": "k", "legs": 2})}  # what must be written after some rows

_MISSES = Reading(sa.select(guessing.c.misses).where(guessing.c.subject == sa.bindparam("of")))


async def _misses(db: Database) -> list[int]:
    return [row[0] for row in await db.rows(_MISSES, of=PHONE)]


@pytest.mark.parametrize("name", ROWS)
async def test_the_rows_are_those_of_any_other_read(database: Database, name: str) -> None:
    table = tables.metadata.tables[name]
    async with database.write() as conn:
        for row in ROWS[name]:
            await insert_new(conn, table, row)
        if name in SEALS:
            await insert_new(conn, tables.metadata.tables[SEALS[name][0]], SEALS[name][1])
    every = sa.select(*table.c).order_by(*table.primary_key.columns)
    async with database.read() as conn:
        expected = [tuple(row) for row in await conn.execute(every)]
    assert len(expected) == len(ROWS[name])
    assert [tuple(row) for row in await database.rows(Reading(every))] == expected
    assert [[type(cell) for cell in row] for row in await database.rows(Reading(every))] == [
        [type(cell) for cell in row] for row in expected
    ]


async def test_values_are_given_as_to_any_other_read(database: Database) -> None:
    async with database.write() as conn:
        await insert_new(conn, guessing, {"subject": PHONE, "last_at": NOW})
    nairobi = NOW.astimezone(dt.timezone(dt.timedelta(hours=3)))
    last = guessing.c.last_at
    since = Reading(sa.select(guessing.c.subject).where(last >= sa.bindparam("since"), last < sa.bindparam("until")))
    later = nairobi + dt.timedelta(seconds=1)
    assert [row[0] for row in await database.rows(since, until=later, since=nairobi)] == [PHONE]
    assert not await database.rows(since, until=nairobi, since=nairobi)
    with pytest.raises(KeyError):
        await database.rows(since, until=nairobi)


async def test_inside_a_write_it_sees_what_that_wrote_and_another_task_does_not(database: Database) -> None:
    async with database.write() as conn:
        await insert_new(conn, guessing, {"subject": PHONE, "misses": 1})
        assert await _misses(database) == [1]
        assert await asyncio.create_task(_misses(database)) == []
    assert await _misses(database) == [1]


async def test_it_cannot_write(database: Database) -> None:
    with pytest.raises(database._direct.errors):
        await database._direct.rows("INSERT INTO guessing (subject) VALUES ('x')", [])
    async with database.read() as conn:
        assert await conn.scalar(sa.select(sa.func.count()).select_from(guessing)) == 0


async def test_many_at_once(database: Database) -> None:
    async with database.write() as conn:
        await insert_new(conn, guessing, {"subject": PHONE, "misses": 1})
    assert await asyncio.gather(*(_misses(database) for _ in range(50))) == [[1]] * 50


async def test_it_works_again_after_it_was_closed(database: Database) -> None:
    assert await _misses(database) == []
    await database.close()
    assert await _misses(database) == []


@pytest.mark.parametrize(
    "statement",
    [
        sa.select(guessing.c.misses).where(guessing.c.subject.in_(["a", "b"])),
        sa.select(tables.account.c.terms),
    ],
)
def test_what_cannot_be_said_once_is_refused(statement: sa.Select[Any], sqlite_url: str) -> None:
    with pytest.raises(ValueError, match="hot read"):
        Reading(statement).on(sa.create_engine("sqlite://").dialect)


@pytest.mark.parametrize(
    "url",
    ["postgresql://njia@127.0.0.1:1/njia", "sqlite:////nowhere/at/all/record.db", "postgresql://njia@/x?host=/nowhere"],
)
async def test_a_database_that_is_not_there_is_unavailable(url: str) -> None:
    db = Database(url)
    with pytest.raises(Unavailable):
        await _misses(db)
    await db.close()


async def test_errors_carry_no_values(database: Database) -> None:
    untyped = Reading(sa.select(guessing.c.misses).where(guessing.c.subject == sa.bindparam("of", type_=sa.String)))
    wrong = Reading(sa.select(sa.column("nothing")).where(guessing.c.subject == sa.bindparam("of")))
    for reading, value in ((untyped, [PHONE]), (wrong, PHONE)):
        with pytest.raises(sa.exc.DBAPIError) as caught:
            await database.rows(reading, of=value)
        assert PHONE not in "".join(traceback.format_exception(caught.value))
    assert await _misses(database) == []


# -- SQLite -----------------------------------------------------------------------------------------------------------


async def test_a_writer_holds_up_nobody(database_url: str) -> None:
    db, writer = Database(database_url), Database(database_url)
    async with writer.write() as conn:
        await insert_new(conn, guessing, {"subject": PHONE, "misses": 1})
        assert await _misses(db) == []
    assert await _misses(db) == [1]
    await db.close()
    await writer.close()


async def test_where_sqlite_wants_everybody_to_wait_the_loop_does_not(sqlite_template: Path, tmp_path: Path) -> None:
    file = tmp_path / "record.db"
    file.write_bytes(sqlite_template.read_bytes())
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("PRAGMA locking_mode = EXCLUSIVE")
    holder.execute(f"INSERT INTO guessing (subject, misses) VALUES ('{PHONE}', 4)")
    db = Database(f"sqlite:///{file}", seconds=30.0)
    reading = asyncio.create_task(_misses(db))
    done, _ = await asyncio.wait({reading}, timeout=0.2)
    assert not done
    holder.close()
    assert await reading == [4]
    await db.close()


async def test_where_it_waits_in_vain_it_is_unavailable(sqlite_template: Path, tmp_path: Path) -> None:
    file = tmp_path / "record.db"
    file.write_bytes(sqlite_template.read_bytes())
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("PRAGMA locking_mode = EXCLUSIVE")
    holder.execute("DELETE FROM guessing")
    db = Database(f"sqlite:///{file}", seconds=0.1)
    with pytest.raises(Unavailable):
        await _misses(db)
    holder.close()
    assert await _misses(db) == []
    await db.close()


UNUSED = """
import asyncio, sys
import sqlalchemy as sa
from gateway.record.database import Database
from gateway.record.reading import Reading

async def main():
    db = Database(sys.argv[1])
    assert [tuple(row) for row in await db.rows(Reading(sa.select(sa.literal(1))))] == [(1,)]
    await db.close()

asyncio.run(main())
assert "asyncpg" not in sys.modules
"""


def test_the_driver_of_the_other_database_is_not_loaded(sqlite_url: str) -> None:
    subprocess.run([sys.executable, "-c", UNUSED, sqlite_url], cwd=Path(__file__).parents[1], check=True)
