"""Which release is current, after a kill between the record and Redis, and while one of the two is down."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from flows.faults import BrokenDefinitions
from flows.model import Institution
from gateway import publishing
from gateway.build import connect
from gateway.clock import Clock
from gateway.home import Home
from gateway.publishing import Sources
from gateway.record.database import Database
from gateway.record.releases import Releases as Kept
from gateway.releases import Releases
from gateway.store.keys import CURRENT_RELEASE, release_key

NOWHERE = "unix:///nowhere/valkey.sock"


@pytest.fixture
async def redis(valkey_url: str) -> AsyncIterator[Redis]:
    client = connect(valkey_url, 2.0)
    yield client
    await client.aclose()


def sources(short_name: str) -> Sources:
    institution = Institution(name="Jamii Microfinance", short_name=short_name, languages=("en", "sw"))
    return publishing.gather(Home(), institution)


async def started(redis: Redis, database: Database, made: Sources) -> Releases:
    """What a process of ours has when it has just started."""
    releases = Releases(redis, Kept(database, Clock()))
    await releases.begin(made, "start-up")
    return releases


async def test_a_release_that_was_kept_but_not_published_is_published_at_the_next_start(
    redis: Redis, database: Database
) -> None:
    old, new = sources("Old"), sources("New")
    await started(redis, database, old)
    await Kept(database, Clock()).put(new.hash, new.encode())  # and here the process was killed
    assert (await started(redis, database, new)).current.hash == new.hash
    assert [one.hash for one in await Kept(database, Clock()).history()] == [new.hash, old.hash]


async def test_a_release_that_redis_was_not_told_of_is_told_at_the_next_start(redis: Redis, database: Database) -> None:
    old, new = sources("Old"), sources("New")
    running = await started(redis, database, old)
    kept = Kept(database, Clock())
    await kept.put(new.hash, new.encode())
    await kept.publish(new.hash, "jane")  # and here the process was killed
    assert (await started(redis, database, new)).current.hash == new.hash
    await running.follow()
    assert running.current.hash == new.hash


async def test_what_was_rolled_back_stays_so_at_the_next_start(redis: Redis, database: Database) -> None:
    old, new = sources("Old"), sources("New")
    await started(redis, database, old)
    running = await started(redis, database, new)
    await running.publish(old.hash, "jane")
    assert (await started(redis, database, new)).current.hash == old.hash


async def test_a_process_starts_while_redis_is_down_and_shares_its_release_later(
    redis: Redis, database: Database
) -> None:
    made = sources("New")
    releases = await started(connect(NOWHERE, 0.2), database, made)
    assert releases.current.hash == made.hash
    await releases.follow()  # Redis is still down
    releases._redis = redis
    await releases.follow()
    assert await redis.get(CURRENT_RELEASE) == made.hash.encode()
    assert await redis.get(release_key(made.hash)) == made.encode()


async def test_with_the_record_down_redis_is_told_what_lies_here(redis: Redis, tmp_path: object) -> None:
    made = sources("New")
    away = Database(f"sqlite+aiosqlite:///{tmp_path}/no/such/folder/record.db", seconds=0.2)
    assert (await started(redis, away, made)).current.hash == made.hash
    assert await redis.get(CURRENT_RELEASE) == made.hash.encode()
    await away.close()


UNPROVED = """\
flow: draft
words: en
starts: {menu: main, as: "Draft"}
steps:
  bye: {end: "Goodbye."}
  forgotten: {end: "Nobody reads this."}
"""


def unproved() -> Sources:
    """It can be read, and what no way leads to keeps it from being published."""
    made = sources("New")
    return Sources(made.institution, {**made.files, "flows/draft.yaml": UNPROVED})


async def test_what_cannot_be_proved_is_not_published(redis: Redis, database: Database) -> None:
    old = sources("Old")
    await started(redis, database, old)
    with pytest.raises(BrokenDefinitions, match="line 6, step forgotten: No way leads to this step"):
        await started(redis, database, unproved())
    assert [one.hash for one in await Kept(database, Clock()).history()] == [old.hash]
    with pytest.raises(BrokenDefinitions, match="step forgotten"):
        publishing.checked(unproved())


async def test_what_was_published_before_the_checks_were_stricter_is_used_as_ever(
    redis: Redis, database: Database
) -> None:
    made, kept = unproved(), Kept(database, Clock())
    await kept.put(made.hash, made.encode())
    await kept.publish(made.hash, "jane")
    running = await started(redis, database, made)
    assert running.current.hash == made.hash
    elsewhere = await started(redis, database, sources("Old"))
    assert (found := await elsewhere.get(made.hash)) is not None
    assert "draft" in found.flows


async def test_loading_a_release_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    made = sources("Quick")

    def fail(_: object) -> None:
        raise AssertionError("a turn would wait for this")

    monkeypatch.setattr(publishing, "prove", fail)
    assert publishing.compiled(made).hash == made.hash
    with pytest.raises(AssertionError):
        publishing.check(made)
