"""A notebook in Redis: where a simulated wallet keeps its books, outside the client record and outliving processes.

A section of it is one hash, so that a page and its neighbours lie in one slot.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, TypeVar

from redis.asyncio import Redis
from redis.exceptions import RedisError

T = TypeVar("T")

# KEYS: section. ARGV: page, whether something was there, what it was, what is to be there.
_PUT = """
local now = redis.call('HGET', KEYS[1], ARGV[1])
if (now and '1' or '0') ~= ARGV[2] or (now and now ~= ARGV[3]) then return 0 end
if ARGV[4] == '' then redis.call('HDEL', KEYS[1], ARGV[1]) else redis.call('HSET', KEYS[1], ARGV[1], ARGV[4]) end
return 1
"""


class Notebook:
    """``adapters.payment.Notebook``, of one provider."""

    def __init__(self, redis: Redis, name: str) -> None:
        self._redis: Any = redis
        self._name = name

    async def get(self, page: str) -> bytes | None:
        section, name = self._at(page)
        return await _reached(self._redis.hget(section, name))

    async def put(self, page: str, old: bytes | None, new: bytes) -> bool:
        section, name = self._at(page)
        words = (name, int(old is not None), old or b"", new)
        return bool(await _reached(self._redis.eval(_PUT, 1, section, *words)))

    async def pages(self, prefix: str) -> list[tuple[str, bytes]]:
        section, begins = self._at(prefix)
        held: dict[bytes, bytes] = await _reached(self._redis.hgetall(section))
        above = prefix.partition(":")[0]
        named = ((name.decode(), text) for name, text in held.items())
        return [(f"{above}:{name}", text) for name, text in named if name.startswith(begins)]

    def _at(self, page: str) -> tuple[str, str]:
        section, _, name = page.partition(":")
        return f"njia:notebook:{self._name}:{section}", name


async def _reached(asked: Awaitable[T]) -> T:
    try:
        return await asked
    except (RedisError, TimeoutError) as error:
        raise ConnectionError("the notebook cannot be reached") from error
