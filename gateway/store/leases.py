"""Who does what when several processes could: leases in Redis, which run out when their owner is killed.

A lease is a help, not a lock: its owner may be paused past the end. What is done under it must be right if done twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from redis.asyncio import Redis

from gateway.store.keys import SHARDS

LEASE_MS = 3000
# Takes free leases, prolongs one's own; of each 1 if the caller holds it now, else 0.
_HOLD = """
local held = {}
for n = 1, #KEYS do
  local owner = redis.call('GET', KEYS[n])
  held[n] = (not owner or owner == ARGV[1]) and 1 or 0
  if held[n] == 1 then redis.call('SET', KEYS[n], ARGV[1], 'PX', ARGV[2]) end
end
return held
"""
_RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


def scribe_key(shard: int) -> str:
    return f"njia:{{{shard}}}:scribe"


def alive_key(role: str, owner: str) -> str:
    return f"njia:alive:{role}:{owner}"


class Lease:
    """One thing that one process at a time does, such as leading the schedules."""

    def __init__(self, redis: Redis, key: str, owner: str, millis: int = LEASE_MS) -> None:
        self._redis, self._key, self._owner, self._millis = redis, key, owner, millis

    async def hold(self) -> bool:
        """Takes or prolongs the lease; call it again well before ``millis`` have passed."""
        held: Any = await self._redis.eval(_HOLD, 1, self._key, self._owner, self._millis)
        return bool(held[0])

    async def release(self) -> None:
        await self._redis.eval(_RELEASE, 1, self._key, self._owner)


class Roll:
    """The living processes of one role. Each signs within ``millis``; a key ``njia:alive:<role>:<id>`` is its pulse."""

    def __init__(self, redis: Redis, role: str, owner: str, millis: int = LEASE_MS) -> None:
        self._redis, self._role, self.owner, self.millis = redis, role, owner, millis
        self._members = f"njia:members:{role}"

    async def sign(self, status: str = "") -> list[str]:
        """Signs, with a word on how it goes; the ids of all who are alive, in order. The dead are struck off."""
        pipe = self._redis.pipeline(transaction=False)
        pipe.set(alive_key(self._role, self.owner), status, px=self.millis)
        pipe.sadd(self._members, self.owner)
        await pipe.execute()
        return sorted({self.owner, *await alive(self._redis, self._role)})

    async def leave(self) -> None:
        pipe = self._redis.pipeline(transaction=False)
        pipe.delete(alive_key(self._role, self.owner))
        pipe.srem(self._members, self.owner)
        await pipe.execute()


async def alive(redis: Redis, role: str) -> dict[str, str]:
    """The living processes of ``role``: id and last word. What ``njia doctor`` and ``/metrics`` ask."""
    members: list[Any] = sorted(await redis.smembers(f"njia:members:{role}"))
    if not members:
        return {}
    words: Any = await redis.mget([alive_key(role, member.decode()) for member in members])
    dead = [member for member, word in zip(members, words, strict=True) if word is None]
    if dead:
        await redis.srem(f"njia:members:{role}", *dead)
    return {m.decode(): w.decode() for m, w in zip(members, words, strict=True) if w is not None}


class Share:
    """The shards that one scribe writes: of k living scribes, each leases every k-th shard."""

    def __init__(self, redis: Redis, owner: str, millis: int = LEASE_MS) -> None:
        self._redis = redis
        self.roll = Roll(redis, "scribe", owner, millis)
        self.held: frozenset[int] = frozenset()

    async def renew(self, status: str = "") -> frozenset[int]:
        """Signs the roll, gives back what is others' share now, takes and prolongs its own; what it holds."""
        living = await self.roll.sign(status)
        mine = frozenset(range(living.index(self.roll.owner), SHARDS, len(living)))
        await self._release(self.held - mine)
        self.held = await self._hold(mine)
        return self.held

    async def leave(self) -> None:
        """Gives everything back, for others to take at once."""
        await self._release(self.held)
        self.held = frozenset()
        await self.roll.leave()

    async def _hold(self, shards: Iterable[int]) -> frozenset[int]:
        wanted = sorted(shards)
        keys = [scribe_key(shard) for shard in wanted]
        got: Any = await self._redis.eval(_HOLD, len(keys), *keys, self.roll.owner, self.roll.millis)
        return frozenset(shard for shard, held in zip(wanted, got, strict=True) if held)

    async def _release(self, shards: Iterable[int]) -> None:
        pipe = self._redis.pipeline(transaction=False)
        for shard in shards:
            pipe.eval(_RELEASE, 1, scribe_key(shard), self.roll.owner)
        await pipe.execute()
