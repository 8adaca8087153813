"""Conversations in Redis: one look before the turn, one atomic commit after it.

A commit writes the new state, the journal entry, the timer and what the address chose, all or nothing, and only if
the state is still the one that the turn began from.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from gateway.store import keys
from gateway.store.state import Held, Own, State, encode, read_own, read_state, read_who, write_state
from gateway.store.streams import FIELD

# KEYS: state, own, journal, timers. ARGV: version expected, new state, its life in ms, own, entry, due,
# entry field, entry of the conversation that this one takes the place of.
_COMMIT = """
local now = redis.call('GET', KEYS[1])
local version = now and string.sub(now, 1, 8) or ''
if version ~= ARGV[1] then return now or '' end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
if ARGV[4] ~= '' then redis.call('SET', KEYS[2], ARGV[4]) end
if ARGV[8] ~= '' then redis.call('XADD', KEYS[3], '*', ARGV[7], ARGV[8]) end
redis.call('XADD', KEYS[3], '*', ARGV[7], ARGV[5])
if ARGV[6] == '' then redis.call('ZREM', KEYS[4], KEYS[1])
else redis.call('ZADD', KEYS[4], ARGV[6], KEYS[1]) end
return false
"""


class StoreDown(Exception):
    """The session store does not answer."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a turn wants written. ``own`` and ``due`` (seconds since 1970) are None when there is nothing to write;
    ``left`` is the last entry of an unfinished conversation that a new one takes the place of."""

    state: State
    entry: bytes
    own: Own | None
    due: float | None
    left: bytes = b""


class Sessions:
    """The session store. Every method raises ``StoreDown`` when it does not answer in time."""

    def __init__(self, redis: Redis, *, life_seconds: int = 900) -> None:
        self._redis = redis
        self.life_seconds = life_seconds  # how long an unfinished conversation can be taken up again
        self._commit = redis.register_script(_COMMIT)

    async def load(self, kind: str, service: str, address: str) -> Held:
        """The conversation of this address with what is known of it: one round trip."""
        names = keys.state_key(kind, service, address), keys.who_key(address), keys.own_key(address)
        state, who, own = await self._ask(lambda: self._redis.mget(names))
        version, found = read_state(state)
        return Held(version, found, read_who(who), read_own(own))

    async def load_key(self, state: str) -> Held:
        """The conversation under a state key."""
        return await self.load(*keys.address_of(state))

    async def commit(self, kind: str, service: str, address: str, held: Held, change: Change) -> Held | None:
        """Writes the turn: None if it was written, else the newer state that is there instead."""
        n = keys.shard(address)
        names = [
            keys.state_key(kind, service, address),
            keys.own_key(address),
            keys.journal_key(n),
            keys.timers_key(n),
        ]
        values: list[Any] = [
            held.version,
            write_state(held.version, change.state),
            self.life_seconds * 1000,
            encode(change.own) if change.own else b"",
            change.entry,
            "" if change.due is None else repr(change.due),
            FIELD,
            change.left,
        ]
        newer = await self._ask(lambda: self._commit(names, values))
        if newer is None:
            return None
        version, found = read_state(newer)
        return Held(version, found, held.who, held.own)

    async def put_who(self, address: str, card: dict[str, Any]) -> None:
        """Keeps the card of an address, for as long as nobody changes it."""
        await self._ask(lambda: self._redis.set(keys.who_key(address), encode(card)))

    async def forget_who(self, address: str) -> None:
        await self._ask(lambda: self._redis.delete(keys.who_key(address)))

    async def _ask(self, call: Callable[[], Awaitable[Any]]) -> Any:
        try:
            return await call()
        except (TimeoutError, RedisError, OSError) as error:
            raise StoreDown(type(error).__name__) from error
