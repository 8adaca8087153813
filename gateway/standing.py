"""Who stands where: how many conversations are on which release and step, and which of those cannot go on here."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from redis.asyncio import Redis

from flows import session as sessions
from flows.session import Session
from gateway.releases import Releases
from gateway.store.state import State, read_state

MATCH = "njia:*:s:*"
BATCH = 500
MOST = 200_000  # conversations that are looked at for somebody who waits
PATIENCE = 20.0  # seconds that this may take


class Place(NamedTuple):
    """Where a conversation stands: the flow that talks, and its step."""

    release: str
    flow: str
    step: str


@dataclass(slots=True)
class Standing:
    """Unfinished conversations by their places, nearly: people come and go while they are counted.

    ``open``: the call goes on, as far as we know. ``left``: it broke off, and can be taken up again for a while.
    ``whole`` is False when there were too many to look at: then these are at least so many.
    """

    open: Counter[Place] = field(default_factory=Counter)
    left: Counter[Place] = field(default_factory=Counter)
    whole: bool = True

    @property
    def places(self) -> Counter[Place]:
        return self.open + self.left

    def of(self, releases: Iterable[str]) -> Standing:
        """Those on these releases."""
        wanted = set(releases)
        open_, left = (
            Counter({at: n for at, n in one.items() if at.release in wanted}) for one in (self.open, self.left)
        )
        return Standing(open_, left, self.whole)


async def standing(redis: Redis, most: int = MOST, seconds: float = PATIENCE) -> Standing:
    """Who is inside, at each step. Looks in small pieces, so that no turn waits. Raises RedisError."""
    found, looked, until = Standing(), 0, time.monotonic() + seconds
    async for states in _batches(redis):
        if states and (looked >= most or time.monotonic() > until):
            found.whole = False
            break
        for state in states:
            if session := _unfinished(state):
                (found.left if state.closed else found.open)[_place(session)] += 1
        looked += len(states)
    return found


async def inside(redis: Redis) -> Counter[str]:
    """Unfinished conversations by the hash of their release: all of them. Raises RedisError."""
    found: Counter[str] = Counter()
    async for states in _batches(redis):
        found += Counter(session.release for state in states if (session := _unfinished(state)))
    return found


async def stranded(redis: Redis, releases: Releases) -> dict[str, int]:
    """Those whose release is missing, or names what this version lacks: their callers are asked to dial again."""
    return {name: count for name, count in (await inside(redis)).items() if await releases.get(name) is None}


async def _batches(redis: Redis) -> AsyncIterator[list[State]]:
    """What is kept of all conversations, each once."""
    keys: list[Any] = []
    seen: set[Any] = set()  # a scan may come by the same key twice
    async for key in redis.scan_iter(match=MATCH, count=BATCH):
        if key not in seen:
            seen.add(key)
            keys.append(key)
        if len(keys) >= BATCH:
            yield await _read(redis, keys)
            keys = []
    yield await _read(redis, keys)


async def _read(redis: Redis, keys: list[Any]) -> list[State]:
    blobs: list[Any] = await redis.mget(keys) if keys else []
    return [state for _, state in map(read_state, blobs) if state is not None]


def _unfinished(state: State) -> Session | None:
    """The session; None for one that is over, or that nobody can read any more."""
    try:
        session = sessions.decode(state.told.talk)
    except sessions.Unreadable:
        return None
    return None if session.outcome else session


def _place(session: Session) -> Place:
    frame = session.frames[-1] if session.frames else None
    return Place(session.release, frame.flow if frame else "", frame.step if frame else "")
