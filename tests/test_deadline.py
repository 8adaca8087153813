"""A limit ends what a task waits for, and nothing else."""

from __future__ import annotations

import asyncio

import pytest

from gateway.deadline import Limit

LONG, SHORT = 60.0, 0.01


def me() -> asyncio.Task[object]:
    task = asyncio.current_task()
    assert task
    return task


async def test_what_ends_in_time_is_left_alone() -> None:
    with Limit(SHORT):
        await asyncio.sleep(0)
    await asyncio.sleep(2 * SHORT)
    assert not me().cancelling()


async def test_what_takes_too_long_is_cancelled() -> None:
    waits = asyncio.get_running_loop().create_future()
    with pytest.raises(TimeoutError), Limit(SHORT):
        await waits
    assert waits.cancelled() and not me().cancelling()
    await asyncio.sleep(0)  # the task goes on


async def test_an_error_stays_what_it_is() -> None:
    with pytest.raises(KeyError), Limit(SHORT):
        raise KeyError


async def test_what_is_answered_although_its_time_was_over_is_an_answer() -> None:
    with Limit(SHORT):
        try:
            await asyncio.sleep(LONG)
        except asyncio.CancelledError:
            found = "an answer"
    assert found and not me().cancelling()
    await asyncio.sleep(0)


async def test_who_is_cancelled_by_somebody_else_is_cancelled() -> None:
    async def limited() -> None:
        with Limit(LONG), Limit(LONG):
            await asyncio.sleep(LONG)

    task = asyncio.create_task(limited())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_who_is_cancelled_at_the_moment_when_time_is_over_is_cancelled() -> None:
    async def limited() -> None:
        limit = Limit(LONG)
        with limit:
            asyncio.get_running_loop().call_soon(limit._cut)
            asyncio.get_running_loop().call_soon(me().cancel)
            await asyncio.sleep(LONG)

    task = asyncio.create_task(limited())
    with pytest.raises(asyncio.CancelledError):
        await task
    assert task.cancelled()


async def test_of_two_the_one_that_is_over_counts() -> None:
    with pytest.raises(TimeoutError), Limit(SHORT), Limit(LONG):
        await asyncio.sleep(LONG)
    with Limit(LONG):
        with pytest.raises(TimeoutError), Limit(SHORT):
            await asyncio.sleep(LONG)
        await asyncio.sleep(0)
    assert not me().cancelling()
