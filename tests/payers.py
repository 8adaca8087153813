"""A client who pays, for tests of the record: what is agreed to, and what the texts say."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa

from flows.paying.facts import Fact, Payment, Told
from flows.ports import Agreed, Caller
from flows.values import Money, Name
from gateway.clock import SetClock
from gateway.record import payments, tables
from gateway.record.clients import Person, create
from gateway.record.clients import Told as Source
from gateway.record.collecting import Payments
from gateway.record.database import Database

START = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)
PHONE, OTHER = "+254700000001", "+254700000002"
AMOUNT, FEE, BOTH = Money(50_000, "KES"), Money(1_000, "KES"), Money(51_000, "KES")
AGREED = {
    "account": "L-1",
    "amount": AMOUNT,
    "fee": FEE,
    "wallet": PHONE,
    "nickname": "Biashara",
    "service": "*384*7#",
    "flow": "repay",
    "step": "pay",
    "release": "r1",
    "names": {"amount": AMOUNT, "account": {"nickname": "Biashara"}, "payer": Name("Asha")},
}


def agreed(**changes: Any) -> Agreed:
    return Agreed(**{**AGREED, **changes})


def texts(row: payments.Row, told: Told) -> str:
    """One text for each thing that is told; what it names comes from the row."""
    return f"{told}: {row.names['amount'].minor} {row.payment.receipt}".strip()


def at(seconds: float = 0) -> dt.datetime:
    return START + dt.timedelta(seconds=seconds)


async def client(db: Database, number: str = "C-1") -> Caller:
    async with db.write() as conn:
        id_ = await create(conn, Person(number, "Asha Otieno"), Source(START))
    return Caller(address=PHONE, channel="ussd", client=id_, language="sw", conversation="c" * 32)


async def asked(db: Database, caller: Caller, key: str = "k", **changes: Any) -> Payment:
    """A payment that has just been agreed to."""
    exit_, _ = await Payments(db, SetClock(START), "m").collect(key, caller, agreed(**changes))
    assert exit_ == "asked"
    async with db.read() as conn:
        id_ = await conn.scalar(sa.select(tables.payment.c.id).where(tables.payment.c.key == key))
    return await its(db, str(id_))


async def its(db: Database, payment_id: str) -> Payment:
    row = await payments.find(db, payment_id)
    assert row
    return row.payment


async def sms(db: Database) -> list[tuple[str, str, str]]:
    """Reference (without the payment's id), number and text of everything that is to be sent."""
    box = tables.outbox.c
    async with db.read() as conn:
        found = await conn.execute(sa.select(box.ref, box.to, box.text).order_by(box.created_at, box.ref))
        return [(ref.split(":", 2)[2], to, text) for ref, to, text in found]


def port(db: Database, seconds: float = 0, provider: str = "m") -> Payments:
    return Payments(db, SetClock(at(seconds), "Africa/Nairobi"), provider)


async def count(db: Database, table: sa.Table) -> int:
    async with db.read() as conn:
        return int(await conn.scalar(sa.select(sa.func.count()).select_from(table)) or 0)


async def learn(db: Database, payment: Payment, *facts: Fact, seconds: float = 0, **how: Any) -> Payment:
    for fact in facts:
        payment = await payments.apply(db, payment.id, fact, at(seconds), texts, **how)
    return payment


async def sent(db: Database, payment: Payment, seconds: float = 0) -> Payment:
    started = await payments.start(db, payment.id, at(seconds))
    assert started
    return started
