"""What is known of one client, but for the bank's accounts and the time line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.record import clients, contacts
from gateway.record.clients import Client
from gateway.record.consents import UNASKED
from gateway.record.contacts import Contact
from gateway.record.database import Database
from gateway.record.desk.cases import CaseLine, cases_of
from gateway.record.desk.seeing import serves, visible, workable
from gateway.record.desk.staff import Staff
from gateway.record.tables import account, client, consent, invitation, observation, party, payment, pin

ANSWERS, INVITATIONS = 20, 5  # the newest ones


@dataclass(frozen=True, slots=True)
class Related:
    """Somebody or something that the client is related to. ``client`` is the id of the other when it is a client;
    ``back``: it is the other who has the role."""

    role: str
    kind: str
    name: str
    since: dt.date
    until: dt.date | None
    client: str = ""
    back: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """What holds for one purpose. ``at`` is None where the client was never asked."""

    purpose: str
    given: bool
    at: dt.datetime | None = None
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """One observation."""

    field: str
    kind: str
    value: Any
    unit: str
    absent: str
    at: dt.datetime
    channel: str
    flow: str
    step: str
    conversation: str
    who: str


@dataclass(frozen=True, slots=True)
class Invited:
    """One survey that the client was to be asked for. Whom its answers are hidden from sees no more than that."""

    flow: str
    state: str
    reason: str
    at: dt.datetime  # when it was invited, or was to be
    ended_at: dt.datetime | None
    closes_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class ClientPage:
    client: Client
    since: dt.datetime  # in the record
    pin: str  # set, waiting for its code, none
    contacts: list[Contact]
    related: list[Related]
    consents: list[Choice]
    answers: list[Told]
    cases: list[CaseLine]
    invited: list[Invited]


async def client_page(db: Database, id_: str, staff: Staff) -> ClientPage | None:
    """None: there is no such client, or none of theirs. Raises Unavailable."""
    if not await serves(db, id_, staff):
        return None
    async with db.read(snapshot=True) as conn:
        who = await clients.find(conn, id_)
        if who is None:
            return None
        created = await conn.scalar(sa.select(client.c.created_at).where(client.c.id == id_))
        return ClientPage(
            client=who,
            since=created or dt.datetime.min.replace(tzinfo=dt.UTC),
            pin=await _pin(conn, id_),
            contacts=await contacts.of(conn, id_),
            related=await _related(conn, id_),
            consents=await _consents(conn, id_),
            answers=await _answers(conn, id_, staff),
            cases=await cases_of(conn, id_, staff),
            invited=await _invited(conn, id_, staff),
        )


async def name_of(db: Database, id_: str) -> Client | None:
    async with db.read() as conn:
        return await clients.find(conn, id_)


async def marks_of(db: Database, id_: str) -> set[str]:
    """What their accounts and receipts are called: to be masked in texts."""
    numbers = sa.select(account.c.ref).where(account.c.client == id_)
    paid = sa.select(payment.c.account, payment.c.receipt).where(payment.c.client == id_).distinct()
    async with db.read() as conn:
        return {*await conn.scalars(numbers), *(word for row in await conn.execute(paid) for word in row)} - {""}


async def _pin(conn: AsyncConnection, id_: str) -> str:
    found = (await conn.execute(sa.select(pin.c.hash, pin.c.code_hash).where(pin.c.client == id_))).one_or_none()
    if found is None:
        return "none"
    return "set" if found.hash else "waiting for its code" if found.code_hash else "none"


async def _related(conn: AsyncConnection, id_: str) -> list[Related]:
    found = await contacts.relations(conn, id_)
    others = {one.client if one.other == id_ else one.other for one in found}
    people, parties = await _names(conn, client.c.id, others), await _names(conn, party.c.ref, others)
    made = []
    for one in found:
        back = one.client != id_
        other = one.client if back else one.other
        is_client = back or one.other_kind == "client"
        name = (people if is_client else parties).get(other, other)
        link = other if is_client else ""
        made.append(Related(one.role, one.other_kind, name, one.since, one.until, link, back))
    return made


async def _names(conn: AsyncConnection, key: sa.Column[Any], wanted: Iterable[str]) -> dict[str, str]:
    found = await conn.execute(sa.select(key, key.table.c.name).where(key.in_(sorted(wanted))))
    return {one: name for one, name in found}  # noqa: C416 - rows are no pairs to a type checker


async def _consents(conn: AsyncConnection, id_: str) -> list[Choice]:
    asked = sa.select(consent.c.purpose, consent.c.given, consent.c.at, consent.c.channel)
    asked = asked.where(consent.c.client == id_).order_by(consent.c.at, consent.c.id)
    made = {row.purpose: Choice(*row) for row in await conn.execute(asked)}
    return [made.get(purpose) or Choice(purpose, given) for purpose, given in UNASKED.items()]


async def _answers(conn: AsyncConnection, id_: str, staff: Staff) -> list[Told]:
    one = observation.c
    asked = sa.select(*(one[name] for name in Told.__dataclass_fields__))
    seen = visible(one.hidden_from, one.client, staff)
    asked = asked.where(one.client == id_, one.field != "case.note", seen)
    found = await conn.execute(asked.order_by(one.at.desc(), one.id.desc()).limit(ANSWERS))
    return [Told(**row._mapping) for row in found]


async def _invited(conn: AsyncConnection, id_: str, staff: Staff) -> list[Invited]:
    its = invitation.c
    at, seen = sa.func.coalesce(its.invited_at, its.due_at), workable(its.hidden_from, its.client, staff)
    asked = sa.select(its.flow, its.state, its.reason, at, its.ended_at, its.closes_at, seen)
    found = await conn.execute(asked.where(its.client == id_).order_by(at.desc(), its.id.desc()).limit(INVITATIONS))
    made = [(Invited(*row[:6]), bool(row[6])) for row in found]
    known = ("scheduled", "left out", "invited")
    return [one if full or one.state in known else replace(one, state="invited", ended_at=None) for one, full in made]
