"""Who of the staff is whom in the record: a party that clients are related to, or nobody.

Each function works inside the caller's transaction.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.record.desk.seeing import NO_PARTY
from gateway.record.desk.staff import BadStaff, Staff, everybody
from gateway.record.tables import party, relationship, staff
from gateway.record.words import folded

MOST = 500  # parties that are offered


class Party(NamedTuple):
    ref: str
    name: str
    kind: str


async def parties(conn: AsyncConnection) -> list[Party]:
    """Those who can be linked to, members of staff before all others."""
    asked = sa.select(party.c.ref, party.c.name, party.c.kind)
    asked = asked.order_by(party.c.kind != "staff", party.c.name, party.c.ref).limit(MOST)
    return [Party(*row) for row in await conn.execute(asked)]


async def served(conn: AsyncConnection, refs: Iterable[str]) -> dict[str, int]:
    """How many clients each of these parties has now."""
    its = relationship.c
    asked = sa.select(its.other, sa.func.count(its.client.distinct())).group_by(its.other)
    asked = asked.where(its.other.in_(set(refs)), its.other_kind.not_in(NO_PARTY), its.until.is_(None))
    return {ref: count for ref, count in await conn.execute(asked)}  # noqa: C416 - rows are no pairs to a type checker


async def check(conn: AsyncConnection, who: Staff, *, another: bool = False) -> None:
    """Raises BadStaff for a link to nobody, and for none where an officer has the name. ``another``: it is known that
    they are another person.

    Whoever is linked to nobody reads what clients say about officers: that must not be the officer.
    """
    if who.ref:
        if await conn.scalar(sa.select(party.c.ref).where(party.c.ref == who.ref)) is None:
            says = f"The record has no {who.ref}. It learns of officers by the column “officer” of njia clients import."
            raise BadStaff(says)
        return
    same = [] if another else await namesakes(conn, who)
    if same:
        says = (
            f"{same[0].ref} in the record has the same name. Link {who.email} to it, or say that it is another person."
        )
        raise BadStaff(says)


async def namesakes(conn: AsyncConnection, who: Staff) -> list[Party]:
    """Officers of the record who have the same names, in whatever order."""
    is_officer = sa.select(relationship.c.id).where(
        relationship.c.other == party.c.ref, relationship.c.role == "officer"
    )
    asked = sa.select(party.c.ref, party.c.name, party.c.kind).where(
        sa.or_(party.c.kind == "staff", is_officer.exists())
    )
    found = [Party(*row) for row in await conn.execute(asked.order_by(party.c.ref))]
    return [one for one in found if sorted(folded(one.name)) == sorted(folded(who.name))]


async def doubtful(conn: AsyncConnection) -> list[Staff]:
    """Who can log in, is linked to nobody and is called like an officer."""
    able = [who for who in await everybody(conn) if not who.ref and not who.disabled]
    return [who for who in able if await namesakes(conn, who)]


async def able(conn: AsyncConnection, now: dt.datetime) -> tuple[int, int]:
    """How many can log in, or will with the link they have; and how many of them are administrators."""
    waits = sa.and_(staff.c.link != "", sa.or_(staff.c.link_until.is_(None), staff.c.link_until <= now))
    admins = sa.func.count().filter(staff.c.role == "admin")
    asked = sa.select(sa.func.count(), admins).where(staff.c.disabled_at.is_(None), sa.not_(waits))
    found = (await conn.execute(asked)).one()
    return found[0], found[1]
