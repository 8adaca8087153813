"""Jobs, timers and the leader of the schedules, on a real Valkey."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import sqlalchemy as sa
from redis.asyncio import Redis
from rq.utils import import_attribute
from tills import opened_till

from gateway.clock import SetClock
from gateway.record import outbox, tables
from gateway.record.database import Database
from gateway.store.keys import shard, state_key, timers_key
from gateway.store.leases import alive
from worker import queue, timers
from worker.schedule import Schedule, Sweep
from worker.sweeps import KEEP_EFFECTS, Housekeeping, OutboxSweep, PaymentSweep, TimerSweep

START = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)
PHONE, TEXT = "+254700000001", "Asante Amina"
QUICK = 600


@pytest.fixture
async def redis(valkey_url: str) -> AsyncIterator[Redis]:
    client = Redis.from_url(valkey_url)
    yield client
    await client.aclose()


async def until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        await asyncio.sleep(0.01)


# -- jobs -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", queue.JOBS)
def test_every_job_is_there(name: str) -> None:
    assert callable(import_attribute(queue.JOBS[name]))


async def test_a_job_holds_references_and_nothing_about_a_person(
    redis: Redis, valkey_url: str, database: Database
) -> None:
    async with database.write() as conn:
        for n in range(45):
            await outbox.put(conn, ref=f"ref-{n:02d}", to=PHONE, text=TEXT, now=START, client="a" * 32)
    jobs = queue.open_queue(valkey_url)
    sweep = OutboxSweep(database, SetClock(START), lambda job, refs: queue.enqueue(jobs, job, refs))
    await sweep()

    found = jobs.get_jobs()
    assert sorted(ref for job in found for ref in job.args[0]) == [f"ref-{n:02d}" for n in range(45)]
    assert {job.func_name for job in found} == {"worker.jobs.deliver"}
    assert [job.description for job in found] == ["deliver: 20 rows", "deliver: 20 rows", "deliver: 5 rows"]

    stored = b""
    async for key in redis.scan_iter("rq:job:*"):
        for name, value in (await redis.hgetall(key)).items():
            assert b"\x80" not in value[:2] or name == b"data", "no pickle"
            stored += value
    data = [job.serializer.dumps(job.args) for job in found]
    for secret in (PHONE, PHONE[1:], TEXT, "Amina", "a" * 32):
        assert secret.encode() not in stored + b"".join(data)


async def test_a_row_is_hinted_at_once_and_again_if_nobody_took_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    hints: list[list[str]] = []
    taken = True

    def enqueue(_job: str, refs: list[str]) -> bool:
        hints.append(refs)
        return taken

    async with database.write() as conn:
        await outbox.put(conn, ref="a", to=PHONE, text=TEXT, now=START)
    sweep = OutboxSweep(database, SetClock(START), enqueue)
    await sweep()
    await sweep()
    assert hints == [["a"]]
    monkeypatch.setattr("worker.sweeps.HINTED", 0.0)
    await sweep()
    assert hints == [["a"], ["a"]]
    taken = False
    await sweep()
    monkeypatch.setattr("worker.sweeps.HINTED", 60.0)
    await sweep()
    assert len(hints) == 4, "what a full queue did not take is offered again"


def test_a_full_queue_takes_no_more(valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "FULL", 2)
    jobs = queue.open_queue(valkey_url)
    assert queue.enqueue(jobs, "deliver", [str(n) for n in range(40)])
    assert not queue.enqueue(jobs, "deliver", ["more"])
    assert jobs.count == 2


async def test_payments_are_hinted_at_until_they_are_looked_at(
    valkey_url: str, database: Database, redis: Redis
) -> None:
    """By their references alone; one that waits for the end of a session is due again and again."""
    async with opened_till(database, valkey_url) as till:
        payment = await till.agree()
        jobs = queue.open_queue(valkey_url)
        sweep = PaymentSweep(database, till.clock, lambda job, refs: queue.enqueue(jobs, job, refs))
        await sweep()
        await sweep()
        assert [(job.func_name, list(job.args)) for job in jobs.get_jobs()] == [("worker.jobs.pay", [[payment]])] * 2
        await till.phone()
        await till.sweep()
        await sweep()
        assert len(jobs.get_jobs()) == 2


# -- timers -----------------------------------------------------------------------------------------------------------

STATES = sorted(state_key("ussd", "*384*7#", f"+2547000{n:05d}") for n in range(5))


async def set_timer(redis: Redis, state: str, due: float) -> None:
    await redis.zadd(timers_key(shard(state.rpartition(":")[2])), {state: due})


async def left(redis: Redis) -> dict[str, float]:
    found = {}
    for n in range(64):
        found.update({state.decode(): due for state, due in await redis.zrange(timers_key(n), 0, -1, withscores=True)})
    return found


async def test_a_timer_that_is_due_ends_its_conversation_once(redis: Redis) -> None:
    clock = SetClock(START)
    for n, state in enumerate(STATES):
        await set_timer(redis, state, clock.seconds() + n)
    ended: list[str] = []

    async def expire(state: str) -> None:
        ended.append(state)

    sweep = TimerSweep(redis, clock, expire)
    clock.advance(2.5)
    await sweep()
    await sweep()
    assert sorted(ended) == STATES[:3]
    assert sorted(await left(redis)) == STATES[3:]


async def test_a_turn_in_between_keeps_its_new_timer(redis: Redis) -> None:
    clock = SetClock(START)
    await set_timer(redis, STATES[0], clock.seconds())

    async def expire(state: str) -> None:
        await set_timer(redis, state, clock.seconds() + 45)

    await TimerSweep(redis, clock, expire)()
    assert await left(redis) == {STATES[0]: clock.seconds() + 45}


async def test_a_timer_whose_process_was_killed_comes_due_again(redis: Redis) -> None:
    clock = SetClock(START)
    await set_timer(redis, STATES[0], clock.seconds())
    assert await timers.claim(redis, clock.seconds()) == [STATES[0]]
    assert await timers.claim(redis, clock.seconds()) == [], "it is claimed"
    clock.advance(timers.AGAIN)
    assert await timers.claim(redis, clock.seconds()) == [STATES[0]]


async def test_one_conversation_that_cannot_end_does_not_hold_up_the_others(
    redis: Redis, caplog: pytest.LogCaptureFixture
) -> None:
    clock = SetClock(START)
    for state in STATES:
        await set_timer(redis, state, clock.seconds())
    ended: list[str] = []

    async def expire(state: str) -> None:
        if state == STATES[2]:
            raise LookupError(state)
        ended.append(state)

    await TimerSweep(redis, clock, expire)()
    assert sorted(ended) == [*STATES[:2], *STATES[3:]]
    assert await left(redis) == {STATES[2]: clock.seconds() + timers.AGAIN}
    assert "LookupError" in caplog.text
    assert "+2547" not in caplog.text


# -- one leader -------------------------------------------------------------------------------------------------------


class Candidate:
    """A process of the schedules with one sweep that counts."""

    def __init__(self, redis: Redis, name: str) -> None:
        self.sweeps = 0
        self.stop = asyncio.Event()
        self.schedule = Schedule(redis, [Sweep("test", 0.01, self.sweep)], name, millis=QUICK)
        self.task = asyncio.create_task(self.schedule.run(self.stop))

    async def sweep(self) -> None:
        self.sweeps += 1

    async def leave(self) -> None:
        self.stop.set()
        await self.task


async def test_one_leads_and_another_takes_over(redis: Redis) -> None:
    one = Candidate(redis, "one")
    await until(lambda: one.sweeps > 2)
    two = Candidate(redis, "two")
    before = one.sweeps
    await until(lambda: one.sweeps > before + 10)
    assert two.sweeps == 0
    assert sorted(await alive(redis, "schedule")) == ["one", "two"]

    began = time.monotonic()
    await one.leave()
    assert time.monotonic() - began < 1.5
    await until(lambda: two.sweeps > 0)

    three = Candidate(redis, "three")
    two.task.cancel()  # as if killed: nothing is given back in time by a process that is gone
    with pytest.raises(asyncio.CancelledError):
        await two.task
    await until(lambda: three.sweeps > 0)
    await three.leave()
    assert await alive(redis, "schedule") == {}


# -- housekeeping -----------------------------------------------------------------------------------------------------


async def test_old_effects_go_and_young_ones_stay(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.sweeps.CHUNK", 3)
    ages = {f"old-{n}": KEEP_EFFECTS + dt.timedelta(hours=1) for n in range(7)} | {"young": KEEP_EFFECTS / 2}
    async with database.write() as conn:
        for key, age in ages.items():
            values: dict[str, Any] = {"key": key, "action": "test", "outcome": "done", "at": START - age}
            await conn.execute(sa.insert(tables.effect).values(**values))
    await Housekeeping(database, SetClock(START))()
    async with database.read() as conn:
        assert list(await conn.scalars(sa.select(tables.effect.c.key))) == ["young"]
