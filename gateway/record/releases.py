"""Releases in SQL: the sources of each, for ever, and which one was published when and by whom."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.clock import Clock
from gateway.ids import new_id
from gateway.record.database import Database, insert_new
from gateway.record.tables import publication, release


class NoSuchRelease(LookupError):
    """The record has no release of this hash."""


@dataclass(frozen=True, slots=True)
class Publication:
    """One time that a release was published; publishing an older one again is a roll-back."""

    hash: str
    at: dt.datetime
    who: str


class Releases:
    """The releases of one institution. Every method may raise Unavailable."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def put(self, hash_: str, sources: bytes) -> bool:
        """Keeps the sources under their content hash; False if they were there already. Never changed after."""
        row = {"hash": hash_, "sources": sources, "created_at": self._clock.now()}
        async with self._db.write() as conn:
            return await insert_new(conn, release, row)

    async def get(self, hash_: str) -> bytes | None:
        async with self._db.read() as conn:
            sources: bytes | None = await conn.scalar(sa.select(release.c.sources).where(release.c.hash == hash_))
        return sources

    async def publish(self, hash_: str, who: str) -> bool:
        """New conversations begin on this release from now on; False if it was so already. Raises NoSuchRelease."""
        async with self._db.write() as conn:
            # Locked, so that two processes that start at once publish once.
            row = sa.select(release.c.hash).where(release.c.hash == hash_).with_for_update()
            if await conn.scalar(row) is None:
                raise NoSuchRelease(f"there is no release {hash_[:12]}")
            if await _newest(conn) == hash_:
                return False
            values = {"id": new_id(), "release": hash_, "at": self._clock.now(), "who": who}
            await conn.execute(sa.insert(publication).values(**values))
        return True

    async def current(self) -> str:
        """The hash of the release that new conversations begin on; "" before the first."""
        async with self._db.read() as conn:
            return await _newest(conn)

    async def was_published(self, hash_: str) -> bool:
        """Whether it is the current release, or was once."""
        query = sa.select(publication.c.id).where(publication.c.release == hash_).limit(1)
        async with self._db.read() as conn:
            return await conn.scalar(query) is not None

    async def history(self, limit: int = 100) -> list[Publication]:
        """The newest first."""
        query = sa.select(publication.c.release, publication.c.at, publication.c.who).order_by(*_NEWEST).limit(limit)
        async with self._db.read() as conn:
            return [Publication(row.release, row.at, row.who) for row in await conn.execute(query)]


_NEWEST = (publication.c.at.desc(), publication.c.id.desc())


async def _newest(conn: AsyncConnection) -> str:
    return await conn.scalar(sa.select(publication.c.release).order_by(*_NEWEST).limit(1)) or ""
