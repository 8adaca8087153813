"""Payments as staff look for them, with what providers said of one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from flows.paying.facts import CLOSED, State
from gateway.record.database import Database
from gateway.record.desk.seeing import own
from gateway.record.desk.staff import Staff
from gateway.record.payment_rows import Row, row_of
from gateway.record.tables import client, outbox, payment, payment_evidence

PAGE = 50
STATES: tuple[State, ...] = (
    "created",
    "sent",
    "unknown",
    "succeeded",
    "posting",
    "pending approval",
    "exception",
    "failed",
    "posted",
)


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that a provider said. ``raw`` is as it came, its numbers masked."""

    at: dt.datetime
    kind: str
    fact: dict[str, Any]
    proven: bool
    raw: str


@dataclass(frozen=True, slots=True)
class Payer:
    id: str
    name: str
    number: str


async def payments(db: Database, state: str, staff: Staff, before: tuple[dt.datetime, str] | None = None) -> list[Row]:
    """Of the clients whom they may see, the newest first, one more than a page if there is more. ``state`` may be "",
    "open" and each state. Raises Unavailable."""
    asked = sa.select(payment).where(own(payment.c.client, staff)).limit(PAGE + 1)
    asked = asked.order_by(payment.c.created_at.desc(), payment.c.id.desc())
    if state == "open":
        asked = asked.where(payment.c.state.not_in(CLOSED))
    elif state:
        asked = asked.where(payment.c.state == state)
    if before:
        asked = asked.where(sa.tuple_(payment.c.created_at, payment.c.id) < sa.tuple_(*_bound(before)))
    async with db.read() as conn:
        return [row_of(found) for found in await conn.execute(asked)]


def _bound(place: tuple[dt.datetime, str]) -> tuple[sa.ColumnElement[Any], sa.ColumnElement[Any]]:
    at, id_ = place
    return sa.literal(at, payment.c.created_at.type), sa.literal(id_)


async def theirs(db: Database, rows: list[Row], staff: Staff) -> list[Row]:
    """Those of the clients whom they may see. Raises Unavailable."""
    of = {row.payment.client for row in rows}
    async with db.read() as conn:
        seen = set(await conn.scalars(sa.select(client.c.id).where(client.c.id.in_(of), own(client.c.id, staff))))
    return [row for row in rows if row.payment.client in seen or not staff.only_own]


async def payers(db: Database, rows: list[Row]) -> dict[str, Payer]:
    """Who they are, by id."""
    asked = sa.select(client.c.id, client.c.name, client.c.number)
    async with db.read() as conn:
        found = await conn.execute(asked.where(client.c.id.in_({row.payment.client for row in rows})))
        return {row.id: Payer(*row) for row in found}


async def said_of(db: Database, payment_id: str) -> list[Said]:
    """The oldest first, what is proven and what is not."""
    one = payment_evidence.c
    asked = sa.select(one.at, one.kind, one.fact, one.proven, one.raw).where(one.payment == payment_id)
    async with db.read() as conn:
        return [Said(*row) for row in await conn.execute(asked.order_by(one.at, one.id))]


async def texts_of(db: Database, payment_id: str) -> list[dict[str, Any]]:
    """What was texted of it: to, text, state, reason, at; the oldest first."""
    one = outbox.c
    asked = sa.select(one.to, one.text, one.state, one.reason, one.created_at, one.sent_at)
    asked = asked.where(one.ref.startswith(f"payment:{payment_id}:", autoescape=True)).order_by(one.created_at)
    async with db.read() as conn:
        return [dict(row._mapping) for row in await conn.execute(asked)]
