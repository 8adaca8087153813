"""Releases in SQL: the sources of each, for ever, and which one was published when and by whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.clock import Clock
from gateway.ids import new_id
from gateway.record import staged
from gateway.record.database import Database, insert_new
from gateway.record.staged import Audience, Staged
from gateway.record.tables import publication, release, staged_release


class NoSuchRelease(LookupError):
    """The record has no release of this hash."""


@dataclass(frozen=True, slots=True)
class Reason:
    """What goes with a publication: why, the warnings that were accepted (as ``Fault.as_json`` has them), and how many
    conversations were played before it (None: nobody asked for that)."""

    why: str = ""
    accepted: Sequence[Mapping[str, Any]] = ()
    played: int | None = None


UNSAID = Reason()


@dataclass(frozen=True, slots=True)
class Publication:
    """One time that a release was published; publishing an older one again is a roll-back."""

    hash: str
    at: dt.datetime
    who: str
    number: int = 0
    reason: Reason = UNSAID


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

    async def publish(self, hash_: str, who: str, reason: Reason = UNSAID) -> bool:
        """All new conversations begin on this release from now on, and nothing is staged any more; False if it was so
        already. Raises NoSuchRelease."""
        async with self._db.write() as conn:
            # All locked, in one order: what is published at once is published, and numbered, one after the other.
            found = await conn.execute(sa.select(release.c.hash).order_by(release.c.hash).with_for_update())
            if hash_ not in set(found.scalars()):
                raise NoSuchRelease(f"there is no release {hash_[:12]}")
            now = self._clock.now()
            ended = await staged.end(conn, now, who)
            if await _newest(conn) == hash_:
                return ended
            await _number(conn, hash_)
            values = {"id": new_id(), "release": hash_, "at": now, "who": who, "why": reason.why}
            more = {"accepted": [dict(one) for one in reason.accepted], "played": reason.played}
            await conn.execute(sa.insert(publication).values(**values, **more))
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

    async def stage(self, hash_: str, to: Audience, who: str, reason: Reason = UNSAID) -> Staged:
        """Some new conversations begin on this release from now on, in the place of what was staged before.

        Raises NothingToStage.
        """
        async with self._db.write() as conn:
            found = await conn.execute(sa.select(release.c.hash).order_by(release.c.hash).with_for_update())
            staged.refuse(hash_, set(found.scalars()), await _newest(conn))
            await _number(conn, hash_)
            made = Staged(
                release=hash_,
                share=to.share,
                numbers=to.numbers,
                seed="",
                at=self._clock.now(),
                who=who,
                why=reason.why,
                accepted=tuple(map(dict, reason.accepted)),
                played=reason.played,
            )
            return await staged.put_up(conn, made)

    async def withdraw(self, who: str, why: str = "") -> Staged | None:
        """New conversations begin on the current release only; what was staged, None if nothing was."""
        async with self._db.write() as conn:
            before = await staged.now(conn)
            await staged.end(conn, self._clock.now(), who, why)
        return before

    async def staged(self) -> Staged | None:
        """What only some new conversations begin on."""
        async with self._db.read() as conn:
            return await staged.now(conn)

    async def was_staged(self, hash_: str) -> bool:
        """Whether this release is staged, or was once."""
        async with self._db.read() as conn:
            return await staged.was(conn, hash_)

    async def history(self, limit: int = 100) -> list[Publication]:
        """The newest first."""
        query = sa.select(publication, release.c.number).join(release).order_by(*_NEWEST).limit(limit)
        async with self._db.read() as conn:
            return [_publication(row) for row in await conn.execute(query)]

    async def first(self, hash_: str) -> Publication:
        """Who published this release first, when and why; where it was staged only, who staged it first.

        Raises NoSuchRelease.
        """
        async with self._db.read() as conn:
            for table in (publication, staged_release):
                query = sa.select(table, release.c.number).join(release).where(table.c.release == hash_)
                row = (await conn.execute(query.order_by(table.c.at, table.c.id).limit(1))).one_or_none()
                if row is not None:
                    return _publication(row)
        raise NoSuchRelease(f"nobody published {hash_[:12]}")

    async def numbers(self, hashes: Collection[str]) -> dict[str, int]:
        """The running numbers of those of these releases that were ever published."""
        query = sa.select(release.c.hash, release.c.number).where(release.c.hash.in_(hashes), release.c.number > 0)
        async with self._db.read() as conn:
            return {row.hash: row.number for row in await conn.execute(query)}

    async def called(self, name: str) -> dict[str, int]:
        """The releases that somebody may mean by ``name``, with their numbers (0: never published): the one of this
        number, else those whose hash begins so (few figures are a number, and no hash)."""
        query = sa.select(release.c.hash, release.c.number).order_by(release.c.number, release.c.hash)
        async with self._db.read() as conn:
            rows = {row.hash: row.number or 0 for row in await conn.execute(query)}
        numbered = {hash_: number for hash_, number in rows.items() if number and str(number) == name}
        if numbered or (name.isdigit() and len(name) < PREFIX):
            return numbered
        return {hash_: number for hash_, number in rows.items() if hash_.startswith(name.lower())}


PREFIX = 6  # figures that are a number, where there are fewer
_NEWEST = (publication.c.at.desc(), publication.c.id.desc())


async def _newest(conn: AsyncConnection) -> str:
    return await conn.scalar(sa.select(publication.c.release).order_by(*_NEWEST).limit(1)) or ""


async def _number(conn: AsyncConnection, hash_: str) -> None:
    """Gives the release the next number, unless it has one."""
    last = await conn.scalar(sa.select(sa.func.max(release.c.number))) or 0
    unnumbered = sa.update(release).where(release.c.hash == hash_, release.c.number.is_(None))
    await conn.execute(unnumbered.values(number=last + 1))


def _publication(row: Any) -> Publication:
    return Publication(
        row.release, row.at, row.who, row.number or 0, Reason(row.why, tuple(row.accepted or ()), row.played)
    )
