"""Releases in SQL: kept for ever, published in order, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest
import sqlalchemy as sa
from alembic import command

from gateway.clock import SetClock
from gateway.record import migrations
from gateway.record.database import Database
from gateway.record.releases import NoSuchRelease, Reason, Releases

START = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


async def test_a_release_is_kept_as_it_was(database: Database) -> None:
    releases = Releases(database, SetClock(START))
    assert await releases.put("aa", b"\x00first")
    assert not await releases.put("aa", b"other")
    assert await releases.get("aa") == b"\x00first"
    assert await releases.get("bb") is None


async def test_publishing_and_rolling_back(database: Database) -> None:
    clock = SetClock(START)
    releases = Releases(database, clock)
    assert await releases.current() == ""
    for hash_ in ("aa", "bb"):
        await releases.put(hash_, b"")
    for hash_, who in (("aa", "jane"), ("bb", "otieno"), ("aa", "jane")):
        clock.advance(60)
        assert await releases.publish(hash_, who)
        assert not await releases.publish(hash_, "somebody who starts the program again")
        assert await releases.current() == hash_
    assert [(each.hash, each.who) for each in await releases.history()] == [
        ("aa", "jane"),
        ("bb", "otieno"),
        ("aa", "jane"),
    ]
    assert [each.hash for each in await releases.history(1)] == ["aa"]


async def test_what_is_not_there_cannot_be_published(database: Database) -> None:
    with pytest.raises(NoSuchRelease):
        await Releases(database, SetClock(START)).publish("cc", "jane")


async def test_processes_that_start_at_once_publish_once(database: Database) -> None:
    releases = Releases(database, SetClock(START))
    await releases.put("aa", b"")
    done = await asyncio.gather(*(releases.publish("aa", "start") for _ in range(5)))
    assert sorted(done) == [False, False, False, False, True]


WARNING = {"file": "flows/a.yaml", "line": 3, "code": "words.long", "message": "Twelve words."}


async def test_the_number_is_that_of_the_first_publication(database: Database) -> None:
    clock = SetClock(START)
    releases = Releases(database, clock)
    for hash_ in ("cc", "aa", "bb", "ab"):
        await releases.put(hash_, b"")
    reason = Reason("the new fee", (WARNING,), 12)
    for hash_, given in (("cc", Reason()), ("aa", reason), ("cc", Reason("it was wrong")), ("bb", Reason())):
        clock.advance(60)
        assert await releases.publish(hash_, "jane", given)
    history = await releases.history()
    assert [(one.number, one.hash, one.reason.why) for one in history] == [
        (3, "bb", ""), (1, "cc", "it was wrong"), (2, "aa", "the new fee"), (1, "cc", ""),
    ]  # fmt: skip
    assert history[2].reason == reason
    assert await releases.numbers(["aa", "ab", "cc", "zz"]) == {"aa": 2, "cc": 1}


async def test_what_is_published_at_once_gets_a_number_each(database: Database) -> None:
    releases = Releases(database, SetClock(START))
    hashes = [f"{n:x}" * 4 for n in range(8)]
    for hash_ in hashes:
        await releases.put(hash_, b"")
    await asyncio.gather(*(releases.publish(hash_, "jane") for hash_ in hashes))
    assert sorted((await releases.numbers(hashes)).values()) == [1, 2, 3, 4, 5, 6, 7, 8]


CALLED = {
    "2": {"22ff": 2},  # a number before a hash
    "22": {},  # few figures are a number, and nothing else
    "A1": {"a1aa": 1, "a1bb": 3},
    "a1b": {"a1bb": 3},
    "9": {},
    "00z": {"00zz": 0},  # kept, and never published
}


@pytest.mark.parametrize("name", CALLED)
async def test_a_release_is_called_by_its_number_or_the_beginning_of_its_hash(database: Database, name: str) -> None:
    releases = Releases(database, SetClock(START))
    for hash_ in ("a1aa", "22ff", "a1bb"):
        await releases.put(hash_, b"")
        await releases.publish(hash_, "jane")
    await releases.put("00zz", b"")
    assert await releases.called(name) == CALLED[name]


@pytest.fixture(params=["sqlite_url", "postgres_url"])
def empty_url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(request.param))


async def test_releases_from_before_are_numbered_as_they_were_published(empty_url: str) -> None:
    before = Database(empty_url)
    async with before.write() as conn:
        await conn.run_sync(lambda sync: command.upgrade(migrations.config(sync), "v0013"))
        for hash_ in ("cc", "aa", "bb", "zz"):
            values = f"('{hash_}', '', '2026-03-01 00:00:00+00')"
            await conn.execute(sa.text(f'insert into "release" (hash, sources, created_at) values {values}'))
        for n, hash_ in enumerate(("cc", "aa", "cc", "bb")):
            said = (
                f"insert into publication (id, release, at) values ('{n}', '{hash_}', '2026-03-0{n + 1} 00:00:00+00')"
            )
            await conn.execute(sa.text(said))
    await before.close()
    await migrations.upgrade(empty_url)
    after = Database(empty_url)
    assert await Releases(after, SetClock(START)).numbers(["aa", "bb", "cc", "zz"]) == {"cc": 1, "aa": 2, "bb": 3}
    await after.close()
