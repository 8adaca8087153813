"""Conversations in Redis: one look before the turn, one atomic commit after it.

A commit writes the new state, the journal entry, the timer and what the address chose, all or nothing, and only if
the state is still the one that the turn began from.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec

from gateway.store import keys
from gateway.store.asking import Begun, Refused, Script, Store, StoreDown
from gateway.store.memory import Memory
from gateway.store.state import VERSION_BYTES, Held, Own, State, encode, new_version, read_own, read_state, read_who
from gateway.store.streams import FIELD

__all__ = ["Change", "Sessions", "StoreDown"]

# KEYS: state, own, journal, timers. ARGV: the state's life in ms, version expected, new state, entry, due; and where
# there is one of them, own and the entry of the conversation that this one takes the place of.
_COMMIT = Script(f"""
local now = redis.call('GET', KEYS[1])
local version = now and string.sub(now, 1, {VERSION_BYTES}) or ''
if version ~= ARGV[2] then return now or '' end
redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[1])
if (ARGV[6] or '') ~= '' then redis.call('SET', KEYS[2], ARGV[6]) end
if (ARGV[7] or '') ~= '' then redis.call('XADD', KEYS[3], '*', '{FIELD}', ARGV[7]) end
redis.call('XADD', KEYS[3], '*', '{FIELD}', ARGV[4])
if ARGV[5] == '' then redis.call('ZREM', KEYS[4], KEYS[1])
else redis.call('ZADD', KEYS[4], ARGV[5], KEYS[1]) end
return false
""")


class Change(msgspec.Struct, frozen=True):
    """What a turn wants written. ``own`` and ``due`` (seconds since 1970) are None when there is nothing to write;
    ``left`` is the last entry of an unfinished conversation that a new one takes the place of."""

    state: State
    entry: bytes
    own: Own | None
    due: float | None
    left: bytes = b""


class Sessions:
    """The session store. Every coroutine raises ``StoreDown`` when it does not answer in time."""

    def __init__(self, store: Store, *, life_seconds: int = 900, memory: Memory | None = None) -> None:
        self._store = store
        self.life_seconds = life_seconds  # how long an unfinished conversation can be taken up again
        self._memory = memory or Memory(life_seconds / 2)
        self._begun = lru_cache(4096)(self._begin)

    async def load(self, kind: str, service: str, address: str) -> Held:
        """The conversation of this address with what is known of it: one round trip."""
        at = keys.names(kind, service, address)
        state, who, own = await self._store.ask(at.shard, b"MGET", at.state, at.who, at.own)
        version, found = read_state(state)
        return Held(version, found, read_who(who), read_own(own))

    async def load_key(self, state: str) -> Held:
        """The conversation under a state key."""
        return await self.load(*keys.address_of(state))

    def remembered(self, kind: str, service: str, address: str) -> Held | None:
        """The conversation without a trip, if this process wrote it last; who is known there is not remembered.

        Another process may have written since. A commit finds out; whatever else is to come of it asks ``newer``.
        """
        return self._memory.take(keys.names(kind, service, address).state)

    async def newer(self, kind: str, service: str, address: str, held: Held) -> Held | None:
        """What is there instead of a conversation that was only remembered; None if it is still what is there."""
        if not held.remembered:
            return None
        found = await self.load(kind, service, address)
        if (found.version, found.own) != (held.version, held.own):
            return found
        held.remembered = False
        return None

    async def commit(self, kind: str, service: str, address: str, held: Held, change: Change) -> Held | None:
        """Writes the turn: None if it was written, else the newer state that is there instead.

        Has ``held`` a session by now, it is the one that ``change`` holds in bytes: it is remembered with it, as it
        is, so nobody may change it after this but the turn that takes it from there.
        """
        if change.own and (newer := await self.newer(kind, service, address, held)) is not None:
            return newer
        at, begun = self._begun(kind, service, address)
        version, due = new_version(), b"" if change.due is None else b"%d" % change.due
        ends: tuple[bytes, ...] = (held.version, version + encode(change.state), change.entry, due)
        if change.own or change.left:
            ends = (*ends, encode(change.own) if change.own else b"", change.left)
        try:
            found = await self._store.ask(at.shard, begun, *ends)
        except Refused as refused:
            found = await _COMMIT.again(refused, self._store, at.shard, *begun.words[2:], *ends)
        if found is not None:
            return Held(*read_state(found), held.who, held.own)
        self._memory.keep(at.state, Held(version, change.state, None, change.own or held.own, True, held.session))
        return None

    def _begin(self, kind: str, service: str, address: str) -> tuple[keys.Names, Begun]:
        """The keys of a conversation, and what its commits begin with."""
        at, life = keys.names(kind, service, address), 1000 * self.life_seconds
        return at, Begun(b"EVALSHA", _COMMIT.sha, 4, at.state, at.own, at.journal, at.timers, life)

    async def note(self, address: str, entry: bytes) -> None:
        """One journal entry that changes no conversation."""
        at = keys.shard(address)
        await self._store.ask(at, b"XADD", keys.journal_key(at), b"*", FIELD, entry)

    async def put_who(self, address: str, card: dict[str, Any]) -> None:
        """Keeps the card of an address, for as long as nobody changes it."""
        await self._store.ask(keys.shard(address), b"SET", keys.who_key(address), encode(card))

    async def forget_who(self, address: str) -> None:
        await self._store.ask(keys.shard(address), b"DEL", keys.who_key(address))
