"""The scribe at work on real streams and databases: killed, without a database, with poison, with a second one."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from redis.asyncio import Redis

from gateway.journal import Entry, Saved, encode
from gateway.record import tables
from gateway.record.database import Database
from gateway.store.keys import journal_key, shard
from gateway.store.leases import alive
from gateway.store.streams import FIELD, Streams, poison_key
from worker.scribe import Scribe

ROOT = Path(__file__).resolve().parents[1]
START = 1_790_000_000.0
QUICK = 600  # milliseconds: leases in these tests run out soon


@pytest.fixture
async def redis(valkey_url: str) -> AsyncIterator[Redis]:
    client = Redis.from_url(valkey_url)
    yield client
    await client.aclose()


async def until(true: Callable[[], Awaitable[Any]], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not await true():
        assert time.monotonic() < end, "it did not happen in time"
        await asyncio.sleep(0.01)


def entries(conversations: int, turns: int = 3) -> list[Entry]:
    return [
        Entry(
            conversation=f"{number:032x}",
            turn=turn,
            at=START + number + turn,
            event="said",
            channel="ussd",
            kind="ussd",
            address=f"+2547000{number:05d}",
            heard="1",
            told=f"screen {turn}",
            outcome="completed" if turn == turns else "",
            saved=[Saved("q", "rating", turn, "rate")],
            texts=[(f"ref-{number}-{turn}", f"+2547000{number:05d}", "Asante")],
        )
        for number in range(conversations)
        for turn in range(1, turns + 1)
    ]


async def append(redis: Redis, made: list[Entry]) -> None:
    pipe = redis.pipeline(transaction=False)
    for entry in made:
        pipe.xadd(journal_key(shard(entry.address)), {FIELD: encode(entry)})
    await pipe.execute()


async def count(db: Database, table: sa.Table) -> int:
    async with db.read() as conn:
        return await conn.scalar(sa.select(sa.func.count()).select_from(table)) or 0


async def assert_written_once(db: Database, made: list[Entry]) -> None:
    talks = {entry.conversation for entry in made}
    assert await count(db, tables.message) == 2 * len(made)
    assert await count(db, tables.observation) == len(made)
    assert await count(db, tables.outbox) == len(made)
    async with db.read() as conn:
        ended = await conn.execute(sa.select(tables.conversation.c.turn, tables.conversation.c.outcome))
        assert [tuple(row) for row in ended] == [(3, "completed")] * len(talks)


@asynccontextmanager
async def scribe(redis: Redis, db: Database, name: str = "one") -> AsyncIterator[Scribe]:
    made, stop = Scribe(redis, db, name, millis=QUICK), asyncio.Event()
    task = asyncio.create_task(made.run(stop))
    try:
        yield made
    finally:
        began = time.monotonic()
        stop.set()
        await task
        assert time.monotonic() - began < 1.5, "a scribe stops within a second"


def nothing_left(redis: Redis) -> Callable[[], Awaitable[bool]]:
    async def asked() -> bool:
        return (await Streams(redis).backlog()).entries == 0

    return asked


async def test_the_journal_is_moved_and_the_streams_are_empty(redis: Redis, database: Database) -> None:
    made = entries(100)
    await append(redis, made)
    async with scribe(redis, database) as one:
        await until(nothing_left(redis))
        await append(redis, entries(101)[-3:])
        await until(nothing_left(redis))
        assert one.written == 303
        assert list(await alive(redis, "scribe")) == ["one"]
    await assert_written_once(database, entries(101))
    assert await alive(redis, "scribe") == {}


# -- poison -----------------------------------------------------------------------------------------------------------

POISON = {
    "not an entry": b"\xc1 nothing",
    "another shape": b"\x93\x01\x02\x03",
    "a number that no column holds": encode(Entry("f" * 32, 2**63, START, "said", "ussd", "ussd", "+254700000999")),
    "no moment": encode(Entry("f" * 32, 1, 1e30, "said", "ussd", "ussd", "+254700000999")),
}


@pytest.mark.parametrize("body", POISON.values(), ids=list(POISON))
async def test_a_poison_entry_is_set_aside_and_the_rest_goes_on(
    redis: Redis, database: Database, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    made = entries(20)
    await append(redis, made[:30])
    await redis.xadd(journal_key(7), {FIELD: body})
    await append(redis, made[30:])
    async with scribe(redis, database) as one:
        await until(nothing_left(redis))
        assert one.aside == 1
    await assert_written_once(database, made)
    ((_, kept),) = await redis.xrange(poison_key(7))
    assert kept[FIELD.encode()] == body
    assert kept[b"reason"]
    assert "set aside" in caplog.text
    assert "+254" not in caplog.text
    assert (await Streams(redis).backlog()).set_aside == 1


# -- the database is down ---------------------------------------------------------------------------------------------


@asynccontextmanager
async def outage(url: str, postgres: Any) -> AsyncIterator[None]:
    """No connection to this database can be used: PostgreSQL refuses and ends them, SQLite is locked by another."""
    if url.startswith("sqlite"):
        other = sqlite3.connect(url.partition(":///")[2], isolation_level=None)
        other.execute("begin exclusive")
        yield
        other.execute("rollback")
        other.close()
        return
    name = url.partition("@/")[2].partition("?")[0]
    admin = Database(postgres.url.format(name="postgres"))
    async with admin.write() as conn:
        await conn.execute(sa.text(f"alter database {name} allow_connections false"))
        await conn.execute(sa.text(f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'"))
    yield
    async with admin.write() as conn:
        await conn.execute(sa.text(f"alter database {name} allow_connections true"))
    await admin.close()


async def test_entries_wait_while_the_database_is_down(
    redis: Redis, database_url: str, request: pytest.FixtureRequest
) -> None:
    db = Database(database_url, seconds=0.2)
    postgres = None if database_url.startswith("sqlite") else request.getfixturevalue("postgres")
    made = entries(30)

    async def waits() -> bool:
        return '"waits_for": "Unavailable"' in (await alive(redis, "scribe")).get("one", "")

    async with scribe(redis, db):
        await append(redis, made[:45])
        await until(nothing_left(redis))
        async with outage(database_url, postgres):
            await append(redis, made[45:])
            await until(waits)
            assert (await Streams(redis).backlog()).entries == 45
        await until(nothing_left(redis))
    await assert_written_once(db, made)
    await db.close()


# -- two scribes ------------------------------------------------------------------------------------------------------


async def test_two_scribes_at_work_write_everything_once(redis: Redis, database: Database, database_url: str) -> None:
    other = Database(database_url)
    made = entries(150)
    async with scribe(redis, database, "one") as one, scribe(redis, other, "two") as two:

        async def shared() -> bool:
            return len(one.streams_held) == len(two.streams_held) == 32

        await until(shared)
        await append(redis, made)
        await until(nothing_left(redis))
        assert one.written
        assert two.written
    await assert_written_once(database, made)
    await other.close()


# -- killed -----------------------------------------------------------------------------------------------------------

BETWEEN = """
import os, signal, sys
from functools import partial
from worker import roles
from gateway.store.streams import Streams
async def killed(self, done):
    os.kill(os.getpid(), signal.SIGKILL)
if sys.argv[1] == "between":
    Streams.delete = killed
if sys.argv[1] == "at random":
    roles.Scribe = partial(roles.Scribe, millis=600)
from worker.__main__ import main
main(["scribe"])
"""


async def process(where: Path, valkey_url: str, database_url: str, how: str) -> asyncio.subprocess.Process:
    given = {"NJIA_REDIS__URL": valkey_url, "NJIA_DATABASE__URL": database_url, "NJIA_DATA": str(where)}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", BETWEEN, how, cwd=ROOT, env=os.environ | given, stderr=asyncio.subprocess.DEVNULL
    )


async def test_killed_between_commit_and_delete(
    redis: Redis, database: Database, database_url: str, valkey_url: str, tmp_path: Path
) -> None:
    made = entries(20)
    await append(redis, made)
    killed = await process(tmp_path, valkey_url, database_url, "between")
    assert await asyncio.wait_for(killed.wait(), 30) == -signal.SIGKILL
    assert (await Streams(redis).backlog()).entries == len(made), "nothing was deleted"
    assert await count(database, tables.message) > 0, "something was committed"

    async with scribe(redis, database, "next"):
        await until(nothing_left(redis))
    await assert_written_once(database, made)


async def test_killed_at_random_moments(
    redis: Redis, database: Database, database_url: str, valkey_url: str, tmp_path: Path
) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    chance = random.Random(seed)
    made = entries(400)
    await append(redis, made[:600])
    for kill in range(4):
        running = await process(tmp_path, valkey_url, database_url, "at random")
        before = await count(database, tables.message)

        async def at_work(before: int = before) -> bool:
            return await count(database, tables.message) > before

        await until(at_work)
        await asyncio.sleep(chance.random() * 0.02)
        running.kill()
        await running.wait()
        await append(redis, made[600 + 150 * kill : 750 + 150 * kill])
    async with scribe(redis, database, "last"):
        await until(nothing_left(redis))
    await assert_written_once(database, made)


async def test_a_scribe_ends_cleanly_when_told_to(
    redis: Redis, database_url: str, valkey_url: str, tmp_path: Path
) -> None:
    running = await process(tmp_path, valkey_url, database_url, "plain")

    async def there() -> bool:
        return bool(await alive(redis, "scribe"))

    await until(there)
    running.terminate()
    assert await asyncio.wait_for(running.wait(), 3) == 0
    assert await alive(redis, "scribe") == {}
