"""The job queue (rq). Every job's name stands here; its arguments are references of rows, nothing about a person."""

from __future__ import annotations

from collections.abc import Iterator

import redis
from rq import Queue
from rq.serializers import JSONSerializer

NAME = "njia"
JOBS = {"deliver": "worker.jobs.deliver", "pay": "worker.jobs.pay"}
BATCH = 20  # rows in one job: a job costs about 5 ms whatever it does
SECONDS = 30  # a job that takes longer is ended
FULL = 50  # jobs waiting: more hints would not make them go faster
KEEP_FAILED = 24 * 3600


def open_queue(url: str) -> Queue:
    """The queue at ``url``; connects at the first use."""
    return Queue(NAME, connection=redis.Redis.from_url(url), serializer=JSONSerializer, default_timeout=SECONDS)


def enqueue(queue: Queue, job: str, refs: list[str]) -> bool:
    """Hints that these rows are due. False when enough is waiting already: the next sweep asks again."""
    if queue.count >= FULL:
        return False
    for part in _parts(refs):
        queue.enqueue_call(
            JOBS[job],
            args=(part,),
            description=f"{job}: {len(part)} rows",  # by default it would show the arguments
            result_ttl=0,
            failure_ttl=KEEP_FAILED,
        )
    return True


def _parts(refs: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(refs), BATCH):
        yield refs[start : start + BATCH]
