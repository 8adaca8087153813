"""The hands of the jobs' process: slow work holds up no other, nothing goes wrong unheard, and there is an end."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterator

import pytest
from redis.exceptions import BusyLoadingError

from flows.ports import Unavailable
from worker.hands import MOST, Hands


@pytest.fixture
def hands() -> Iterator[Hands]:
    made = Hands()
    yield made
    made.settle()
    made.close()


async def wait(event: threading.Event) -> None:
    await asyncio.to_thread(event.wait, 20)


async def fail(after: threading.Event | None = None) -> None:
    if after:
        await wait(after)
    raise LookupError("nothing there")


def test_quick_work_is_done_when_its_job_is_over(hands: Hands) -> None:
    done: list[str] = []

    async def work() -> None:
        await asyncio.sleep(0)
        done.append("one")

    hands.take("work", work())
    assert done == ["one"]


def test_slow_work_holds_up_no_other(hands: Hands) -> None:
    goes_on, done = threading.Event(), threading.Event()

    async def quick() -> None:
        done.set()

    hands.take("slow", wait(goes_on))
    hands.take("quick", quick())
    assert done.is_set()
    assert not goes_on.is_set()
    goes_on.set()


def test_what_goes_wrong_at_once_is_the_jobs(hands: Hands) -> None:
    with pytest.raises(LookupError):
        hands.take("work", fail())


def test_a_time_out_of_the_work_itself_is_no_slow_work(hands: Hands) -> None:
    async def times_out() -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        hands.take("work", times_out())


@pytest.mark.parametrize("error", [BusyLoadingError("loading"), Unavailable("the record does not answer")])
def test_a_store_that_is_away_is_no_fault_of_the_work(
    hands: Hands, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    goes_on = threading.Event()

    async def work() -> None:
        await wait(goes_on)
        raise error

    with caplog.at_level(logging.WARNING, "njia.jobs"):
        hands.take("work", work())
        goes_on.set()
        hands.settle()
        hands.run(asyncio.sleep(0))
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_what_goes_wrong_later_is_logged(hands: Hands, caplog: pytest.LogCaptureFixture) -> None:
    goes_on = threading.Event()
    with caplog.at_level(logging.ERROR, "njia.jobs"):
        hands.take("slow", fail(goes_on))
        goes_on.set()
        hands.settle()
        hands.run(asyncio.sleep(0))
    assert "the job slow failed" in caplog.text


def test_there_is_an_end_to_what_is_under_way_at_once(hands: Hands) -> None:
    goes_on, over = threading.Event(), threading.Event()
    for _ in range(MOST):
        hands.take("slow", wait(goes_on))
    threading.Timer(0.05, goes_on.set).start()

    async def another() -> None:
        over.set()

    hands.take("one more", another())
    assert goes_on.is_set()
    assert over.is_set()
