"""The journal in Redis: 64 streams, read from their beginning by whoever leases them.

An entry is deleted only after it was committed to SQL, so a stream holds exactly what the record does not have yet;
reading always starts at the beginning and needs no cursor that could be lost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from redis.asyncio import Redis

from gateway.store.asking import Script, Store, Word
from gateway.store.keys import SHARDS, journal_key
from gateway.store.nodes import ByRedisPy

FIELD = "e"
# KEYS: streams. ARGV: of each how many entries to delete, then their ids. (unpack takes 8,000 at most.)
_DELETE = Script("""
local at = 1
for n = 1, #KEYS do
  local last = at + ARGV[at]
  for first = at + 1, last, 1000 do
    redis.call('XDEL', KEYS[n], unpack(ARGV, first, math.min(first + 999, last)))
  end
  at = last + 1
end
""")


def poison_key(shard: int) -> str:
    return f"njia:{{{shard}}}:poison"


@dataclass(slots=True)
class Pending:
    """One entry as it lies in its stream. ``body`` is an encoded ``gateway.journal.Entry``."""

    shard: int
    id: bytes
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Backlog:
    """What the record does not have yet: entries, the age of the oldest in seconds, entries set aside as unreadable."""

    entries: int
    seconds: float
    set_aside: int


class Streams:
    """All 64 streams. Every method raises StoreDown, ``redis.exceptions.RedisError`` or OSError when the store is down.

    ``hot`` is the same store as ``redis``, for what is said often; a read that waits holds up what else it is asked.
    """

    def __init__(self, redis: Redis, hot: Store | None = None) -> None:
        self._redis = redis
        self._hot = hot or ByRedisPy(redis)

    async def read(self, shards: Iterable[int], *, count: int = 32, block_ms: int = 400) -> list[Pending]:
        """The oldest ``count`` entries of each of ``shards``; waits at most ``block_ms`` for a first one, if any."""
        numbers = {journal_key(shard).encode(): shard for shard in shards}
        if not numbers:
            return []
        waits = ("BLOCK", block_ms) if block_ms else ()
        words = ("COUNT", count, *waits, "STREAMS", *numbers, *["0"] * len(numbers))
        found = await self._hot.ask(min(numbers.values()), b"XREAD", *words) or ()
        return [
            Pending(shard, entry_id, fields[1])
            for key, entries in (found.items() if isinstance(found, dict) else found)
            for shard in (numbers[key],)
            for entry_id, fields in entries
        ]

    async def delete(self, done: Iterable[Pending]) -> None:
        """Forgets entries that SQL holds now. They are named one by one: nobody's unread entry can go with them."""
        by_shard: dict[int, list[bytes]] = defaultdict(list)
        for one in done:
            by_shard[one.shard].append(one.id)
        if by_shard:
            words: list[Word] = [journal_key(shard) for shard in by_shard]
            for ids in by_shard.values():
                words += (len(ids), *ids)
            await _DELETE.run(self._hot, min(by_shard), len(by_shard), *words)

    async def set_aside(self, one: Pending, reason: str) -> None:
        """Moves an entry that cannot be written to the poison stream of its shard, in one step."""
        pipe = self._redis.pipeline(transaction=True)
        pipe.xadd(poison_key(one.shard), {FIELD: one.body, "reason": reason, "was": one.id})
        pipe.xdel(journal_key(one.shard), one.id)
        await pipe.execute()

    async def put_back(self) -> int:
        """Returns what was set aside to the journal, once its cause is mended; the number of entries."""
        moved = 0
        for shard in range(SHARDS):
            entries: Any = await self._redis.xrange(poison_key(shard))
            for entry_id, fields in entries:
                pipe = self._redis.pipeline(transaction=True)
                pipe.xadd(journal_key(shard), {FIELD: fields[FIELD.encode()]})
                pipe.xdel(poison_key(shard), entry_id)
                await pipe.execute()
                moved += 1
        return moved

    async def backlog(self) -> Backlog:
        pipe = self._redis.pipeline(transaction=False)
        pipe.time()
        for shard in range(SHARDS):
            pipe.xlen(journal_key(shard))
            pipe.xrange(journal_key(shard), count=1)
            pipe.xlen(poison_key(shard))
        (seconds, micros), *rest = await pipe.execute()
        oldest = min((_added_at(first[0][0]) for first in rest[1::3] if first), default=None)
        age = 0.0 if oldest is None else max(0.0, seconds + micros / 1e6 - oldest)
        return Backlog(sum(rest[0::3]), age, sum(rest[2::3]))


def _added_at(entry_id: Any) -> float:
    """A stream id begins with the milliseconds of the server's clock."""
    return int(entry_id.split(b"-")[0]) / 1000
