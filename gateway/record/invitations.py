"""Invitations as rows: made from events, sent once, claimed by one call, moved forwards only.

scheduled → invited → begun → completed | left | closed, or left out with a reason. Whoever writes looks at the state
in the same statement, so of two that come at once one finds it moved.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from flows.invitations import Plan
from flows.ports import Begun, Caller
from gateway.clock import Clock
from gateway.ids import new_id
from gateway.record import answering, effects, outbox
from gateway.record.database import Database, insert
from gateway.record.tables import client, contact, event, invitation, observation, reached

Wanted = Callable[[str], bool]  # whether a client, by the id, is one of those that are looked for
OPEN = ("invited", "begun")
OVER = ("completed", "left", "closed")
_row = invitation.c


@dataclass(frozen=True, slots=True)
class Happened:
    """An event that a flow has not looked at yet."""

    key: str
    at: dt.datetime
    client: str
    number: str


@dataclass(frozen=True, slots=True)
class Due:
    """An invitation that something is to be done for."""

    id: str
    flow: str
    client: str
    address: str
    reminders: int
    closes_at: dt.datetime | None


async def unseen(
    db: Database, plan: Plan, since: dt.datetime, limit: int, wanted: Wanted | None = None
) -> list[Happened]:
    """Events of this flow that it made nothing of yet."""
    made = sa.exists().where(_row.client == event.c.client, _row.flow == plan.flow, _row.event == event.c.key)
    query = (
        sa.select(event.c.key, event.c.at, event.c.client, client.c.number)
        .join(client, client.c.id == event.c.client)
        .where(event.c.name == plan.event, event.c.at >= since, ~made)
    )
    return [Happened(*row) for row in await _rows(db, query.order_by(event.c.at), limit, wanted)]


async def schedule(
    conn: AsyncConnection, plan: Plan, release: str, of: Happened, due_at: dt.datetime, why: str
) -> None:
    """One row for the event; with ``why`` it is left out from the start."""
    row = {"id": new_id(), "flow": plan.flow, "release": release, "client": of.client, "event": of.key}
    row["hidden_from"] = plan.hidden_from[:80]
    state = {"state": "left out" if why else "scheduled", "reason": why, "due_at": due_at}
    await conn.execute(insert(conn, invitation).values(**row, **state).on_conflict_do_nothing())


async def due(db: Database, flow: str, now: dt.datetime, limit: int, wanted: Wanted | None = None) -> list[Due]:
    """Scheduled ones whose time has come."""
    return await _found(db, limit, wanted, _row.flow == flow, _row.state == "scheduled", _row.due_at <= now)


async def to_remind(db: Database, plan: Plan, now: dt.datetime, limit: int, wanted: Wanted | None = None) -> list[Due]:
    """Open ones that are to be reminded of."""
    last = sa.func.coalesce(_row.reminded_at, _row.invited_at)
    waits = (_row.reminders < plan.reminders, last <= now - plan.remind_after, _row.closes_at > now)
    return await _found(db, limit, wanted, _row.flow == plan.flow, _row.state.in_(OPEN), *waits)


async def _found(db: Database, limit: int, wanted: Wanted | None, *conditions: sa.ColumnElement[bool]) -> list[Due]:
    columns = [_row[name] for name in Due.__slots__]
    query = sa.select(*columns).where(*conditions).order_by(_row.due_at, _row.id)
    return [Due(*row) for row in await _rows(db, query, limit, wanted)]


async def _rows(db: Database, query: sa.Select[Any], limit: int, wanted: Wanted | None) -> list[Any]:
    """The first ``limit`` rows whose client is wanted: those of others, however many, do not stand in their way."""
    if wanted is None:
        async with db.read() as conn:
            return list(await conn.execute(query.limit(limit)))
    found: list[Any] = []
    async with db.read(snapshot=True) as conn, conn.stream(query) as rows:  # a cursor needs a transaction
        async for row in rows:
            found += [row] if wanted(row.client) else []
            if len(found) == limit:
                break
    return found


async def lately(conn: AsyncConnection, of: str, since: dt.datetime) -> bool:
    """Whether the client was invited to anything since then, or has an open invitation."""
    asked = sa.or_(_row.invited_at > since, _row.open_for == of)
    return (await conn.scalar(sa.select(_row.id).where(_row.client == of, asked).limit(1))) is not None


async def leave_out(conn: AsyncConnection, one: Due, why: str) -> None:
    await _move(conn, one.id, ("scheduled",), state="left out", reason=why)


async def put_off(conn: AsyncConnection, one: Due, until: dt.datetime) -> None:
    await _move(conn, one.id, ("scheduled",), due_at=until)


async def invite(conn: AsyncConnection, one: Due, plan: Plan, address: str, text: str, now: dt.datetime) -> bool:
    """Sends it; False if somebody else has, or the client has another open one by now."""
    taken = sa.exists().where(invitation.alias("other").c.open_for == one.client)
    values = {"state": "invited", "address": address, "invited_at": now, "closes_at": now + plan.closes}
    made = sa.update(invitation).where(_row.id == one.id, _row.state == "scheduled", ~taken)
    if (await conn.execute(made.values(**values, open_for=one.client))).rowcount != 1:
        return False
    await _send(conn, replace(one, address=address), plan.purpose, text, now)
    return True


async def remind(conn: AsyncConnection, one: Due, plan: Plan, text: str, now: dt.datetime) -> bool:
    """Says it once more; False if somebody else did."""
    same = sa.update(invitation).where(_row.id == one.id, _row.state.in_(OPEN), _row.reminders == one.reminders)
    done = await conn.execute(same.values(reminders=one.reminders + 1, reminded_at=now))
    if done.rowcount == 1 and text:
        await _send(conn, replace(one, reminders=one.reminders + 1), plan.purpose, text, now)
    return done.rowcount == 1


async def _send(conn: AsyncConnection, one: Due, purpose: str, text: str, now: dt.datetime) -> None:
    ref = f"invite:{one.id}:{one.reminders}"
    await outbox.put(conn, ref=ref, to=one.address, text=text, now=now, purpose=purpose, client=one.client)


async def close_old(db: Database, now: dt.datetime) -> None:
    """Those whose day has come can no longer be answered."""
    old = sa.and_(_row.state.in_(OPEN), _row.closes_at <= now)
    async with db.read() as conn:
        found = list(await conn.scalars(sa.select(_row.id).where(old).order_by(_row.id)))
    for one in found:
        async with db.write() as conn:
            await _move(conn, one, OPEN, state="closed", ended_at=now, open_for=None)


async def off_card(db: Database, limit: int) -> list[tuple[str, str, bool]]:
    """Invitations that the contact cards do not show as they are: id, client, and whether they are open."""
    is_open = _row.state.in_(OPEN)
    wrong = sa.or_(sa.and_(is_open, _row.on_card.is_(False)), sa.and_(_row.state.in_(OVER), _row.on_card.is_(True)))
    async with db.read() as conn:
        rows = await conn.execute(sa.select(_row.id, _row.client, _row.state).where(wrong).limit(limit))
        return [(id_, of, state in OPEN) for id_, of, state in rows]


async def phones(db: Database, of: str) -> list[str]:
    """All numbers that this client uses now."""
    query = sa.select(contact.c.address).where(contact.c.client == of, contact.c.until.is_(None)).distinct()
    async with db.read() as conn:
        return sorted(await conn.scalars(query))


async def carded(db: Database, id_: str, shown: bool) -> None:
    async with db.write() as conn:
        await conn.execute(sa.update(invitation).where(_row.id == id_).values(on_card=shown))


async def _move(conn: AsyncConnection, id_: str, states: tuple[str, ...], **values: Any) -> None:
    await conn.execute(sa.update(invitation).where(_row.id == id_, _row.state.in_(states)).values(**values))


class Far(NamedTuple):
    """How far somebody came, as the journal tells it: the question shown, what became of the survey, and when."""

    invitation: str  # or the conversation of who began by themselves
    step: str
    became: str
    at: dt.datetime
    flow: str = ""
    release: str = ""


async def progress(conn: AsyncConnection, rows: Iterable[Far]) -> None:
    """Keeps it. Forwards only."""
    for id_, step, became, at, flow, release in sorted(rows, key=lambda row: (row.invitation, row.at)):
        if step:
            seen = insert(conn, reached).values(invitation=id_, flow=flow, step=step, at=at, release=release)
            await conn.execute(seen.on_conflict_do_nothing())
            newer = sa.or_(_row.heard_at.is_(None), _row.heard_at <= at)
            last = sa.update(invitation).where(_row.id == id_, newer)
            await conn.execute(last.values(step=step, heard_at=at))
        if became in OVER:
            await _move(conn, id_, OPEN, state=became, ended_at=at, open_for=None)


class _Elsewhere(Exception):
    """Another phone of this client answers the same questions, from the menu: the invitation stays as it is."""


class Invitations:
    """Implements ``flows.ports.Invitations``. Raises Unavailable."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock

    async def begin(self, key: str, caller: Caller, invitation: str, anew: bool) -> Begun | None:
        async def work(conn: AsyncConnection) -> list[Any]:
            return await self._claim(conn, caller, invitation, anew)

        try:
            claimed = await effects.once(self._db, self._clock, key, "begin invitation", work)
        except _Elsewhere:
            return None
        return Begun(claimed[0], claimed[1]) if claimed else None

    async def take(self, key: str, caller: Caller, flow: str) -> bool:
        async def work(conn: AsyncConnection) -> bool:
            return await answering.take(conn, caller, flow, self._clock.now())

        return await effects.once(self._db, self._clock, key, "take survey", work)

    async def _claim(self, conn: AsyncConnection, caller: Caller, id_: str, anew: bool) -> list[Any]:
        """``[step, answers]``, or nothing when it is another's or over."""
        now = self._clock.now()
        quiet = sa.func.coalesce(_row.heard_at, _row.begun_at) <= now - answering.LET_GO
        free = sa.or_(_row.state == "invited", _row.claimed_from == caller.address, quiet)
        mine = (_row.id == id_, _row.client == caller.client, _row.state.in_(OPEN), _row.closes_at > now)
        claim = sa.update(invitation).where(*mine, free)
        values = {"state": "begun", "conversation": caller.conversation, "claimed_from": caller.address}
        begun_at = sa.func.coalesce(_row.begun_at, now)
        done = await conn.execute(
            claim.values(**values, begun_at=begun_at).returning(_row.flow, _row.step, _row.invited_at)
        )
        found = done.one_or_none()
        if found is None:
            return []
        if not await answering.take(conn, caller, found.flow, now):
            raise _Elsewhere
        if anew or not found.step:
            return ["", []]
        return [found.step, await _answers(conn, caller.client, found.flow, found.invited_at)]


async def _answers(conn: AsyncConnection, of: str, flow: str, since: dt.datetime) -> list[list[Any]]:
    """The newest answer to each question of this flow since the invitation."""
    names = ("step", "kind", "value", "unit", "absent")
    mine = (observation.c.client == of, observation.c.flow == flow, observation.c.at >= since)
    query = sa.select(*(observation.c[name] for name in names)).where(*mine)
    rows = await conn.execute(query.order_by(observation.c.at, observation.c.turn))
    return list({row.step: list(row) for row in rows}.values())
