"""Payments in the record: what the worker and staff do with their rows. The port of conversations is ``collecting``.

A row's ``next_at`` is the truth of when somebody must look at it; jobs are only hints. Claiming a row pushes
``next_at`` past the time that a look may take, so a payment whose worker was killed comes due again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from flows.paying import looks, machine
from flows.paying.facts import Decided, Fact, NotPaid, Paid, Payment, SessionOver, Told
from flows.paying.money_in import DOUBTS
from flows.paying.saying import why
from gateway.record import outbox, suspended
from gateway.record.database import Database
from gateway.record.payment_evidence import Unclaimed, bounded, evidence, keep, said, said_in, unclaimed
from gateway.record.payment_rows import Row, columns, locked, open_for, row_of, rows
from gateway.record.tables import outbox as outbox_table
from gateway.record.tables import payment as table

__all__ = [
    "LEASE",
    "Claimed",
    "Row",
    "Unclaimed",
    "apply",
    "claim",
    "due",
    "evidence",
    "find",
    "needing_person",
    "put_off",
    "said",
    "start",
    "unclaimed",
]

LEASE = dt.timedelta(seconds=8)
Claimed = Row
TextsOf = Callable[[Row, Told], str]  # "": nothing is sent


async def due(db: Database, now: dt.datetime, limit: int) -> list[str]:
    """The ids of what is due, the longest waiting first. Raises Unavailable."""
    asked = sa.select(table.c.id).where(table.c.next_at <= now).order_by(table.c.next_at).limit(limit)
    async with db.read() as conn:
        return list(await conn.scalars(asked))


async def claim(db: Database, ids: Iterable[str], now: dt.datetime) -> list[Claimed]:
    """Those of ``ids`` that are due, now ours until ``now + LEASE``. Of two who claim, one gets a row."""
    is_due = sa.and_(table.c.id.in_(sorted(ids)), table.c.next_at <= now)
    free = sa.select(table.c.id).where(is_due).order_by(table.c.id).with_for_update(skip_locked=True)
    taken = sa.update(table).where(table.c.id.in_(free), is_due).returning(table)
    async with db.write() as conn:
        found = await conn.execute(taken.values(next_at=now + LEASE, tries=table.c.tries + 1))
        return [row_of(each) for each in found]


async def put_off(db: Database, ids: Iterable[str], until: dt.datetime) -> None:
    """Those that still wait for the end of a session are looked at again then; one write for all."""
    waiting = sa.and_(table.c.id.in_(sorted(ids)), table.c.state == "created")
    async with db.write() as conn:
        await conn.execute(sa.update(table).where(waiting).values(next_at=until))


async def start(db: Database, payment_id: str, now: dt.datetime) -> Payment | None:
    """Writes that the wallet is about to be asked (``SessionOver``): the payment as ``sent``.

    None if this call did not do that (somebody else was first): then nobody may send it now. Call the provider's
    ``request`` only after this has returned a payment. Raises LookupError, Unavailable, Uncertain.
    """
    async with db.write() as conn:
        row = await locked(conn, payment_id)
        for known in await said_in(conn, payment_id):
            if machine.after(row.payment, known, now) is not row.payment:
                return None  # it has been decided, and only that was not applied yet
        later = machine.after(row.payment, SessionOver(), now)
        if later is row.payment:
            return None
        await _write(conn, row, later, SessionOver(), now, lambda row, told: "")  # it tells nothing
    return later


async def apply(  # noqa: PLR0913
    db: Database,
    payment_id: str,
    fact: Fact,
    now: dt.datetime,
    texts_of: TextsOf,
    *,
    resends: bool = False,
    of: Payment | None = None,
) -> Payment:
    """One transaction: the row is read and locked, moved by ``machine.after``, and written with its history, what
    the provider said (money, or none) and what the payer is texted. Returns the payment as it is now.

    What proven callbacks have said by now is applied first, whatever the fact is.

    ``texts_of`` is asked within the transaction and does no I/O; its ``Row`` is the payment *after* the fact (it has
    the receipt). ``resends`` is the provider's; ``of``, with the answer to a request, is what ``start`` returned.
    Raises LookupError, Unavailable, Uncertain (ask again: a fact that is applied twice changes nothing).
    """
    fact = bounded(fact)
    async with db.write() as conn:
        row = await locked(conn, payment_id)
        if isinstance(fact, Paid | NotPaid):
            ours = row.payment
            await keep(conn, ours.id, fact, now, payment_id=ours.id, provider=ours.provider, proven=True)
        for known in (*await said_in(conn, payment_id), fact):
            place = await _place(conn, row.payment, known)
            later = machine.after(row.payment, known, now, resends=resends, of=of, place=place)
            if later is not row.payment:
                row = await _write(conn, row, later, known, now, texts_of)
    return row.payment


async def _place(conn: AsyncConnection, payment: Payment, fact: Fact) -> str | None:
    """Where the money of its receipt is without it, asked where the fact could move it once more."""
    if not isinstance(fact, Paid | Decided) or (isinstance(fact, Paid) and payment.taken is not None):
        return None
    receipt = payment.receipt or fact.receipt
    return await suspended.place(conn, receipt) if receipt else None


async def _write(
    conn: AsyncConnection, row: Row, later: Payment, fact: Fact, now: dt.datetime, texts_of: TextsOf
) -> Row:
    """The row as it is now, with its history and with what it tells the payer."""
    made = replace(row, payment=later)
    values = columns(later)
    if (later.state, later.reason) != (row.payment.state, row.payment.reason):
        made.history.append((later.state, now, why(fact)))
        values["history"] = [[state, at.isoformat(), because] for state, at, because in made.history]
    if open_for(later) is None:  # once closed it is never open for its account again, or two could be
        values["open_for"] = None
    await conn.execute(sa.update(table).where(table.c.id == later.id).values(**values))
    for told in machine.texts(row.payment, later):
        await _tell(conn, made, told, texts_of(made, told), now)
    return made


async def _tell(conn: AsyncConnection, row: Row, told: Told, text: str, now: dt.datetime) -> None:
    """The holder who asked for it, and the payer if that is another number. A word that was said before, and was
    corrected since, is said in a message of its own: ``payment:<id>:unknown:2``."""
    payment, ref = row.payment, f"payment:{row.payment.id}:{told}"
    same = sa.or_(outbox_table.c.ref == ref, outbox_table.c.ref.startswith(f"{ref}:", autoescape=True))
    before = await conn.scalar(sa.select(sa.func.count()).where(same, outbox_table.c.to == row.address))
    ref += f":{before + 1}" if before else ""
    to = {row.address: ref} | ({} if payment.wallet == row.address else {payment.wallet: f"{ref}:payer"})
    for address, its in to.items() if text else ():
        await outbox.put(conn, ref=its, to=address, text=text, now=now, client=payment.client)


async def find(db: Database, payment_id: str) -> Row | None:
    """One payment, for staff."""
    async with db.read() as conn:
        return next(iter(await rows(conn, table.c.id == payment_id)), None)


async def needing_person(db: Database) -> list[Row]:
    """What a person must look at, the oldest first: exceptions, doubts about money that is being posted, and what
    somebody at the bank must approve."""
    doubted = sa.and_(table.c.state.in_(looks.TAKEN), table.c.reason.in_(DOUBTS))
    async with db.read() as conn:
        return await rows(conn, sa.or_(table.c.state.in_(("exception", "pending approval")), doubted))
