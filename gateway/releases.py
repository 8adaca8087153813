"""The published releases as a running process has them: the current one, and those that sessions still stand on."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import Any

from redis.asyncio import Redis
from redis.exceptions import RedisError

from flows.ports import Unavailable
from flows.release import Release
from gateway import publishing
from gateway.publishing import Sources
from gateway.record.releases import UNSAID, Reason
from gateway.record.releases import Releases as Kept
from gateway.store.keys import CURRENT_RELEASE, release_key

log = logging.getLogger("njia.releases")


class Releases:
    """Implements ``gateway.gate.Releases``. A release is read from Redis, else from SQL, and compiled once."""

    def __init__(self, redis: Redis, kept: Kept) -> None:
        self._redis: Any = redis
        self._kept = kept
        self._compiled: dict[str, Release] = {}
        self._unshared: Sources | None = None
        self.current: Release

    async def begin(self, sources: Sources, who: str) -> None:
        """Start-up: publishes ``sources`` if they never were, and begins on what is current.

        What was published before and rolled back since stays rolled back. With SQL down, what lies here is used; with
        Redis down, ``follow`` makes up for it. Raises BrokenDefinitions.
        """
        release = publishing.compiled(sources)
        self._compiled[release.hash] = self.current = release
        try:
            await self.keep(sources)
            if not await self._kept.was_published(release.hash):
                publishing.checked(sources)
                await self._kept.publish(release.hash, who)
        except Unavailable:
            log.warning("the record is down: release %s is used without being published", release.hash[:12])
        self._unshared = sources
        await self.follow()

    async def keep(self, sources: Sources) -> bool:
        """Keeps the sources for ever; False if they were kept before. Raises Unavailable."""
        return await self._kept.put(sources.hash, sources.encode())

    async def publish(self, release: str, who: str, reason: Reason = UNSAID) -> bool:
        """New conversations begin on ``release``; False if they do already. Raises NoSuchRelease, Unavailable."""
        changed = await self._kept.publish(release, who, reason)
        await self._redis.set(CURRENT_RELEASE, release)
        return changed

    async def follow(self) -> None:
        """Takes up what another process or host has published since."""
        try:
            if self._unshared is not None:
                await self._share(self._unshared)
            name = await self._redis.get(CURRENT_RELEASE)
        except (RedisError, OSError):
            return  # the next look will tell; conversations go on with the release that is here
        if name and name.decode() != self.current.hash:
            self.current = await self.get(name.decode()) or self.current

    async def get(self, release: str) -> Release | None:
        """A release by its hash; None if it is nowhere, or names what this code does not have."""
        found = self._compiled.get(release)
        if found is None:
            sources = await self._sources(release)
            if sources is None:
                return None
            read = publishing.read(publishing.decode(sources))
            found = read.release
            if found is None:
                log.error("release %s cannot run here: %s", release[:12], read.faults[0])
                return None
            self._compiled[release] = found
        return found

    async def _sources(self, release: str) -> bytes | None:
        try:
            shared: bytes | None = await self._redis.get(release_key(release))
            return shared or await self._kept.get(release)
        except (RedisError, OSError, Unavailable):
            return None

    async def _share(self, sources: Sources) -> None:
        """Puts into Redis what lies here and which release is current. SQL knows it: whoever published the last one
        may have been killed before Redis was told."""
        await self._redis.set(release_key(sources.hash), sources.encode())
        with suppress(Unavailable):
            while (name := await self._kept.current()) and await self._redis.get(CURRENT_RELEASE) != name.encode():
                await self._redis.set(CURRENT_RELEASE, name)
        await self._redis.set(CURRENT_RELEASE, sources.hash, nx=True)
        self._unshared = None
