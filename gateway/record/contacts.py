"""How clients are reached, and whom they are related to. Nothing is deleted: what is over gets an end.

Several clients may use one phone, one client may have several. Each function works inside the caller's transaction.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.ids import new_id
from gateway.record.clients import Told
from gateway.record.database import insert_new
from gateway.record.tables import contact, relationship


@dataclass(frozen=True, slots=True)
class Contact:
    """An address that a client uses, or used until ``until``."""

    kind: str  # phone, or a channel whose addresses are its own
    address: str  # E.164 for a phone
    since: dt.datetime
    until: dt.datetime | None
    source: str


@dataclass(frozen=True, slots=True)
class Relation:
    """A client and any other party in a role: kinds of party and roles are declared in ``kinds.yaml``."""

    client: str
    role: str
    other_kind: str  # client, account, or a kind of party
    other: str  # its id, its account reference, or the party's reference
    since: dt.date
    until: dt.date | None = None


async def add(conn: AsyncConnection, client: str, address: str, told: Told, kind: str = "phone") -> bool:
    """Joins a client to an address; False if they were joined already."""
    row = {"id": new_id(), "client": client, "kind": kind, "address": address, "since": told.at, "source": told.source}
    return await insert_new(conn, contact, row)


async def end(conn: AsyncConnection, client: str, address: str, at: dt.datetime) -> bool:
    """The client uses this address no more; False if they did not. A later ``add`` begins a new time of use."""
    now = (contact.c.client == client, contact.c.address == address, contact.c.until.is_(None))
    done = await conn.execute(sa.update(contact).where(*now).values(until=at))
    return done.rowcount > 0


async def of(conn: AsyncConnection, client: str) -> list[Contact]:
    """All contacts of a client, former ones too, oldest first."""
    columns = [contact.c[name] for name in Contact.__dataclass_fields__]
    query = sa.select(*columns).where(contact.c.client == client).order_by(contact.c.since, contact.c.id)
    return [Contact(**row._mapping) for row in await conn.execute(query)]


async def relate(conn: AsyncConnection, relation: Relation, source: str = "") -> bool:
    """Writes a relation down; False if it stands already (the same role since the same day)."""
    return await insert_new(conn, relationship, asdict(relation) | {"id": new_id(), "source": source})


async def end_relation(conn: AsyncConnection, relation: Relation, on: dt.date) -> bool:
    """The relation ended on that day; False if there is none that is open."""
    names = ("client", "role", "other_kind", "other", "since")
    same = [relationship.c[name] == getattr(relation, name) for name in names]
    done = await conn.execute(sa.update(relationship).where(*same, relationship.c.until.is_(None)).values(until=on))
    return done.rowcount > 0


async def relations(conn: AsyncConnection, client: str) -> list[Relation]:
    """What a client is to others, and others to this client when they are clients; former ones too."""
    columns = [relationship.c[name] for name in Relation.__dataclass_fields__]
    other = sa.and_(relationship.c.other_kind == "client", relationship.c.other == client)
    query = sa.select(*columns).where(sa.or_(relationship.c.client == client, other))
    return [Relation(**row._mapping) for row in await conn.execute(query.order_by(relationship.c.since))]
