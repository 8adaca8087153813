"""What an administrator does to the log-ins of others, and the link by which somebody chooses a password.

Each function works inside the caller's transaction. There is always an administrator who can log in.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.record.desk.sessions import key_of, new_token
from gateway.record.desk.staff import BadStaff, Staff, log_out, staff_from
from gateway.record.tables import staff, staff_session

LINK = dt.timedelta(hours=24)  # a link that was not used by then is worth nothing
OVER = dt.datetime.min.replace(tzinfo=dt.UTC)
LAST = "This is the last administrator who can log in. Make somebody else one first."


async def of(conn: AsyncConnection, id_: str) -> Staff | None:
    row = (await conn.execute(sa.select(staff).where(staff.c.id == id_))).one_or_none()
    return staff_from(row) if row else None


async def change(conn: AsyncConnection, who: Staff, role: str, ref: str) -> None:
    """Another role or link; it counts from their next click. Raises BadStaff of the last administrator."""
    await _write(conn, who, {"role": role, "ref": ref}, keeps=role == "admin")


async def lock(conn: AsyncConnection, who: Staff, at: dt.datetime) -> None:
    """They are logged out at once and cannot log in; a link of theirs is worth nothing any more. Raises BadStaff of the
    last administrator."""
    await _write(conn, who, {"disabled_at": at, "link_until": None}, keeps=False)
    await log_out(conn, who)


async def invite(conn: AsyncConnection, who: Staff, unknown: str, now: dt.datetime) -> str:
    """The token of a new link; one that was there before, and the password, are worth nothing from now on. ``unknown``:
    the hash of what nobody knows. Raises BadStaff of the last administrator."""
    token = new_token()
    values = {"hash": unknown, "link": key_of(token), "link_until": now + LINK}
    await _write(conn, who, values, keeps=False)
    await log_out(conn, who)
    return token


async def invited(conn: AsyncConnection, token: str, now: dt.datetime) -> Staff | None:
    """Whose link this is; None for one that is used, replaced or too old, or whose owner is locked."""
    row = (await conn.execute(sa.select(staff).where(_open(token, now)))).one_or_none()
    return staff_from(row) if row else None


async def choose(conn: AsyncConnection, token: str, hashed: str, now: dt.datetime) -> bool:
    """Keeps the password that the link was used for; False if that was too late. Of two at once, one counts."""
    chosen = {"hash": hashed, "link": "", "link_until": None}
    done = await conn.execute(sa.update(staff).where(_open(token, now)).values(**chosen))
    return bool(done.rowcount)


async def browsers(conn: AsyncConnection, since: dt.datetime) -> dict[str, int]:
    """By id, in how many browsers they are logged in; ``since``: what was last used before is over."""
    asked = sa.select(staff_session.c.staff, sa.func.count()).where(staff_session.c.seen_at > since)
    return {id_: count for id_, count in await conn.execute(asked.group_by(staff_session.c.staff))}  # noqa: C416


async def waiting(conn: AsyncConnection) -> dict[str, dt.datetime]:
    """By id, until when the link works, or worked, of who has no password yet; the past of one that a lock ended."""
    asked = sa.select(staff.c.id, staff.c.link_until).where(staff.c.link != "")
    return {id_: until or OVER for id_, until in await conn.execute(asked)}


def _open(token: str, now: dt.datetime) -> sa.ColumnElement[bool]:
    live = (staff.c.link != "", staff.c.link_until > now, staff.c.disabled_at.is_(None))
    return sa.and_(staff.c.link == key_of(token), *live)


async def _write(conn: AsyncConnection, who: Staff, values: dict[str, Any], *, keeps: bool) -> None:
    """``keeps``: an administrator stays one. All of them are locked: of two who take each other's role away at the same
    moment, one comes too late."""
    able = (staff.c.role == "admin", staff.c.disabled_at.is_(None), staff.c.link == "")
    asked = sa.select(staff.c.id).where(*able).order_by(staff.c.id).with_for_update()
    if set(await conn.scalars(asked)) == {who.id} and not keeps:
        raise BadStaff(LAST)
    await conn.execute(sa.update(staff).where(staff.c.id == who.id).values(**values))
