"""Releases in SQL: kept for ever, published in order, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest

from gateway.clock import SetClock
from gateway.record.database import Database
from gateway.record.releases import NoSuchRelease, Releases

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
