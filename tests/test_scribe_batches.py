"""How the scribe groups what it reads: in order, together where it can, and poison by itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa
from redis.asyncio import Redis
from test_scribe_process import append, assert_written_once, entries, nothing_left, scribe, until

from gateway.journal import Entry, encode
from gateway.record import tables
from gateway.record.database import Database
from gateway.store import nodes
from gateway.store.asking import Store
from gateway.store.keys import journal_key, shard
from gateway.store.nodes import ByRedisPy
from gateway.store.streams import FIELD, Pending, Streams, poison_key
from worker import scribe as scribing


@pytest.fixture
async def redis(valkey_url: str) -> AsyncIterator[Redis]:
    client = Redis.from_url(valkey_url)
    yield client
    await client.aclose()


@pytest.fixture(params=["our own wire", "redis-py"])
async def hot(request: pytest.FixtureRequest, redis: Redis, valkey_url: str) -> AsyncIterator[Store]:
    made = ByRedisPy(redis) if request.param == "redis-py" else nodes.opened(valkey_url, redis, 5.0)
    yield made
    await made.close()


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch) -> list[list[Entry]]:
    """What was written in one transaction, or was tried to be."""
    tried: list[list[Entry]] = []
    apply = scribing.apply

    async def noted(db: Database, some: list[Entry]) -> None:
        tried.append(some)
        await apply(db, some)

    monkeypatch.setattr(scribing, "apply", noted)
    return tried


# -- reading and deleting ---------------------------------------------------------------------------------------------


async def test_only_what_is_named_is_deleted_however_much_it_is(redis: Redis, hot: Store) -> None:
    streams = Streams(redis, hot)
    pipe = redis.pipeline(transaction=False)
    for n in range(2600):
        pipe.xadd(journal_key(n % 2 * 9), {FIELD: b"%d" % n})
    await pipe.execute()
    found = await streams.read([0, 9, 5], count=2000)
    assert [int(one.body) for one in found if one.shard == 9] == list(range(1, 2600, 2)), "in their order"
    await streams.delete([*found[:1250], *found[1290:]])
    assert await streams.read([0, 9, 5], count=2000) == found[1250:1290]
    await streams.delete([])
    await streams.delete([Pending(0, b"1-1", b"nobody's"), *found])
    assert await streams.read(range(64), block_ms=0) == []


async def test_a_read_may_wait_for_a_first_entry(redis: Redis, hot: Store) -> None:
    waiting = asyncio.create_task(Streams(redis, hot).read(range(64), count=1, block_ms=20_000))
    while not (await redis.info("clients"))["blocked_clients"]:
        await asyncio.sleep(0)
    await redis.xadd(journal_key(3), {FIELD: b"first"})
    (one,) = await asyncio.wait_for(waiting, 10)
    assert (one.shard, one.body) == (3, b"first")


# -- batches ----------------------------------------------------------------------------------------------------------


async def test_what_comes_one_by_one_is_written_together(
    redis: Redis, database: Database, batches: list[list[Entry]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scribing, "GATHER", 1.0)
    made = entries(10)
    async with scribe(redis, database) as one:
        await until_it_waits(redis, one)
        for entry in made:
            await append(redis, [entry])
        await until(nothing_left(redis))
        assert one.written == len(made)
    assert [len(batch) for batch in batches] == [len(made)]
    await assert_written_once(database, made)


async def until_it_waits(redis: Redis, one: scribing.Scribe) -> None:
    async def waits() -> bool:
        return len(one.streams_held) == 64 and (await redis.info("clients"))["blocked_clients"] == 1

    await until(waits)


async def test_a_conversation_stays_in_order_over_many_batches(
    redis: Redis, database: Database, batches: list[list[Entry]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scribing, "AT_ONCE", 64 * 4)
    monkeypatch.setattr(scribing, "SMALLEST", 3)
    monkeypatch.setattr(scribing, "LARGEST", 3)
    made = sorted(entries(4, turns=25), key=lambda entry: entry.turn)
    await append(redis, made)
    async with scribe(redis, database):
        await until(nothing_left(redis))
    turns: dict[str, list[int]] = {}
    for entry in (entry for batch in batches for entry in batch):
        turns.setdefault(entry.conversation, []).append(entry.turn)
    assert set(map(tuple, turns.values())) == {tuple(range(1, 26))}
    assert len(batches) > 25
    async with database.read() as conn:
        ended = await conn.execute(sa.select(tables.conversation.c.turn, tables.conversation.c.outcome))
        assert [tuple(row) for row in ended] == [(25, "completed")] * 4


async def test_poison_in_a_large_batch_is_set_aside_one_by_one(redis: Redis, database: Database) -> None:
    """Between the turns of conversations that go on, and at both ends of a stream."""
    made = entries(120)
    bad = [Entry("f" * 32, 2**63, 1.8e9, "said", "ussd", "ussd", made[n].address, heard=str(n)) for n in (0, 90, 359)]
    await append(redis, [bad[0], *made[:100], bad[1], *made[100:], bad[2]])
    async with scribe(redis, database) as one:
        await until(nothing_left(redis))
        assert (one.written, one.aside) == (len(made), len(bad))
    await assert_written_once(database, made)
    for entry in bad:
        kept = [fields[FIELD.encode()] for _, fields in await redis.xrange(poison_key(shard(entry.address)))]
        assert encode(entry) in kept
