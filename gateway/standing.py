"""Who stands where: how many conversations are on which release, and which of those cannot go on here."""

from __future__ import annotations

from collections import Counter
from typing import Any

from redis.asyncio import Redis

from flows import session as sessions
from gateway.releases import Releases
from gateway.store.state import read_state

MATCH = "njia:*:s:*"
BATCH = 500


async def inside(redis: Redis) -> Counter[str]:
    """Unfinished conversations by the hash of their release. Raises RedisError."""
    found: Counter[str] = Counter()
    keys: list[Any] = []
    async for key in redis.scan_iter(match=MATCH, count=BATCH):
        keys.append(key)
        if len(keys) == BATCH:
            found += await _releases(redis, keys)
            keys = []
    return found + await _releases(redis, keys)


async def stranded(redis: Redis, releases: Releases) -> dict[str, int]:
    """Those whose release is missing, or names what this version lacks: their callers are asked to dial again."""
    return {name: count for name, count in (await inside(redis)).items() if await releases.get(name) is None}


async def _releases(redis: Redis, keys: list[Any]) -> Counter[str]:
    blobs: list[Any] = await redis.mget(keys) if keys else []
    states = [state for _, state in map(read_state, blobs) if state is not None]
    return Counter(release for state in states if (release := _release(state.told.talk)))


def _release(talk: bytes) -> str:
    """The release of an unfinished conversation; "" for one that is over, or that nobody can read any more."""
    try:
        session = sessions.decode(talk)
    except sessions.Unreadable:
        return ""
    return "" if session.outcome else session.release
