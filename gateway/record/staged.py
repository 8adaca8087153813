"""Staged releases in SQL: who begins on another release than the current one, since when, by whom and why.

One is in force at a time. Nothing is changed but its end: a larger share is a new row with the same seed, so that those
who were in stay in. Each function works inside the caller's transaction.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.ids import new_id
from gateway.record.tables import staged_release

WHOLE = 10_000  # parts that all clients are
_row = staged_release.c


class NothingToStage(Exception):
    """This cannot be staged; the text says why and what to do."""


class Staged(msgspec.Struct, frozen=True, kw_only=True):
    """A release that ``share`` of ``WHOLE`` clients begin on, and whoever calls from one of ``numbers`` (E.164)."""

    release: str
    share: int
    numbers: tuple[str, ...]
    seed: str  # what decides who is in the share
    at: dt.datetime
    who: str
    why: str = ""
    accepted: tuple[dict[str, Any], ...] = ()  # the warnings that somebody ticked, as of a publication
    played: int | None = None  # conversations, as of a publication


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a release is staged to."""

    share: int = 0  # of WHOLE
    numbers: tuple[str, ...] = ()


async def put_up(conn: AsyncConnection, made: Staged) -> Staged:
    """It is staged from now on, in the place of what was staged before, whose seed it keeps."""
    before = await now(conn)
    made = msgspec.structs.replace(made, seed=before.seed if before else new_id())
    await end(conn, made.at, made.who)
    values = msgspec.structs.asdict(made) | {"numbers": list(made.numbers), "accepted": list(made.accepted)}
    await conn.execute(sa.insert(staged_release).values(id=new_id(), in_force=True, **values))
    return made


async def end(conn: AsyncConnection, at: dt.datetime, who: str, why: str = "") -> bool:
    """Ends what is staged, if anything is."""
    over = {"in_force": None, "ended_at": at, "ended_by": who, "ended_why": why}
    done = await conn.execute(sa.update(staged_release).where(_row.in_force.is_(True)).values(**over))
    return done.rowcount > 0


async def now(conn: AsyncConnection) -> Staged | None:
    """What is staged."""
    columns = [_row[name] for name in Staged.__struct_fields__]
    found = (await conn.execute(sa.select(*columns).where(_row.in_force.is_(True)))).one_or_none()
    if found is None:
        return None
    lists = {"numbers": tuple(found.numbers), "accepted": tuple(found.accepted)}
    return Staged(**{**found._mapping, **lists})


async def was(conn: AsyncConnection, hash_: str) -> bool:
    """Whether this release is staged, or was once."""
    return await conn.scalar(sa.select(_row.id).where(_row.release == hash_).limit(1)) is not None


def refuse(hash_: str, known: Collection[str], current: str) -> None:
    """Raises NothingToStage where the record has no such release, or all begin on it, or there is none beside it."""
    if hash_ not in known:
        raise NothingToStage(f"There is no release {hash_[:12]}. njia flows releases shows them.")
    if not current:
        raise NothingToStage("Nothing is published yet that the others could begin on. Publish to all first.")
    if current == hash_:
        raise NothingToStage(f"All clients begin on {hash_[:12]} already: there is nothing to stage.")
