"""What the record holds after the drill, read from SQL."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from gateway.record import tables
from gateway.record.database import Database

Row = Any


@dataclass(slots=True)
class Turn:
    """One turn of a conversation; ``told`` is None for a control event."""

    conversation: str
    number: int
    event: str = ""
    heard: str | None = None
    told: str | None = None
    flow: str = ""
    step: str = ""


@dataclass(slots=True)
class Record:
    """The rows that a drill compares. ``turns`` by address, in the order in which they were taken."""

    turns: dict[str, list[Turn]] = field(default_factory=lambda: defaultdict(list))
    conversations: list[Row] = field(default_factory=list)
    cases: list[Row] = field(default_factory=list)
    consents: list[Row] = field(default_factory=list)
    addresses: list[Row] = field(default_factory=list)
    observations: list[Row] = field(default_factory=list)
    clients: list[Row] = field(default_factory=list)  # with their addresses: one row for each
    pins_set: list[Row] = field(default_factory=list)
    outbox: list[Row] = field(default_factory=list)
    guessing: dict[str, Row] = field(default_factory=dict)


async def read(url: str) -> Record:
    db, t = Database(url), tables
    rows: dict[str, list[Row]] = {}
    asked = {
        "conversations": sa.select(t.conversation).order_by(t.conversation.c.started_at, t.conversation.c.id),
        "messages": sa.select(t.message).order_by(t.message.c.turn),
        "cases": sa.select(t.case),
        "consents": sa.select(t.consent).order_by(t.consent.c.at, t.consent.c.id),
        "addresses": sa.select(t.address),
        "observations": sa.select(t.observation),
        "clients": sa.select(t.client, t.contact.c.address).join(t.contact, t.contact.c.client == t.client.c.id),
        "pins_set": sa.select(t.audit).where(t.audit.c.what == "PIN set"),
        "outbox": sa.select(t.outbox),
        "guessing": sa.select(t.guessing),
    }
    async with db.read(snapshot=True) as conn:
        for name, query in asked.items():
            rows[name] = list(await conn.execute(query))
    await db.close()
    guessing = {row.subject: row for row in rows.pop("guessing")}
    return Record(turns=_turns(rows["conversations"], rows.pop("messages")), guessing=guessing, **rows)


async def unsent(url: str) -> int:
    """How many messages still wait to be sent."""
    db = Database(url)
    async with db.read() as conn:
        waiting = sa.select(sa.func.count()).where(tables.outbox.c.state == "queued")
        found = await conn.scalar(waiting)
    await db.close()
    return found or 0


def _turns(conversations: list[Row], messages: list[Row]) -> dict[str, list[Turn]]:
    by_place: dict[tuple[str, int], Turn] = {}
    for row in messages:
        turn = by_place.setdefault((row.conversation, row.turn), Turn(row.conversation, row.turn))
        turn.event = row.event
        if row.direction == "in":
            turn.heard, turn.flow, turn.step = row.text, row.flow, row.step
        else:
            turn.told = row.text
    by_address: dict[str, list[Turn]] = defaultdict(list)
    for conversation in conversations:
        number = 1
        while (conversation.id, number) in by_place:
            by_address[conversation.address].append(by_place.pop((conversation.id, number)))
            number += 1
        assert number == conversation.turn + 1, f"{conversation.id} has no turn {number} of {conversation.turn}"
    assert not by_place, f"messages of no conversation, or beyond its last turn: {sorted(by_place)}"
    return by_address
