"""Timers of conversations that came due: state keys in one sorted set for each shard, by the second they are due.

A timer is claimed by moving it on: if its process is killed it comes due again. A turn in between sets a time of its
own, which stays.
"""

from __future__ import annotations

from redis.asyncio import Redis

from gateway.store.keys import SHARDS, address_of, shard, timers_key

AGAIN = 15.0  # seconds until a claimed timer comes due again
_CLAIM = """
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[3])
for _, state in ipairs(due) do redis.call('ZADD', KEYS[1], ARGV[2], state) end
return due
"""
_DONE = """
if tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1])) == tonumber(ARGV[2]) then
  return redis.call('ZREM', KEYS[1], ARGV[1])
end
return 0
"""


async def claim(redis: Redis, now: float, limit: int = 20) -> list[str]:
    """State keys whose timer is due, at most ``limit`` of each shard; they are the caller's for ``AGAIN`` seconds."""
    pipe = redis.pipeline(transaction=False)
    for n in range(SHARDS):
        pipe.eval(_CLAIM, 1, timers_key(n), repr(now), repr(now + AGAIN), limit)
    return [state.decode() for due in await pipe.execute() for state in due]


async def done(redis: Redis, state: str, claimed_at: float) -> None:
    """Removes a timer that was claimed at ``claimed_at``, unless a turn has set it anew."""
    _, _, address = address_of(state)
    await redis.eval(_DONE, 1, timers_key(shard(address)), state, repr(claimed_at + AGAIN))
