"""Clients: who they are and where they stand with the institution, with the history of that.

Each function works inside the caller's transaction (``db.read`` or ``db.write``).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from flows import life
from flows.life import STAGES
from gateway.ids import new_id
from gateway.record import events, words
from gateway.record.database import insert_new
from gateway.record.tables import client, contact, stage


class NumberTaken(Exception):
    """Another client has this client number already."""


@dataclass(frozen=True, slots=True)
class Person:
    """What is written down of a client. ``nickname`` is what they call themselves on a phone that they share."""

    number: str
    name: str
    short_name: str = ""
    nickname: str = ""
    language: str = ""
    birth_date: dt.date | None = None
    stage: str = "prospect"


@dataclass(frozen=True, slots=True)
class Client(Person):
    """A person as the record has them."""

    id: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """When something came to be known, and from where: ``clients.csv row 4``, ``staff jane``."""

    at: dt.datetime
    source: str = ""


_COLUMNS = [client.c[name] for name in Client.__dataclass_fields__]


async def create(conn: AsyncConnection, person: Person, told: Told) -> str:
    """The id of the new client. Raises NumberTaken; ValueError for a stage that is none."""
    made = new_id()
    row = asdict(person) | {"id": made, "stage": _known(person.stage), "created_at": told.at, "source": told.source}
    if not await insert_new(conn, client, row):
        raise NumberTaken
    await words.add(conn, made, f"{person.name} {person.nickname}", person.number)
    await _enter(conn, made, person.stage, told)
    return made


async def update(conn: AsyncConnection, who: Client, changes: Mapping[str, Any], told: Told) -> list[str]:
    """Writes what differs and returns the names of it; a new stage is added to the history.

    Raises NumberTaken, and ValueError for a stage that is none.
    """
    changed = {name: value for name, value in changes.items() if getattr(who, name) != value}
    if not changed:
        return []
    if "stage" in changed:
        entered = await _enter(conn, who.id, _known(changed["stage"]), told)
        await events.put(conn, who.id, life.became(changed["stage"]), f"stage:{entered}", told.at)
    if "number" in changed and await find_by_number(conn, changed["number"]):
        raise NumberTaken
    await conn.execute(sa.update(client).where(client.c.id == who.id).values(**changed))
    if {"name", "nickname", "number"} & set(changed):
        now = replace(who, **changed)
        await words.keep(conn, who.id, f"{now.name} {now.nickname}", now.number)
    return list(changed)


async def find(conn: AsyncConnection, id_: str) -> Client | None:
    return await _one(conn, client.c.id == id_)


async def find_by_number(conn: AsyncConnection, number: str) -> Client | None:
    """By the client number on the pass book."""
    return await _one(conn, client.c.number == number)


async def find_by_phone(conn: AsyncConnection, phone: str) -> list[Client]:
    """Everyone who uses this number now, by client number: several on a shared phone."""
    query = (
        sa.select(*_COLUMNS)
        .distinct()
        .join(contact, contact.c.client == client.c.id)
        .where(contact.c.address == phone, contact.c.until.is_(None))
        .order_by(client.c.number)
    )
    return [Client(**row._mapping) for row in await conn.execute(query)]


async def stages(conn: AsyncConnection, id_: str) -> list[tuple[str, dt.datetime]]:
    """The stages a client went through, oldest first."""
    query = sa.select(stage.c.stage, stage.c.since).where(stage.c.client == id_).order_by(stage.c.since, stage.c.id)
    return [(row.stage, row.since) for row in await conn.execute(query)]


async def _one(conn: AsyncConnection, condition: sa.ColumnElement[bool]) -> Client | None:
    row = (await conn.execute(sa.select(*_COLUMNS).where(condition))).one_or_none()
    return Client(**row._mapping) if row else None


async def _enter(conn: AsyncConnection, id_: str, name: str, told: Told) -> str:
    """The id of the row of this stage."""
    row = {"id": new_id(), "client": id_, "stage": name, "since": told.at, "source": told.source}
    await conn.execute(sa.insert(stage).values(**row))
    return str(row["id"])


def _known(name: str) -> str:
    if name not in STAGES:
        raise ValueError(f"the stage must be one of {', '.join(STAGES)}")
    return name
