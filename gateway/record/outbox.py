"""What must be told by a message of its own: rows written with what they tell of, sent afterwards by a job.

A row's ``next_at`` is the truth of when it is due; jobs are only hints. Claiming a row pushes ``next_at`` past the
time that sending may take, so a row whose job was killed becomes due again. States go forwards only:
queued → uncertain → sent → failed → delivered.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from flows.screens import gsm7
from flows.screens.typography import SMS, phone_safe
from gateway.record.database import Database, insert
from gateway.record.tables import outbox

LEASE = dt.timedelta(seconds=12)
PAUSES = (5, 15, 60, 300, 900, 3600, 3600, 3600, 3600, 3600)  # seconds before the next try
TRIES = len(PAUSES) + 1
REASON = 200  # the width of outbox.reason
TROUBLES = ("uncertain", "failed")
WENT, DROPPED, AGAIN = "a person: it went out", "a person: it did not go out", "a person: sent again"  # reasons
ORDER = ("queued", "uncertain", "sent", "failed", "delivered")


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row that is ours to send until its lease runs out. An empty ``channel`` is the institution's first for SMS."""

    ref: str
    channel: str
    to: str = field(repr=False)
    text: str = field(repr=False)
    tries: int


async def put(  # noqa: PLR0913 - a row's columns, each by its name
    conn: AsyncConnection,
    *,
    ref: str,
    to: str,
    text: str,
    now: dt.datetime,
    channel: str = "",
    purpose: str = "service",
    client: str = "",
) -> None:
    """Queues one message inside the caller's transaction. The same ``ref`` is queued once, whoever asks again."""
    row = {"ref": ref, "to": to, "text": text, "created_at": now, "channel": channel, "purpose": purpose}
    await put_many(conn, [row | {"client": client}])


async def put_many(conn: AsyncConnection, rows: Iterable[dict[str, Any]]) -> None:
    """Queues rows of ``ref``, ``to``, ``text``, ``client``, ``created_at``; many in the order of their ``ref``.

    A text is kept as it goes out, in letters of a phone: one curly quotation mark would double its price.
    """
    made = [_QUEUED | {"next_at": row["created_at"]} | row | {"text": phone_safe(row["text"], SMS)} for row in rows]
    if made:
        await conn.execute(insert(conn, outbox).on_conflict_do_nothing(), made)


async def due(db: Database, now: dt.datetime, limit: int) -> list[str]:
    """References of what is due, the longest waiting first."""
    asked = sa.select(_row.ref).where(_row.state == "queued", _row.next_at <= now).order_by(_row.next_at).limit(limit)
    async with db.read() as conn:
        return list(await conn.scalars(asked))


async def claim(db: Database, refs: Iterable[str], now: dt.datetime) -> list[Claimed]:
    """Those of ``refs`` that are still due, now ours until ``now + LEASE``. Of two who claim, one gets a row."""
    is_due = sa.and_(_row.ref.in_(sorted(refs)), _row.state == "queued", _row.next_at <= now)
    taken = sa.update(outbox).where(is_due).values(next_at=now + LEASE, tries=_row.tries + 1)
    async with db.write() as conn:
        rows = await conn.execute(taken.returning(_row.ref, _row.channel, _row.to, _row.text, _row.tries))
        return [Claimed(*row) for row in rows]


async def sent(db: Database, ref: str, now: dt.datetime, provider_ref: str = "", cost: str = "") -> None:
    """The provider has it."""
    await _forwards(db, ref, "sent", sent_at=now, provider_ref=provider_ref, cost=cost, reason="")


async def failed(db: Database, ref: str, reason: str) -> None:
    """It will never go."""
    await _forwards(db, ref, "failed", reason=reason[:REASON])


async def uncertain(db: Database, ref: str, reason: str) -> None:
    """It may have gone out: it is not tried again, and a report can still say what became of it."""
    await _forwards(db, ref, "uncertain", reason=reason[:REASON])


async def retry(db: Database, claimed: Claimed, now: dt.datetime, reason: str, least: int = 0) -> None:
    """Tries again after a pause that grows, of ``least`` seconds and up to an hour; after the last one the message has
    failed."""
    if claimed.tries >= TRIES:
        await failed(db, claimed.ref, reason)
        return
    again = now + dt.timedelta(seconds=max(PAUSES[claimed.tries - 1], min(least, max(PAUSES))))
    ours = sa.and_(_row.ref == claimed.ref, _row.state == "queued", _row.tries == claimed.tries)
    async with db.write() as conn:
        await conn.execute(sa.update(outbox).where(ours).values(next_at=again, reason=reason[:REASON]))


async def reported(db: Database, ref: str, state: str, reason: str = "") -> bool:
    """A delivery report: ``sent``, ``delivered`` or ``failed``, under our reference or the provider's. False where
    there is no such message (yet)."""
    async with db.read() as conn:
        ours = await conn.scalar(sa.select(_row.ref).where(sa.or_(_row.ref == ref, _row.provider_ref == ref)).limit(1))
    if not ref or ours is None:
        return False
    await _forwards(db, ours, state, reason=reason[:REASON])
    return True


def parts(text: str) -> int:
    """The SMS parts that it is charged as."""
    return len(gsm7.segments(text))


async def troubles(db: Database, since: dt.datetime) -> dict[str, int]:
    """How many of the messages made since then are ``uncertain`` or have ``failed``: a person must look at them."""
    counted = sa.select(_row.state, sa.func.count()).where(unsettled(), _row.created_at >= since)
    async with db.read() as conn:
        rows = (await conn.execute(counted.group_by(_row.state))).all()
    return {state: count for state, count in rows}  # noqa: C416 - rows are no pairs to a type checker


def unsettled() -> sa.ColumnElement[bool]:
    """Uncertain or failed, and nobody has settled it."""
    return sa.and_(_row.state.in_(TROUBLES), _row.reason.not_in((DROPPED, AGAIN)))


async def inbox(db: Database, phone: str, limit: int = 20) -> list[dict[str, str]]:
    """What was sent to a handset, the newest first: ``text``, ``at`` (ISO 8601, UTC) and ``ref``."""
    there = _row.state.in_(("sent", "delivered"))
    at = sa.func.coalesce(_row.sent_at, _row.created_at)  # a report may tell of one that we did not see go out
    asked = sa.select(_row.text, at, _row.ref).where(_row.to == phone, there)
    async with db.read() as conn:
        rows = await conn.execute(asked.order_by(at.desc(), _row.ref.desc()).limit(limit))
        return [{"text": text, "at": sent.isoformat(), "ref": ref} for text, sent, ref in rows]


async def _forwards(db: Database, ref: str, state: str, **values: Any) -> None:
    before = ORDER[: ORDER.index(state)]
    moved = sa.update(outbox).where(_row.ref == ref, _row.state.in_(before))
    async with db.write() as conn:
        await conn.execute(moved.values(state=state, next_at=None, **values))


_row = outbox.c
_QUEUED = {"channel": "", "purpose": "service", "client": "", "state": "queued"}
