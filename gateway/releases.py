"""The published releases as a running process has them: the current one, the staged one beside it if there is one, and
those that sessions still stand on."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import Any

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from flows.ports import Unavailable
from flows.release import Release
from gateway import publishing
from gateway.publishing import Sources
from gateway.record.releases import UNSAID, Reason
from gateway.record.releases import Releases as Kept
from gateway.record.staged import Audience, Staged
from gateway.staging import Stage
from gateway.store.keys import CURRENT_RELEASE, STAGED_RELEASE, release_key

log = logging.getLogger("njia.releases")
NOTHING = b"null"  # what the session store says where nothing is staged


class Releases:
    """Implements ``gateway.gate.Releases``. A release is read from Redis, else from SQL, and compiled once."""

    def __init__(self, redis: Redis, kept: Kept) -> None:
        self._redis: Any = redis
        self._kept = kept
        self._compiled: dict[str, Release] = {}
        self._unfit: set[str] = set()  # what this code cannot run
        self._unshared: Sources | None = None
        self._told: bytes | None = None  # of what is staged
        self.current: Release
        self.staged: Stage | None = None

    def begun_by(self, address: str, client: str) -> Release:
        """What a new conversation on this address begins on. ``client``: see ``Stage.takes``."""
        staged = self.staged
        return self.current if staged is None or not staged.takes(address, client) else staged.release

    async def begin(self, sources: Sources, who: str) -> None:
        """Start-up: publishes ``sources`` if nobody decided on them yet, and begins on what is current.

        What was rolled back, staged or withdrawn stays so, and while something is staged nothing is published. With SQL
        down, what lies here is used; with Redis down, ``follow`` makes up for it. Raises BrokenDefinitions.
        """
        release = publishing.compiled(sources)
        self._compiled[release.hash] = self.current = release
        try:
            await self.keep(sources)
            if await self._is_new(release.hash):
                publishing.checked(sources)
                await self._kept.publish(release.hash, who)
        except Unavailable:
            log.warning("the record is down: release %s is used without being published", release.hash[:12])
        self._unshared = sources
        await self.follow()

    async def _is_new(self, release: str) -> bool:
        """Whether a start-up is to publish it."""
        if await self._kept.was_published(release):
            return False
        now = await self._kept.staged()
        if now is None and not await self._kept.was_staged(release):
            return True
        if now is None or now.release != release:
            log.warning("release %s of the home is not for all clients yet: njia flows publish", release[:12])
        return False

    async def keep(self, sources: Sources) -> bool:
        """Keeps the sources for ever; False if they were kept before. Raises Unavailable."""
        return await self._kept.put(sources.hash, sources.encode())

    async def publish(self, release: str, who: str, reason: Reason = UNSAID) -> bool:
        """All new conversations begin on ``release``, and nothing is staged any more; False if it was so already.

        Raises NoSuchRelease, Unavailable, RedisError.
        """
        changed = await self._kept.publish(release, who, reason)
        await self._tell(release)
        return changed

    async def stage(self, release: str, to: Audience, who: str, reason: Reason = UNSAID) -> Staged:
        """The new conversations of some begin on ``release``. Raises NothingToStage, Unavailable, RedisError."""
        made = await self._kept.stage(release, to, who, reason)
        await self._tell(release)
        return made

    async def withdraw(self, who: str, why: str = "") -> Staged | None:
        """Nothing is staged any more; what was. Who is inside ends on it. Raises Unavailable, RedisError."""
        found = await self._kept.withdraw(who, why)
        await self._tell()
        return found

    async def follow(self) -> None:
        """Takes up what another process or host has published or staged since."""
        try:
            if self._unshared is not None:
                await self._share(self._unshared)
            name, staged = await self._redis.mget(CURRENT_RELEASE, STAGED_RELEASE)
        except (RedisError, OSError):
            return  # the next look will tell; conversations go on with the release that is here
        if name and name.decode() != self.current.hash:
            self.current = await self.get(name.decode()) or self.current
        if staged is not None and staged != self._told:
            await self._take_up(staged)

    async def _take_up(self, told: bytes) -> None:
        """What is staged now. A release that cannot be had at this moment is looked for again."""
        row = _read(told)
        release = await self.get(row.release) if row else None
        if row and release is None and row.release not in self._unfit:
            return
        self.staged = Stage(row, release) if row and release else None
        self._told = told

    async def get(self, release: str) -> Release | None:
        """A release by its hash; None if it is nowhere, or names what this code does not have."""
        found = self._compiled.get(release)
        if found is None and release not in self._unfit:
            sources = await self._sources(release)
            if sources is None:
                return None
            read = publishing.read(publishing.decode(sources))
            found = read.release
            if found is None:
                self._unfit.add(release)
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
        """Puts into Redis what lies here, and what is current and staged. SQL knows it: whoever published the last one
        may have been killed before Redis was told."""
        await self._redis.set(release_key(sources.hash), sources.encode())
        with suppress(Unavailable):
            await self._tell()
        await self._redis.set(CURRENT_RELEASE, sources.hash, nx=True)
        self._unshared = None

    async def _tell(self, release: str = "") -> None:
        """Until Redis says what SQL says: of two who publish at once the first may tell last. ``release`` goes along,
        for processes that find SQL down."""
        if release and (sources := await self._kept.get(release)):
            await self._redis.set(release_key(release), sources)
        while (said := await self._said()) and said != await self._redis.mget(CURRENT_RELEASE, STAGED_RELEASE):
            await self._redis.mset(dict(zip((CURRENT_RELEASE, STAGED_RELEASE), said, strict=True)))

    async def _said(self) -> list[bytes]:
        """What SQL says is current and staged; nothing before the first publication."""
        name, row = await self._kept.current(), await self._kept.staged()
        return [name.encode(), msgspec.json.encode(row) if row else NOTHING] if name else []


def _read(told: bytes) -> Staged | None:
    try:
        return msgspec.json.decode(told, type=Staged | None)
    except msgspec.MsgspecError:  # of a version to come
        log.error("what is staged cannot be read here: all begin on the current release")
        return None
