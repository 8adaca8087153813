"""Conversations in a real Valkey: by our own connections and by redis-py, through passwords and restarts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
import redis
from hazards import crash, cut_connections, mortal_valkey
from redis.asyncio import Redis

from flows.session import Person, Session
from gateway.build import connect
from gateway.store import keys, nodes
from gateway.store.asking import Store
from gateway.store.sessions import Change, Sessions, StoreDown
from gateway.store.state import Held, Own, Spot, State, Told

KIND, CODE, PHONE = "ussd", "*384*7#", "+254700000001"
STATE = keys.state_key(KIND, CODE, PHONE)


def change(said: str, own: Own | None = None, due: float | None = 1.5e9) -> Change:
    return Change(State("S1", Told(Spot(0, b""), said, True, b"talk"), 1e9), said.encode(), own, due)


@asynccontextmanager
async def opened(url: str, by_redis_py: bool = False, seconds: float = 5.0) -> AsyncIterator[Store]:
    client = connect(url, seconds)
    store: Store = nodes.ByRedisPy(client) if by_redis_py else nodes.opened(url, client, seconds)
    yield store
    await store.close()
    await client.aclose()


@pytest.fixture(params=["ours", "redis-py"])
async def sessions(request: pytest.FixtureRequest, valkey_url: str) -> AsyncIterator[Sessions]:
    async with opened(valkey_url, request.param == "redis-py") as store:
        yield Sessions(store)


@pytest.fixture
async def client(valkey_url: str) -> AsyncIterator[Redis]:
    async with Redis.from_url(valkey_url) as made:
        yield made


async def said(sessions: Sessions, address: str = PHONE) -> str | None:
    state = (await sessions.load(KIND, CODE, address)).state
    return state.told.text if state else None


async def entries(client: Any, address: str = PHONE) -> list[bytes]:
    return [fields[b"e"] for _, fields in await client.xrange(keys.journal_key(keys.shard(address)))]


# -- what a commit writes ---------------------------------------------------------------------------------------------


async def test_a_commit_writes_everything_and_a_look_brings_it(sessions: Sessions, client: Redis) -> None:
    held = await sessions.load(KIND, CODE, PHONE)
    assert held == Held()
    own, card = Own("sw", "1", "2026-06-15", 1), {"clients": [{"id": "akinyi"}]}
    await sessions.put_who(PHONE, card)
    assert await sessions.commit(KIND, CODE, PHONE, held, change("one", own)) is None
    held = await sessions.load_key(STATE)
    assert (held.own, held.who, await said(sessions)) == (own, card, "one")
    assert await client.zscore(keys.timers_key(keys.shard(PHONE)), STATE) == 1.5e9
    assert 890 < await client.ttl(STATE) <= 900
    assert await sessions.commit(KIND, CODE, PHONE, held, change("two", due=None)) is None
    assert await client.zcard(keys.timers_key(keys.shard(PHONE))) == 0
    assert await entries(client) == [b"one", b"two"]
    await sessions.forget_who(PHONE)
    assert (await sessions.load(KIND, CODE, PHONE)).who is None


async def test_a_commit_on_what_is_no_longer_there_writes_nothing(sessions: Sessions, client: Redis) -> None:
    first = await sessions.load(KIND, CODE, PHONE)
    assert await sessions.commit(KIND, CODE, PHONE, first, change("one")) is None
    newer = await sessions.commit(KIND, CODE, PHONE, first, change("other"))
    assert newer is not None and newer.state is not None and newer.state.told.text == "one"
    assert await sessions.commit(KIND, CODE, PHONE, newer, change("two")) is None
    await client.delete(STATE)
    gone = await sessions.commit(KIND, CODE, PHONE, newer, change("three"))
    assert gone is not None and gone.state is None and gone.version == b""
    assert await entries(client) == [b"one", b"two"]


async def test_a_server_that_forgot_the_script_is_told_it_again(sessions: Sessions, client: Redis) -> None:
    for text in ("one", "two", "three"):
        await client.script_flush()
        held = await sessions.load(KIND, CODE, PHONE)
        assert await sessions.commit(KIND, CODE, PHONE, held, change(text)) is None
    assert await entries(client) == [b"one", b"two", b"three"]


# -- what a process remembers -----------------------------------------------------------------------------------------


async def test_what_was_committed_is_remembered_and_given_out_once(sessions: Sessions) -> None:
    assert sessions.remembered(KIND, CODE, PHONE) is None
    own = Own("sw", calls=1)
    await sessions.put_who(PHONE, {"clients": []})
    await sessions.commit(KIND, CODE, PHONE, await sessions.load(KIND, CODE, PHONE), change("one", own))
    held = sessions.remembered(KIND, CODE, PHONE)
    there = await sessions.load(KIND, CODE, PHONE)
    assert held is not None and held.remembered and not there.remembered
    assert (held.version, held.state, held.own, held.who) == (there.version, there.state, own, None)
    assert sessions.remembered(KIND, CODE, PHONE) is None
    assert await sessions.newer(KIND, CODE, PHONE, held) is None and not held.remembered


async def test_the_session_that_was_committed_goes_on_as_it_is_and_only_here(sessions: Sessions) -> None:
    held = await sessions.load(KIND, CODE, PHONE)
    session = held.session = Session("r1", "c1", Person(PHONE))
    assert await sessions.commit(KIND, CODE, PHONE, held, change("one")) is None
    refused = await sessions.commit(KIND, CODE, PHONE, held, change("other"))
    assert refused is not None and refused.session is None
    assert (await sessions.load(KIND, CODE, PHONE)).session is None
    remembered = sessions.remembered(KIND, CODE, PHONE)
    assert remembered is not None and remembered.session is session


async def test_what_was_not_committed_is_not_remembered(sessions: Sessions, client: Redis) -> None:
    first = await sessions.load(KIND, CODE, PHONE)
    await sessions.commit(KIND, CODE, PHONE, first, change("one"))
    assert sessions.remembered(KIND, CODE, PHONE) is not None
    assert await sessions.commit(KIND, CODE, PHONE, first, change("other")) is not None
    assert sessions.remembered(KIND, CODE, PHONE) is None


async def test_what_an_address_chose_elsewhere_is_not_written_over(sessions: Sessions, valkey_url: str) -> None:
    """Its number of calls is part of the id of the next conversation."""
    await sessions.commit(KIND, CODE, PHONE, await sessions.load(KIND, CODE, PHONE), change("one", Own(calls=1)))
    held = sessions.remembered(KIND, CODE, PHONE)
    assert held is not None
    there = await sessions.load("sms", "22384", PHONE)
    await sessions.commit("sms", "22384", PHONE, there, change("sms", Own(calls=2)))
    newer = await sessions.commit(KIND, CODE, PHONE, held, change("two", Own("sw", calls=1)))
    assert newer is not None and newer.own == Own(calls=2)
    assert await sessions.commit(KIND, CODE, PHONE, newer, change("two", Own("sw", calls=2))) is None


# -- passwords and databases ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by_redis_py", [False, True], ids=["ours", "redis-py"])
async def test_passwords_users_and_numbered_databases(by_redis_py: bool) -> None:
    with mortal_valkey() as url, redis.Redis.from_url(url, db=5) as root:
        root.acl_setuser("njia", True, passwords=["+p@ss/w?rd"], keys=["*"], commands=["+@all"])
        user = url.replace("unix://", "unix://njia:p%40ss%2Fw%3Frd@")
        async with opened(f"{user}?db=5", by_redis_py) as store:
            await store.ask(0, "SET", "k", "five")
        assert root.get("k") == b"five"
        root.config_set("requirepass", "s3cret")
        async with opened(url.replace("unix://", "unix://:s3cret@"), by_redis_py) as store:
            assert await store.ask(0, "GET", "k") is None
        for wrong in (url, user.replace("njia:p", "njia:x"), url.replace("unix://", "unix://:wr0ng@")):
            async with opened(wrong, by_redis_py) as store:
                with pytest.raises(StoreDown) as down:
                    await store.ask(0, "GET", "k")
                assert "wr0ng" not in str(down.value) and "x%40" not in str(down.value)


@pytest.mark.parametrize(
    "url",
    [
        "rediss://here:6380",
        "redis://here?socket_timeout=3",
        "redis://here?protocol=3",
        "unix:///s?client_name=me",
        "unix://",
    ],
)
async def test_a_url_that_asks_for_more_is_left_to_redis_py(url: str) -> None:
    async with opened(url) as store:
        assert isinstance(store, nodes.ByRedisPy)


# -- restarts ---------------------------------------------------------------------------------------------------------


async def committed(sessions: Sessions, text: str) -> None:
    """As a turn does it: looks and writes until it is written, or finds that it was."""
    while True:
        with suppress(StoreDown):
            held = await sessions.load(KIND, CODE, PHONE)
            if held.state and held.state.told.text == text:
                return
            if await sessions.commit(KIND, CODE, PHONE, held, change(text)) is None:
                return
        await asyncio.sleep(0)


@pytest.mark.parametrize("by_redis_py", [False, True], ids=["ours", "redis-py"])
async def test_through_crashes_and_cut_connections_each_turn_is_written_once(by_redis_py: bool) -> None:
    with mortal_valkey() as url, redis.Redis.from_url(url) as client:
        async with opened(url, by_redis_py) as store:
            sessions = Sessions(store)
            for n in range(12):
                happens = crash(url) if n % 4 == 1 else cut_connections(url)
                await asyncio.gather(committed(sessions, str(n)), happens)
                await committed(sessions, f"{n} more")
        found = [fields[b"e"] for _, fields in client.xrange(keys.journal_key(keys.shard(PHONE)))]
        assert found == [text.encode() for n in range(12) for text in (str(n), f"{n} more")]
