"""Who stands where: unfinished conversations by release, flow and step, counted without anybody waiting."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from flows import session as sessions
from flows.session import Frame, Person, Session
from gateway.build import connect
from gateway.cli.released import inside_json, inside_lines
from gateway.standing import BATCH, Place, Standing, inside, standing
from gateway.store.keys import own_key, state_key
from gateway.store.state import Spot, State, Told, encode, new_version


@pytest.fixture
async def redis(valkey_url: str) -> AsyncIterator[Redis]:
    client = connect(valkey_url, 5.0)
    yield client
    await client.aclose()


async def stands(redis: Redis, n: int, *frames: Frame, outcome: str = "", closed: bool = False, by: str = "aa") -> None:
    """A conversation of phone number ``n``."""
    address = f"+2547{n:08}"
    session = Session(by, f"c{n}", Person(address), frames=list(frames), outcome=outcome)
    told = Told(Spot(0, b""), "words", True, sessions.encode(session))
    blob = new_version() + encode(State("S1", told, 0.0, closed=closed))
    await redis.set(state_key("ussd", "*384*7#", address), blob)
    await redis.set(own_key(address), b"what the address chose is no conversation")


async def test_each_is_counted_where_it_talks(redis: Redis) -> None:
    await stands(redis, 1, Frame("main", "top"))
    await stands(redis, 2, Frame("main", "top"), Frame("repay", "amount"))
    await stands(redis, 3, Frame("repay", "amount"), closed=True)
    await stands(redis, 4, Frame("repay", "amount"), by="bb")
    await stands(redis, 5, Frame("main", "top"), outcome="completed")
    await stands(redis, 6)
    await redis.set(state_key("ussd", "*384*7#", "+254799999999"), b"written by another version")
    there = await standing(redis)
    assert there.open == {
        Place("aa", "main", "top"): 1,
        Place("aa", "repay", "amount"): 1,
        Place("bb", "repay", "amount"): 1,
        Place("aa", "", ""): 1,
    }
    assert there.left == {Place("aa", "repay", "amount"): 1}
    assert there.whole
    assert there.of(["bb"]).places == {Place("bb", "repay", "amount"): 1}
    assert await inside(redis) == {"aa": 4, "bb": 1}


async def test_it_stops_where_there_are_too_many_and_says_so(redis: Redis) -> None:
    for n in range(2 * BATCH):
        await stands(redis, n, Frame("main", "top"))
    there = await standing(redis, most=BATCH)
    assert not there.whole
    assert there.places.total() == BATCH
    assert not (await standing(redis, seconds=-1)).whole
    for most in (2 * BATCH, 3 * BATCH):
        there = await standing(redis, most)
        assert (there.whole, there.places.total()) == (True, 2 * BATCH)


TOP, AMOUNT = Place("aa" * 16, "main", "top"), Place("aa" * 16, "repay", "amount")


def test_told_in_lines() -> None:
    there = Standing(Counter({TOP: 3, AMOUNT: 12}), Counter({AMOUNT: 2}))
    left = "2 of them broke off, and may go on for a quarter of an hour."
    assert list(inside_lines(there, {"aa" * 16: 4})) == [
        f"17 conversations inside release 4 (aaaaaaaaaaaa), nearly. {left}",
        "      14  repay, step amount",
        "       3  main, step top",
    ]
    one = Standing(Counter({Place("bb" * 16, "main", ""): 1}), whole=False)
    assert list(inside_lines(one, {})) == [
        "At least 1 conversation inside release bbbbbbbbbbbb, nearly.",
        "       1  main",
    ]
    many = Standing(Counter({Place("aa" * 16, "long", f"s{n}"): 20 - n for n in range(14)}))
    assert list(inside_lines(many, {}))[-1] == "      15  at 2 other steps"
    assert list(inside_lines(Standing(), {})) == []


def test_told_to_tools() -> None:
    there = Standing(Counter({TOP: 3}), Counter({TOP: 2}), whole=False)
    row = {"release": "aa" * 16, "number": 4, "flow": "main", "step": "top", "open": 3, "left": 2}
    assert inside_json(there, {"aa" * 16: 4}) == {"approximate": True, "whole": False, "inside": [row]}
