"""What the stores say: the client record, Redis and how durable it is, the worker, the clocks."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from flows.ports import Unavailable
from gateway.doctor import Finding, ok, problem, warning
from gateway.record import migrations
from gateway.settings import Settings
from gateway.store.keys import SHARDS, journal_key
from gateway.store.leases import alive
from gateway.store.streams import Streams

ENTRY_BYTES = 700  # of one journal entry in memory, its share of the stream included
QUIET = 1.0  # turns a second that room is reckoned for when it is quiet
SAMPLE = 1.0  # seconds over which the rate is measured
DRIFT = 2.0  # seconds that two clocks may differ
LATE = 60.0  # seconds that the oldest journal entry may be old
PROMISE = {
    "always": "a kill or a power cut loses nothing",
    "everysec": "the kill of a process loses nothing, a power cut may lose about a second",
}


async def database_findings(settings: Settings) -> list[Finding]:
    url = settings.database_url()
    kind = url.partition(":")[0].partition("+")[0]
    try:
        pending = await migrations.pending(url)
    except Unavailable as error:
        return [problem("database", f"{kind}: {error}", "Is it running, and is [database] url right?")]
    if pending:
        return [problem("database", f"{kind}: {len(pending)} changes are missing.", "Run: njia db upgrade")]
    return [ok("database", f"{kind}, schema up to date")]


async def redis_findings(redis: Redis, embedded: bool) -> list[Finding]:
    """Whether it answers, refuses rather than forgets, and writes what it was told."""
    try:
        info: dict[str, Any] = await redis.info()
        found = [ok("redis", f"version {info.get('valkey_version') or info.get('redis_version')} answers")]
        found += await _durability(redis)
        found += await _room(redis, info)
        found += await _clock(redis, embedded)
        found += await worker_findings(redis)
    except (RedisError, OSError) as error:
        says = f"does not answer ({type(error).__name__})."
        return [problem("redis", says, "Is it running, and is [redis] url right? Without it no client is served.")]
    return found


async def _durability(redis: Redis) -> list[Finding]:
    try:
        names = ("maxmemory-policy", "appendonly", "appendfsync")
        policy, append, fsync = [(await redis.config_get(name)).get(name, "") for name in names]
    except RedisError:
        fix = "Ask its provider that maxmemory-policy is noeviction and appendonly is yes."
        return [warning("durability", "this server does not tell its settings.", fix)]
    if policy != "noeviction":
        fix = "Set maxmemory-policy noeviction."
        return [problem("durability", f"{policy}: when memory is full, conversations would be dropped.", fix)]
    if append != "yes":
        return [problem("durability", "appendonly is off: a restart loses conversations.", "Set appendonly yes.")]
    if fsync not in PROMISE:
        return [problem("durability", f"appendfsync is {fsync}: nothing is promised.", "Set it to everysec or always.")]
    return [ok("durability", f"noeviction, append-only file, appendfsync {fsync}: {PROMISE[fsync]}")]


async def _room(redis: Redis, info: dict[str, Any]) -> list[Finding]:
    """How long the journal can wait for the database before memory is full."""
    limit = int(info.get("maxmemory") or 0) or int(info.get("total_system_memory") or 0)
    free = max(0, limit - int(info.get("used_memory") or 0))
    rate = max(await _rate(redis), QUIET)
    hours = free / ENTRY_BYTES / rate / 3600
    backlog = await Streams(redis).backlog()
    says = f"{free // 1024**2} MiB free: {hours:.0f} hours without the database, at a rate of {rate:.0f}/s"
    found = [ok("room", says) if hours >= 4 else warning("room", f"{says}.", "Give Redis more memory.")]
    if backlog.set_aside:
        says = f"{backlog.set_aside} entries were set aside as unreadable."
        found.append(problem("journal", says, "See the worker's log; they are kept."))
    elif backlog.seconds > LATE:
        says = f"{backlog.entries} entries wait, the oldest for {backlog.seconds:.0f} seconds."
        found.append(problem("journal", says, "Is the worker running, and the database up?"))
    else:
        found.append(ok("journal", f"{backlog.entries} entries wait"))
    return found


async def _rate(redis: Redis) -> float:
    """Journal entries a second, measured now."""
    before = await _added(redis)
    await asyncio.sleep(SAMPLE)
    return (await _added(redis) - before) / SAMPLE


async def _added(redis: Redis) -> int:
    pipe = redis.pipeline(transaction=False)
    for shard in range(SHARDS):
        pipe.xinfo_stream(journal_key(shard))
    answers: list[Any] = await pipe.execute(raise_on_error=False)  # a shard without a stream answers an error
    return sum(int(answer["entries-added"]) for answer in answers if isinstance(answer, dict))


async def _clock(redis: Redis, embedded: bool) -> list[Finding]:
    seconds, micros = await redis.time()
    drift = abs(time.time() - (int(seconds) + int(micros) / 1e6))  # the machines' own clocks, not a moved one
    if drift > DRIFT and not embedded:
        says = f"ours and that of Redis differ by {drift:.0f} seconds."
        return [problem("clock", says, "Let both machines follow a time server (NTP).")]
    return [ok("clock", f"ours and that of Redis agree within {DRIFT:.0f} seconds")]


async def worker_findings(redis: Redis) -> list[Finding]:
    """Whether each part of the worker has signed in the last seconds."""
    missing = [role for role in ("scribe", "schedule", "jobs") if not await alive(redis, role)]
    if missing:
        return [problem("worker", f"not running: {', '.join(missing)}.", "Start it: njia serve, or njia worker")]
    return [ok("worker", "scribe, schedule and jobs are at work")]
