"""The notebook in Redis: a page is written by one of those who saw the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from gateway.store.notebook import Notebook


@pytest.fixture
async def notebook(valkey_url: str) -> AsyncIterator[Notebook]:
    async with Redis.from_url(valkey_url) as redis:
        yield Notebook(redis, "simulated")


async def test_of_many_who_saw_the_same_one_writes(notebook: Notebook) -> None:
    for seen in (None, b"old"):
        if seen:
            assert await notebook.put("payment:1", await notebook.get("payment:1"), seen)
        done = await asyncio.gather(*(notebook.put("payment:1", seen, b"new %d" % n) for n in range(20)))
        assert done.count(True) == 1
        assert await notebook.get("payment:1") == b"new %d" % done.index(True)


async def test_a_page_may_hold_any_bytes_and_be_called_anything(notebook: Notebook) -> None:
    odd = bytes(range(256))
    assert await notebook.put("payment:a:b é", None, odd)
    assert not await notebook.put("payment:a:b é", odd[:-1], b"x") and not await notebook.put(
        "payment:a:b é", None, b"x"
    )
    assert await notebook.put("payment:a:b é", odd, b"0")
    assert await notebook.pages("payment:a") == [("payment:a:b é", b"0")]


async def test_nothing_written_is_the_end_of_a_page(notebook: Notebook) -> None:
    assert await notebook.put("due:1", None, b"1") and await notebook.put("due:1", b"1", b"")
    assert (await notebook.get("due:1"), await notebook.pages("due:")) == (None, [])
    assert await notebook.put("due:1", None, b"2")


async def test_sections_and_wallets_are_apart(notebook: Notebook, valkey_url: str) -> None:
    await notebook.put("due:1", None, b"1")
    async with Redis.from_url(valkey_url) as redis:
        assert await Notebook(redis, "other").pages("due:") == []
    assert (await notebook.pages("payment:"), await notebook.get("payment:1")) == ([], None)


async def test_one_that_is_down_says_so_without_what_was_written() -> None:
    async with Redis.from_url("redis://127.0.0.1:9") as redis:
        notebook = Notebook(redis, "simulated")
        for asked in (notebook.get("a:b"), notebook.put("a:b", None, b"+254700000001"), notebook.pages("a:")):
            with pytest.raises(OSError, match=r"^the notebook cannot be reached$"):
                await asked
