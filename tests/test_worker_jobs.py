"""The process that runs jobs outlives the store: rq itself gives up when that goes away at a bad moment."""

from __future__ import annotations

from typing import Any

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as Gone
from rq.exceptions import StopRequested

from worker import jobs, queue


class Workers:
    """What each worker in turn comes to: an error, or None when it returns by itself."""

    def __init__(self, *ends: Exception | None) -> None:
        self.ends = list(ends)

    def work(self, worker: jobs.JobWorker, logging_level: str) -> None:
        end = self.ends.pop(0)
        if not self.ends:
            worker._asked.set()  # as the signal does
        if end is not None:
            raise end


@pytest.mark.parametrize(
    "ends",
    [
        (StopRequested(),),
        (None,),
        (Gone("at its own book-keeping"), StopRequested()),
        (None, Gone("at the end of it"), OSError("no socket"), None),
    ],
)
def test_another_worker_takes_its_place_until_it_is_told_to_stop(
    ends: tuple[Exception | None, ...], valkey_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    workers = Workers(*ends)
    monkeypatch.setattr(jobs, "AGAIN", 0.0)
    monkeypatch.setattr(jobs.JobWorker, "work", lambda self, **given: workers.work(self, **given))  # noqa: PLW0108 - binds
    with Redis.from_url(valkey_url) as signs:
        jobs.work(queue.open_queue(valkey_url), signs, "here")
    assert workers.ends == []


def test_what_is_no_trouble_of_the_store_ends_it(valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def work(_worker: jobs.JobWorker, **_given: Any) -> None:
        raise LookupError("a fault of ours")

    monkeypatch.setattr(jobs.JobWorker, "work", work)
    with Redis.from_url(valkey_url) as signs, pytest.raises(LookupError):
        jobs.work(queue.open_queue(valkey_url), signs, "here")
