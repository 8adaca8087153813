"""Who is logged in: a row for each browser, under the hash of a token that nobody else has.

A session ends half an hour after it was last used, twelve hours after it began, at log-out, and when its owner is
disabled or gets another password. (OWASP Session Management Cheat Sheet.)
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.record.database import Database
from gateway.record.desk.staff import Staff, staff_from
from gateway.record.tables import staff, staff_session

IDLE, LONGEST = dt.timedelta(minutes=30), dt.timedelta(hours=12)
SHOWN = dt.timedelta(minutes=1)
NOTED = dt.timedelta(minutes=1)  # so far may ``seen_at`` lag behind: not every page is a write
_KEPT = staff_session.c


@dataclass(frozen=True, slots=True)
class Session:
    """``key`` is what the row has of the token. ``shown``: client ids, and until when they are not masked."""

    key: str
    staff: Staff
    shown: Mapping[str, dt.datetime]
    search: str = ""


def new_token() -> str:
    """256 bits, for the browser's cookie."""
    return secrets.token_urlsafe(32)


def key_of(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


async def begin(conn: AsyncConnection, who: Staff, token: str, now: dt.datetime) -> None:
    """Keeps the session, and forgets those that are over."""
    await conn.execute(sa.delete(staff_session).where(_over(now)))
    row = {"hash": key_of(token), "staff": who.id, "begun_at": now, "seen_at": now, "shown": {}}
    await conn.execute(sa.insert(staff_session).values(**row))


async def find(db: Database, token: str, now: dt.datetime) -> Session | None:
    """The session, if it has not ended; it is used by this. Raises Unavailable."""
    key = key_of(token)
    query = sa.select(staff, _KEPT.seen_at, _KEPT.shown, _KEPT.search).join(staff_session, _KEPT.staff == staff.c.id)
    query = query.where(_KEPT.hash == key, ~_over(now), staff.c.disabled_at.is_(None))
    async with db.read() as conn:
        row = (await conn.execute(query)).one_or_none()
    if row is None:
        return None
    if now - row.seen_at >= NOTED:
        async with db.write() as conn:
            await conn.execute(sa.update(staff_session).where(_KEPT.hash == key).values(seen_at=now))
    shown = {client: dt.datetime.fromisoformat(until) for client, until in row.shown.items()}
    return Session(key, staff_from(row), shown, row.search)


async def end(conn: AsyncConnection, session: Session) -> None:
    await conn.execute(sa.delete(staff_session).where(_KEPT.hash == session.key))


async def show(conn: AsyncConnection, session: Session, client: str, now: dt.datetime) -> None:
    """For a minute this client is not masked in this session."""
    kept = await conn.scalar(sa.select(_KEPT.shown).where(_KEPT.hash == session.key).with_for_update())
    still = {one: until for one, until in (kept or {}).items() if dt.datetime.fromisoformat(until) > now}
    shown = still | {client: (now + SHOWN).isoformat()}
    await conn.execute(sa.update(staff_session).where(_KEPT.hash == session.key).values(shown=shown))


async def look_for(conn: AsyncConnection, session: Session, search: str) -> None:
    """Keeps what is looked for, so that it stands in no address."""
    await conn.execute(sa.update(staff_session).where(_KEPT.hash == session.key).values(search=search[:200]))


def _over(now: dt.datetime) -> sa.ColumnElement[bool]:
    return sa.or_(_KEPT.seen_at <= now - IDLE, _KEPT.begun_at <= now - LONGEST)
