"""Lists of payments for staff, for reconciling and for the gauges; and money that is nobody's yet."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

import sqlalchemy as sa

from flows.paying.facts import CLOSED, Payment
from flows.products.chart import SUSPENSE
from gateway.record.database import Database
from gateway.record.payment_rows import Row, rows
from gateway.record.tables import ledger
from gateway.record.tables import payment as table


class Counts(NamedTuple):
    """``open``: payments that are not closed; ``people``: of them those that wait for a person; ``late``: seconds that
    the longest waiting one is overdue for a look."""

    open: int
    people: int
    late: float


async def unfinished(db: Database) -> list[Row]:
    """What is under way or waits for somebody, the oldest first. Raises Unavailable."""
    async with db.read() as conn:
        return await rows(conn, table.c.state.not_in(CLOSED))


async def since(db: Database, provider: str, moment: dt.datetime) -> list[Payment]:
    """The payments of one provider that were made or moved since then. Raises Unavailable."""
    newer = sa.or_(table.c.created_at >= moment, table.c.moved_at >= moment)
    async with db.read() as conn:
        return [row.payment for row in await rows(conn, table.c.provider == provider, newer)]


async def counts(db: Database, now: dt.datetime) -> Counts:
    """Raises Unavailable."""
    waits = sa.func.count().filter(table.c.state.in_(("exception", "pending approval")))
    asked = sa.select(sa.func.count(), waits, sa.func.min(table.c.next_at)).where(table.c.state.not_in(CLOSED))
    async with db.read() as conn:
        open_, people, first = (await conn.execute(asked)).one()
    return Counts(open_, people, max(0.0, (now - first).total_seconds()) if first else 0.0)


async def suspended(db: Database, receipt: str | None = None) -> list[dict[str, Any]]:
    """Money in suspense by the receipt it came with, the oldest first, of one ``receipt`` or of all; what was taken out
    again is not there."""
    left = sa.func.sum(ledger.c.minor)
    asked = sa.select(ledger.c.provider_ref, ledger.c.currency, left, sa.func.min(ledger.c.on))
    asked = asked.where(ledger.c.book == SUSPENSE, *([] if receipt is None else [ledger.c.provider_ref == receipt]))
    asked = asked.group_by(ledger.c.provider_ref, ledger.c.currency).having(left != 0)
    async with db.read() as conn:
        found = (await conn.execute(asked.order_by(sa.func.min(ledger.c.on), ledger.c.provider_ref))).all()
    return [
        {"receipt": receipt, "currency": currency, "amount_minor": -int(minor), "on": on.isoformat()}
        for receipt, currency, minor, on in found
    ]
