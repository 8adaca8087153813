"""The ledger holds what the books promise, whoever writes to it: the database refuses everything else."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Iterable
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command

from flows.ports import Leg
from gateway.clock import SetClock
from gateway.record import migrations
from gateway.record.books import SqlBooks
from gateway.record.database import Database, insert_new
from gateway.record.tables import ledger, posting

NOW = dt.datetime(2026, 3, 20, 9, tzinfo=dt.UTC)
BEFORE = "v0006"  # the last version of the schema in which nothing sealed a posting


def leg(number: int, minor: int, currency: str = "KES", key: str = "k") -> dict[str, Any]:
    what = {"book": "float", "minor": minor, "currency": currency, "on": NOW.date(), "kind": "repaid", "at": NOW}
    return {"key": key, "leg": number, **what}


GOOD = [leg(0, 500), leg(1, -500)]
TWO = [*GOOD, leg(2, 7, "UGX"), leg(3, -7, "UGX")]
REFUSED: dict[str, tuple[list[dict[str, Any]], int | None]] = {  # legs, and how many their posting says there are
    "no posting": (GOOD, None),
    "not zero": ([leg(0, 500), leg(1, -499)], 2),
    "zero only across currencies": ([leg(0, 500), leg(1, -500, "UGX")], 2),
    "one leg": ([leg(0, 500)], 1),
    "a leg of nothing": ([*GOOD, leg(2, 0)], 3),
    "no legs": ([], 0),
    "another number of legs": (GOOD, 3),
}
CHANGES = {
    "an amount": sa.update(ledger).values(minor=1),
    "a leg": sa.delete(ledger).where(ledger.c.leg == 0),
    "everything": sa.delete(ledger),
    "a posting": sa.update(posting).values(key="other"),
    "the seal": sa.delete(posting),
    "a leg more": sa.insert(ledger).values(leg(2, 0)),
    "a pair more": sa.insert(ledger).values([leg(2, 9), leg(3, -9)]),
    "the same again": sa.insert(ledger).values(leg(0, 500)),
}


async def write(db: Database, legs: Iterable[dict[str, Any]], count: int | None) -> None:
    async with db.write() as conn:
        for row in legs:
            await conn.execute(sa.insert(ledger).values(row))
        if count is not None:
            await conn.execute(sa.insert(posting).values(key="k", legs=count))


async def rows(db: Database) -> tuple[list[Any], list[Any]]:
    async with db.read() as conn:
        legs = (await conn.execute(sa.select(ledger).order_by(ledger.c.key, ledger.c.leg))).all()
        return list(legs), list((await conn.execute(sa.select(posting).order_by(posting.c.key))).all())


@pytest.mark.parametrize("legs", [GOOD, TWO], ids=["one currency", "two currencies"])
async def test_a_posting_is_taken(database: Database, legs: list[dict[str, Any]]) -> None:
    await write(database, legs, len(legs))
    assert [len(found) for found in await rows(database)] == [len(legs), 1]


@pytest.mark.parametrize("what", REFUSED)
async def test_what_is_no_posting_is_refused_as_a_whole(database: Database, what: str) -> None:
    with pytest.raises(sa.exc.IntegrityError):
        await write(database, *REFUSED[what])
    assert await rows(database) == ([], [])


@pytest.mark.parametrize("what", CHANGES)
async def test_nothing_changes_a_posting(database: Database, what: str) -> None:
    await write(database, GOOD, 2)
    before = await rows(database)
    with pytest.raises(sa.exc.IntegrityError):
        async with database.write() as conn:
            await conn.execute(CHANGES[what])
    assert await rows(database) == before


async def test_a_key_that_is_taken_is_no_error(database: Database) -> None:
    await write(database, GOOD, 2)
    async with database.write() as conn:
        assert not await insert_new(conn, ledger, leg(0, 7))


async def test_what_sqlite_replaces_it_deletes(sqlite_template: Any, tmp_path: Any) -> None:
    db = Database(f"sqlite:///{tmp_path / 'record.db'}")
    await migrations.upgrade(f"sqlite:///{tmp_path / 'record.db'}")
    await write(db, GOOD, 2)
    before = await rows(db)
    with pytest.raises(sa.exc.IntegrityError):
        async with db.write() as conn:
            await conn.execute(sa.insert(ledger).prefix_with("OR REPLACE").values(leg(0, 501)))
    assert await rows(db) == before
    await db.close()


async def test_postgresql_cannot_be_emptied(postgres: Any) -> None:
    with postgres.fresh("njia_template") as url:
        db = Database(url)
        for table in ("ledger", "posting CASCADE"):
            with pytest.raises(sa.exc.IntegrityError):
                async with db.write() as conn:
                    await conn.exec_driver_sql(f"TRUNCATE {table}")
        await db.close()


@pytest.mark.parametrize("first", ["posting", "legs"])
async def test_of_two_that_write_under_one_key_at_once_one_is_refused(postgres: Any, first: str) -> None:
    """PostgreSQL has many writers; what the other adds is not to be seen until it is committed."""
    with postgres.fresh("njia_template") as url:
        db = Database(url)
        both, kept = asyncio.Barrier(2), asyncio.Event()

        async def honest() -> None:
            async with db.write() as conn:
                await conn.execute(sa.insert(ledger), GOOD)
                await conn.execute(sa.insert(posting).values(key="k", legs=2))
                await both.wait()
                await (kept.wait() if first == "legs" else asyncio.sleep(0))
            kept.set()

        async def other() -> None:
            try:
                async with db.write() as conn:
                    await conn.execute(sa.insert(ledger), [leg(7, 9), leg(8, -9)])
                    await both.wait()
                    await (kept.wait() if first == "posting" else asyncio.sleep(0))
            finally:
                kept.set()

        done = await asyncio.gather(honest(), other(), return_exceptions=True)
        assert [type(each).__name__ for each in done] == ["NoneType", "IntegrityError"]
        assert [len(found) for found in await rows(db)] == [2, 1]
        await db.close()


async def test_books_that_came_before_are_sealed(empty_url: str) -> None:
    db = await _before(empty_url, [*GOOD, leg(0, 3, key="older"), leg(1, -3, key="older")])
    await migrations.upgrade(empty_url)
    legs, postings = await rows(db)
    assert [(row.key, row.minor) for row in legs] == [("k", 500), ("k", -500), ("older", 3), ("older", -3)]
    assert [tuple(row) for row in postings] == [("k", 2), ("older", 2)]
    with pytest.raises(sa.exc.IntegrityError):
        await write(db, [leg(2, 9), leg(3, -9)], None)
    lent = [Leg("new", book, minor, "KES", NOW.date(), "repaid") for book, minor in (("float", 5), ("L-1:fee", -5))]
    assert await SqlBooks(db, SetClock(NOW)).write(lent)
    await db.close()


async def test_books_that_are_wrong_are_not_sealed(empty_url: str) -> None:
    db = await _before(empty_url, [leg(0, 500), leg(1, -499)])
    with pytest.raises(ValueError, match="sum to zero"):
        await migrations.upgrade(empty_url)
    assert await migrations.current(empty_url) == BEFORE
    await db.close()


async def _before(url: str, legs: list[dict[str, Any]]) -> Database:
    db = Database(url)
    async with db.write() as conn:
        await conn.run_sync(lambda sync: command.upgrade(migrations.config(sync), BEFORE))
        await conn.execute(sa.insert(ledger), legs)
    return db


@pytest.fixture(params=["sqlite_url", "postgres_url"])
def empty_url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(request.param))
