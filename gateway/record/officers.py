"""Which member of staff serves a client, as imports say it: by a reference, with the name where it is new.

Each function works inside the caller's transaction.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.ids import new_id
from gateway.record import contacts
from gateway.record.contacts import Relation
from gateway.record.database import insert_new
from gateway.record.tables import party, relationship

KIND, ROLE = "staff", "officer"  # in kinds.yaml
_CELL = re.compile(r"([A-Za-z0-9][A-Za-z0-9./_-]{0,39})(?:\s+(.{1,200}))?")
_THEIRS = (relationship.c.role == ROLE, relationship.c.until.is_(None))


class Officer(NamedTuple):
    ref: str
    name: str = ""


def read(text: str) -> Officer:
    """``E-0001``, ``E-0001 Peter Maina``. Raises ValueError with what to write."""
    found = _CELL.fullmatch(" ".join(text.split()))
    if found is None or not any(char.isdigit() for char in found[1]):
        raise ValueError("write the reference of the officer, and the name after it: E-0001 Peter Maina")
    return Officer(found[1], found[2] or "")


async def serving(conn: AsyncConnection, clients: Collection[str]) -> dict[str, str]:
    """By client, the reference of their officer now."""
    asked = sa.select(relationship.c.client, relationship.c.other).where(relationship.c.client.in_(clients), *_THEIRS)
    return {client: ref for client, ref in await conn.execute(asked)}  # noqa: C416 - rows are no pairs to a type checker


async def others(conn: AsyncConnection, refs: Collection[str]) -> set[str]:
    """Those of the references that are taken by a party which is no member of staff."""
    return set(await conn.scalars(sa.select(party.c.ref).where(party.c.ref.in_(refs), party.c.kind != KIND)))


async def serve(conn: AsyncConnection, client: str, officer: Officer, on: dt.date, source: str) -> None:
    """From that day on it is this one; whoever was it before is no more."""
    row = {"id": new_id(), "kind": KIND, "ref": officer.ref, "name": officer.name or officer.ref}
    if not await insert_new(conn, party, row) and officer.name:
        nameless = sa.update(party).where(party.c.ref == officer.ref, party.c.name == party.c.ref)
        await conn.execute(nameless.values(name=officer.name))
    theirs = (relationship.c.client == client, *_THEIRS)
    await conn.execute(sa.update(relationship).where(*theirs, relationship.c.other != officer.ref).values(until=on))
    if not await contacts.relate(conn, Relation(client, ROLE, KIND, officer.ref, on), source):
        again = sa.update(relationship).where(relationship.c.client == client, relationship.c.role == ROLE)
        await conn.execute(
            again.where(relationship.c.other == officer.ref, relationship.c.since == on).values(until=None)
        )
