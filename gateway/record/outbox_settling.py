"""Messages that no program can say more about, and the person who does: they went out, they did not, send them again.

A state still goes forwards only. What is sent again is another message, under a reference that follows from the first,
so that two people who decide the same send it once.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.record import auditing, outbox
from gateway.record.consents import agrees
from gateway.record.database import Database
from gateway.record.tables import contact
from gateway.record.tables import outbox as table

Way = Literal["went out", "not sent", "send again"]
WAYS: dict[Way, tuple[str, ...]] = {  # what may be said of which states
    "went out": ("uncertain",),
    "not sent": ("uncertain", "failed"),
    "send again": ("uncertain", "failed"),
}
AGAIN = "again:"  # before the reference of the message that is sent again; the second time "again:2:"
SAID_NO = "The client or the number wants no such message ({}). Nothing was sent."
LEFT = "The client does not use that number any more. Nothing was sent."
ABOUT = 80  # the width of audit.about
_again = re.compile(r"again:(?:(\d+):)?(?=.)", re.DOTALL)
_row = table.c


class NotWanted(Exception):
    """It is not sent again, since its reader would not have it; the text says why. It waits as before."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message that waits for a person."""

    ref: str
    to: str = field(repr=False)
    purpose: str
    state: str
    reason: str
    created_at: dt.datetime
    provider_ref: str


async def waiting(db: Database, since: dt.datetime, limit: int = 200) -> list[Message]:
    """Those that are uncertain or have failed, made since then, the newest first. What was sent again waits no more."""
    columns = [_row[name] for name in Message.__dataclass_fields__]
    asked = sa.select(*columns).where(outbox.unsettled(), _row.created_at >= since)
    async with db.read() as conn:
        rows = await conn.execute(asked.order_by(_row.created_at.desc(), _row.ref).limit(limit))
        return [Message(**row._mapping) for row in rows]


async def settle(db: Database, ref: str, way: Way, who: str, why: str, now: dt.datetime) -> str:
    """What became of it: its state now, ``queued`` for what goes out again; "" where there is nothing to decide.

    Of two who decide at once, the first decides. What was said, by whom and why is in the audit. Only what is of
    service goes out again whatever was said since. Raises NotWanted.
    """
    async with db.write() as conn:
        state = await _decide(db, conn, ref, way, now)
        if state:
            await auditing.note(conn, now, who, "message settled", ref[:ABOUT], {"way": way}, why=why)
        return state


async def _decide(db: Database, conn: AsyncConnection, ref: str, way: Way, now: dt.datetime) -> str:
    values: dict[str, Any] = {
        "state": "failed",
        "reason": outbox.AGAIN if way == "send again" else outbox.DROPPED,
        "next_at": None,
    }
    if way == "went out":
        values = {"state": "sent", "reason": outbox.WENT, "sent_at": now}
    open_ = sa.update(table).where(_row.ref == ref, outbox.unsettled(), _row.state.in_(WAYS[way]))
    found = (await conn.execute(open_.values(**values).returning(*table.c))).one_or_none()
    if found is None:
        return ""
    if way != "send again":
        return str(values["state"])
    if found.purpose != "service":
        await _check_wanted(db, conn, found.client, found.to, found.purpose)
    about = {name: found._mapping[name] for name in ("to", "text", "channel", "purpose", "client")}
    await outbox.put(conn, ref=_next(ref), now=now, **about)
    return "queued"


def _next(ref: str) -> str:
    """``again:a`` of ``a``, ``again:2:a`` of that: however often, it is hardly longer."""
    found = _again.match(ref)
    return f"{AGAIN}{int(found[1] or 1) + 1}:{ref[found.end() :]}" if found else AGAIN + ref


async def _check_wanted(db: Database, conn: AsyncConnection, client: str, to: str, purpose: str) -> None:
    if not await agrees(db, client, to, purpose):
        raise NotWanted(SAID_NO.format(purpose))
    theirs = sa.exists().where(contact.c.client == client, contact.c.address == to, contact.c.until.is_(None))
    if client and not await conn.scalar(sa.select(theirs)):
        raise NotWanted(LEFT)
