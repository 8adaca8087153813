"""The session store by its URL: connecting, scripts, a cluster, real servers, and redis-py where it is not ours."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from fake_store import CUT, Answer, FakeStore, echo, got, opened, until

from gateway.store import nodes
from gateway.store.asking import Refused, Script, Store, StoreDown

# -- connecting -------------------------------------------------------------------------------------------------------


async def test_however_many_wait_there_is_one_attempt_to_connect(fake: FakeStore, tmp_path: Path) -> None:
    store = opened(fake.url)
    assert await got(store, *"abcdefgh") == [name.encode() for name in "abcdefgh"]
    assert len(fake.connections) == 1
    await store.close()
    nowhere = opened(f"unix://{tmp_path / 'nowhere'}")
    assert await got(nowhere, *"abc") == [StoreDown] * 3


async def test_whoever_gives_up_while_connecting_does_not_end_it_for_others(fake: FakeStore, store: Store) -> None:
    tasks = [asyncio.ensure_future(store.ask(0, "GET", name)) for name in ("a", "b")]
    await asyncio.sleep(0)
    tasks[0].cancel()
    assert await tasks[1] == b"b"
    assert len(fake.connections) == 1


async def test_a_server_that_lets_nobody_in_is_down(fake: FakeStore) -> None:
    refusing, silent = opened(f"{fake.url}?password=s3cret"), opened(f"{fake.url}?db=3", 0.05)
    fake.answer = lambda command: b"-WRONGPASS invalid username-password pair\r\n" if command[0] == b"AUTH" else None
    with pytest.raises(StoreDown) as refused:
        await refusing.ask(0, "GET", "a")
    assert "s3cret" not in repr(refused.value) and str(refused.value) == "WRONGPASS"
    assert await got(silent, "a") == [StoreDown]
    assert fake.asked == [[b"AUTH", b"s3cret"], [b"SELECT", b"3"]]
    await until(lambda: not fake.open)


async def test_a_server_that_is_loading_or_has_become_a_replica(fake: FakeStore, store: Store) -> None:
    """Nothing was done. A replica is left at once: its name may lead to another server by now."""
    fake.answer = lambda command: b"-LOADING it is\r\n"
    assert await got(store, "a") == [Refused]
    assert len(fake.open) == 1
    fake.answer = lambda command: b"-READONLY You can't write against a read only replica.\r\n"
    assert await got(store, "a") == [Refused]
    fake.answer = echo
    assert await got(store, "a") == [b"a"]
    assert len(fake.connections) == 2


# -- scripts ----------------------------------------------------------------------------------------------------------

SCRIPT = Script("return redis.call('INCR', KEYS[1])")


@pytest.mark.parametrize("error", ["NOSCRIPT No matching script.", "OOM no memory", "LOADING it is", "ERR user_script"])
async def test_only_a_script_that_is_not_known_is_sent_in_full(fake: FakeStore, store: Store, error: str) -> None:
    fake.answer = lambda command: b"-%b\r\n" % error.encode() if command[0] == b"EVALSHA" else b":1\r\n"
    if error.startswith("NOSCRIPT"):
        assert await SCRIPT.run(store, 0, 1, "k") == 1
        assert fake.asked[1] == [b"EVAL", b"return redis.call('INCR', KEYS[1])", b"1", b"k"]
    else:
        with pytest.raises(Refused):
            await SCRIPT.run(store, 0, 1, "k")
        assert len(fake.asked) == 1


async def test_what_was_cut_is_never_sent_again(fake: FakeStore, store: Store) -> None:
    fake.answer = lambda command: CUT
    with pytest.raises(StoreDown):
        await SCRIPT.run(store, 0, 1, "k")
    assert len(fake.asked) == 1


# -- a cluster --------------------------------------------------------------------------------------------------------


def sends(error: str, to: FakeStore) -> Answer:
    return lambda command: f"-{error} 7 {to.where}\r\n".encode()


async def test_a_shard_that_moved_is_asked_where_it_is_from_then_on() -> None:
    async with FakeStore(echo).serving() as first, FakeStore(echo).serving() as second:
        store = opened(first.url)
        first.answer = sends("MOVED", second)
        assert [await store.ask(3, "GET", "a") for _ in range(3)] == [b"a"] * 3
        assert (len(first.asked), len(second.asked)) == (1, 3)
        first.answer = echo
        assert await store.ask(4, "GET", "b") == b"b"
        assert (len(first.asked), len(second.asked)) == (2, 3)
        second.answer = sends("MOVED", first)
        assert [await store.ask(3, "GET", "a") for _ in range(2)] == [b"a"] * 2
        assert (len(first.asked), len(second.asked)) == (4, 4)
        await store.close()


async def test_a_shard_that_is_moving_is_asked_for_once_as_a_guest() -> None:
    async with FakeStore(echo).serving() as first, FakeStore(echo).serving() as second:
        store = opened(first.url)
        first.answer = sends("ASK", second)
        answers = await asyncio.gather(*(store.ask(3, "GET", name) for name in "ab"))
        assert answers == [b"a", b"b"]
        assert second.asked == [[b"ASKING"], [b"GET", b"a"], [b"ASKING"], [b"GET", b"b"]]
        first.answer = echo
        assert await store.ask(3, "GET", "c") == b"c"
        assert len(first.asked) == 3
        await store.close()


async def test_a_server_of_a_cluster_that_is_gone_is_asked_for_nothing_more() -> None:
    async with FakeStore(echo).serving() as first:
        store = opened(first.url)
        async with FakeStore(echo).serving() as second:
            first.answer = sends("MOVED", second)
            assert await store.ask(3, "GET", "a") == b"a"
        first.answer = echo
        with pytest.raises(StoreDown):
            await store.ask(3, "GET", "a")
        assert await store.ask(3, "GET", "a") == b"a"
        await store.close()


async def test_servers_that_point_at_each_other_are_given_up() -> None:
    async with FakeStore(echo).serving() as first, FakeStore(echo).serving() as second:
        store = opened(first.url)
        first.answer, second.answer = sends("MOVED", second), sends("MOVED", first)
        with pytest.raises(Refused, match="MOVED"):
            await store.ask(3, "GET", "a")
        assert len(first.asked) + len(second.asked) == nodes.REDIRECTS + 1
        await store.close()
