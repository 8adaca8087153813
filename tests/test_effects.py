"""An effect happens once under its key, whoever asks and however often, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.clock import SetClock
from gateway.record import effects
from gateway.record.database import Database, insert_new
from gateway.record.tables import address

CLOCK = SetClock(dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC))


@pytest.fixture
async def elsewhere(database_url: str) -> AsyncIterator[Database]:
    made = Database(database_url)
    yield made
    await made.close()


class Work:
    """Writes a row each time it runs."""

    def __init__(self) -> None:
        self.runs = 0

    async def __call__(self, conn: AsyncConnection) -> list[Any]:
        self.runs += 1
        await insert_new(conn, address, {"address": f"run {self.runs}"})
        return [self.runs, "done"]


async def rows(db: Database) -> int:
    async with db.read() as conn:
        return await conn.scalar(sa.select(sa.func.count()).select_from(address)) or 0


async def test_the_first_outcome_is_returned_to_each_later_run(database: Database) -> None:
    work = Work()
    assert [await effects.once(database, CLOCK, "k", "act", work) for _ in range(3)] == [[1, "done"]] * 3
    assert await effects.once(database, CLOCK, "other", "act", work) == [2, "done"]
    assert (work.runs, await rows(database)) == (2, 2)


async def test_of_many_at_once_one_runs(database: Database, elsewhere: Database) -> None:
    work = Work()
    both = (database, elsewhere)
    found = await asyncio.gather(*(effects.once(both[n % 2], CLOCK, "k", "act", work) for n in range(10)))
    assert found == [[1, "done"]] * 10
    assert (work.runs, await rows(database)) == (1, 1)


async def test_what_fails_leaves_nothing_and_can_be_run_again(database: Database) -> None:
    async def fails(conn: AsyncConnection) -> str:
        await insert_new(conn, address, {"address": "half"})
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await effects.once(database, CLOCK, "k", "act", fails)
    assert await rows(database) == 0
    assert await effects.once(database, CLOCK, "k", "act", Work()) == [1, "done"]


async def test_a_work_that_is_cancelled_leaves_nothing(database: Database) -> None:
    begun = asyncio.Event()

    async def stuck(conn: AsyncConnection) -> str:
        await insert_new(conn, address, {"address": "half"})
        begun.set()
        await asyncio.Event().wait()
        return "never"

    task = asyncio.create_task(effects.once(database, CLOCK, "k", "act", stuck))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await effects.once(database, CLOCK, "k", "act", Work()) == [1, "done"]
