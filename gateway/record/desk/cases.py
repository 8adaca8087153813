"""Cases for the people who work on them: lists, one case with its notes, and what staff do to it.

A case that is hidden from somebody is not in their lists, and to them there is none under its id. Every change writes
the audit in its own transaction. A note is an observation of a member of staff, hidden from whom the case is.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.ids import new_id
from gateway.record import auditing
from gateway.record.database import Database
from gateway.record.desk.seeing import workable
from gateway.record.desk.staff import Staff
from gateway.record.tables import case, client, observation

NOTE = "case.note"  # the field that notes of staff are kept under
LONGEST = 2000  # characters of a note
MOST = 200  # cases of a list

Which = Literal["open", "mine", "overdue", "closed"]
WHICH: tuple[Which, ...] = ("open", "mine", "overdue", "closed")


class Elsewhere(Exception):
    """Somebody else has changed the case meanwhile; the text says what it is now."""


@dataclass(frozen=True, slots=True)
class CaseLine:
    id: str
    number: str
    kind: str
    state: str  # open, promised, closed
    owner: str
    client: str | None
    name: str | None  # of the client
    address: str
    about: str
    opened_at: dt.datetime
    promised: dt.date
    closed_at: dt.datetime | None
    conversation: str

    def overdue(self, today: dt.date) -> bool:
        return self.state != "closed" and self.promised < today


@dataclass(frozen=True, slots=True)
class Note:
    at: dt.datetime
    who: str
    text: str


async def cases(db: Database, which: Which, staff: Staff, today: dt.date) -> list[CaseLine]:
    """What was promised for the earliest day comes first; of what is closed, the newest. Raises Unavailable."""
    conditions = {
        "open": case.c.state != "closed",
        "mine": sa.and_(case.c.state != "closed", case.c.owner == staff.email),
        "overdue": sa.and_(case.c.state != "closed", case.c.promised < today),
        "closed": case.c.state == "closed",
    }
    order = (case.c.closed_at.desc(),) if which == "closed" else (case.c.promised, case.c.opened_at)
    async with db.read() as conn:
        found = await conn.execute(_lines(staff).where(conditions[which]).order_by(*order, case.c.id).limit(MOST))
        return [CaseLine(**row._mapping) for row in found]


async def counts(db: Database, staff: Staff, today: dt.date) -> dict[str, int]:
    """How many are open, mine and overdue."""
    open_ = case.c.state != "closed"
    asked = sa.select(
        sa.func.count().label("open"),
        sa.func.count().filter(case.c.owner == staff.email).label("mine"),
        sa.func.count().filter(case.c.promised < today).label("overdue"),
    ).where(open_, workable(case.c.hidden_from, case.c.client, staff))
    async with db.read() as conn:
        return dict((await conn.execute(asked)).one()._mapping)


async def cases_of(conn: AsyncConnection, client_id: str, staff: Staff) -> list[CaseLine]:
    """Those that are open first, then the newest."""
    asked = _lines(staff).where(case.c.client == client_id)
    found = await conn.execute(asked.order_by(case.c.state == "closed", case.c.opened_at.desc()).limit(MOST))
    return [CaseLine(**row._mapping) for row in found]


async def find(db: Database, id_: str, staff: Staff) -> CaseLine | None:
    """None: there is none, or none for their eyes. Raises Unavailable."""
    async with db.read() as conn:
        return await _find(conn, id_, staff)


async def notes(db: Database, found: CaseLine) -> list[Note]:
    """The oldest first."""
    one = observation.c
    asked = sa.select(one.at, one.who, one.value).where(*_noted(found))
    async with db.read() as conn:
        rows = await conn.execute(asked.order_by(one.turn, one.at, one.id))
        return [Note(row.at, row.who, str(row.value)) for row in rows]


async def take(db: Database, id_: str, staff: Staff, now: dt.datetime, seen: str) -> CaseLine:
    """Makes them its owner. ``seen``: who owned it when they decided to. Raises Elsewhere, LookupError, Unavailable."""
    async with db.write() as conn:
        found = await _held(conn, id_, staff)
        if found.owner not in (seen, staff.email):
            raise Elsewhere(f"{found.owner or 'Nobody'} has this case now.")
        await conn.execute(sa.update(case).where(case.c.id == id_).values(owner=staff.email))
        await auditing.note(conn, now, staff.email, "case taken", id_, {"number": found.number, "from": found.owner})
        return found


async def promise(db: Database, id_: str, staff: Staff, now: dt.datetime, day: dt.date, why: str) -> CaseLine:
    """Another day by which it is answered. Raises Elsewhere, LookupError, Unavailable."""
    async with db.write() as conn:
        found = await _held(conn, id_, staff)
        await conn.execute(sa.update(case).where(case.c.id == id_).values(promised=day, state="promised"))
        await _note(conn, found, staff, now, f"Promised for {day.isoformat()}: {why}")
        changed = {"number": found.number, "from": found.promised.isoformat(), "to": day.isoformat()}
        await auditing.note(conn, now, staff.email, "case promised", id_, changed)
        return found


async def note(db: Database, id_: str, staff: Staff, now: dt.datetime, text: str) -> CaseLine:
    """Adds a note, to a closed case too. Raises LookupError, Unavailable."""
    async with db.write() as conn:
        found = await _locked(conn, id_, staff)
        await _note(conn, found, staff, now, text)
        await auditing.note(conn, now, staff.email, "case noted", id_, {"number": found.number})
        return found


async def close(db: Database, id_: str, staff: Staff, now: dt.datetime, why: str) -> CaseLine:
    """Closes it: a new one of its kind may be opened. Raises Elsewhere, LookupError, Unavailable."""
    async with db.write() as conn:
        found = await _held(conn, id_, staff)
        done = {"state": "closed", "closed_at": now, "open_for": None, "owner": found.owner or staff.email}
        await conn.execute(sa.update(case).where(case.c.id == id_).values(**done))
        await _note(conn, found, staff, now, f"Closed: {why}")
        await auditing.note(conn, now, staff.email, "case closed", id_, {"number": found.number})
        return found


def _lines(staff: Staff) -> sa.Select[Any]:
    names = [case.c[name] for name in CaseLine.__dataclass_fields__ if name != "name"]
    asked = sa.select(*names, client.c.name).outerjoin(client, client.c.id == case.c.client)
    return asked.where(workable(case.c.hidden_from, case.c.client, staff))


async def _find(conn: AsyncConnection, id_: str, staff: Staff) -> CaseLine | None:
    row = (await conn.execute(_lines(staff).where(case.c.id == id_))).one_or_none()
    return CaseLine(**row._mapping) if row else None


async def _locked(conn: AsyncConnection, id_: str, staff: Staff) -> CaseLine:
    await conn.execute(sa.select(case.c.id).where(case.c.id == id_).with_for_update())
    found = await _find(conn, id_, staff)
    if found is None:
        raise LookupError("there is no such case")
    return found


async def _held(conn: AsyncConnection, id_: str, staff: Staff) -> CaseLine:
    """The case, nobody else's until this transaction ends, and not closed."""
    found = await _locked(conn, id_, staff)
    if found.state == "closed":
        raise Elsewhere("This case has been closed meanwhile.")
    return found


def _noted(found: CaseLine) -> tuple[sa.ColumnElement[bool], ...]:
    one = observation.c
    return (one.client == (found.client or ""), one.field == NOTE, one.step == found.number)


async def _note(conn: AsyncConnection, found: CaseLine, staff: Staff, now: dt.datetime, text: str) -> None:
    before = await conn.scalar(sa.select(sa.func.count()).select_from(observation).where(*_noted(found)))
    hidden = sa.select(case.c.hidden_from).where(case.c.id == found.id).scalar_subquery()
    about = {"client": found.client or "", "address": found.address, "step": found.number, "turn": (before or 0) + 1}
    what = {"field": NOTE, "kind": "text", "value": text[:LONGEST], "at": now, "who": staff.email}
    row = {"id": new_id(), "hidden_from": hidden, **about, **what}
    await conn.execute(sa.insert(observation).values(**row))
