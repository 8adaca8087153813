"""The journal's streams and the leases on them, on a real Valkey."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from redis.asyncio import Redis

from gateway.store.keys import journal_key
from gateway.store.leases import Lease, Share, alive
from gateway.store.streams import FIELD, Streams

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


async def append(redis: Redis, *bodies: bytes) -> None:
    for n, body in enumerate(bodies):
        await redis.xadd(journal_key(n * 7), {FIELD: body})


async def test_what_was_read_is_there_until_it_is_deleted(redis: Redis) -> None:
    streams = Streams(redis)
    await append(redis, b"one", b"two", b"three")
    first = await streams.read([0, 7, 14])
    assert sorted(one.body for one in first) == [b"one", b"three", b"two"]
    assert await streams.read([0, 7, 14]) == first
    assert await streams.read([7]) == [one for one in first if one.shard == 7]
    await streams.delete(one for one in first if one.body != b"two")
    assert [one.body for one in await streams.read([0, 7, 14])] == [b"two"]
    assert await streams.read([1, 2], block_ms=1) == []
    assert await streams.read([]) == []


async def test_the_backlog_says_how_much_and_how_old(redis: Redis) -> None:
    assert (await Streams(redis).backlog()).seconds == 0.0
    await redis.xadd(journal_key(5), {FIELD: b"x"}, id=f"{int((time.time() - 60) * 1000)}-0")
    await append(redis, b"y", b"z")
    backlog = await Streams(redis).backlog()
    assert (backlog.entries, backlog.set_aside) == (3, 0)
    assert 59 < backlog.seconds < 90


async def test_what_was_set_aside_can_be_put_back_once_it_is_mended(redis: Redis) -> None:
    streams = Streams(redis)
    await append(redis, b"one", b"two")
    (first, *_) = await streams.read(range(64))
    await streams.set_aside(first, "test")
    assert ((await streams.backlog()).entries, (await streams.backlog()).set_aside) == (1, 1)
    assert await streams.put_back() == 1
    assert sorted(one.body for one in await streams.read(range(64))) == [b"one", b"two"]


async def test_two_scribes_share_the_streams_and_one_takes_over_from_the_other(redis: Redis) -> None:
    one, two = Share(redis, "one", QUICK), Share(redis, "two", QUICK)
    assert len(await one.renew()) == 64
    await two.renew()
    await one.renew()
    await two.renew()
    assert (len(one.held), len(two.held)) == (32, 32)
    assert one.held | two.held == frozenset(range(64))

    async def has_all() -> bool:  # one was killed: it renews nothing
        return len(await two.renew()) == 64

    await until(has_all, seconds=QUICK / 1000 + 5)
    assert list(await alive(redis, "scribe")) == ["two"]

    await two.leave()
    assert len(await Share(redis, "three", QUICK).renew()) == 64, "what was left is free at once"


async def test_a_lease_has_one_owner(redis: Redis) -> None:
    one, two = Lease(redis, "njia:test", "one", QUICK), Lease(redis, "njia:test", "two", QUICK)
    assert await one.hold()
    assert not await two.hold()
    await two.release()
    assert await one.hold(), "nobody gives back what is another's"
    await one.release()
    assert await two.hold()
