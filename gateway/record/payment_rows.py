"""A payment as its row has it: the payment itself, who asked for it and where, and what later texts are made of."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from flows.paying.facts import CLOSED, Payment
from flows.values import Money
from gateway.record.tables import payment as table
from gateway.record.typed_json import typed

SAME = [name for name in Payment.__struct_fields__ if name not in ("amount", "fee", "taken")]  # as in the table
AROUND = ("key", "conversation", "address", "channel", "service", "language", "flow", "step", "release", "nickname")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A payment, who asked for it and where, and what later texts are made of."""

    payment: Payment
    key: str = field(repr=False)  # of the effect that made it
    conversation: str
    address: str = field(repr=False)  # who is texted about it
    channel: str
    service: str
    language: str
    flow: str
    step: str
    release: str
    nickname: str  # of the account
    names: dict[str, Any] = field(repr=False)  # typed values, as they were known when it was agreed to
    history: list[tuple[str, dt.datetime, str]]  # state, since when, why


def row_of(found: sa.Row[Any]) -> Row:
    """The row of a query that has all columns of the table."""
    have = found._mapping
    around = {name: have[name] for name in AROUND}
    history = [(state, dt.datetime.fromisoformat(at), why) for state, at, why in have["history"]]
    return Row(payment=_payment(have), names=typed(have["names"]), history=history, **around)


def _payment(have: Any) -> Payment:
    taken = have["taken_minor"]
    return Payment(
        amount=Money(have["amount_minor"], have["currency"]),
        fee=Money(have["fee_minor"], have["currency"]),
        taken=None if taken is None else Money(taken, have["taken_currency"]),
        **{name: have[name] for name in SAME},
    )


def columns(payment: Payment) -> dict[str, Any]:
    """What the payment itself is in the table."""
    taken = payment.taken
    return {
        **{name: getattr(payment, name) for name in SAME},
        "amount_minor": payment.amount.minor,
        "fee_minor": payment.fee.minor,
        "currency": payment.amount.currency,
        "taken_minor": taken.minor if taken else None,
        "taken_currency": taken.currency if taken else "",
    }


def open_for(payment: Payment) -> str | None:
    """What no other open payment may be for."""
    return None if payment.state in CLOSED else f"{payment.client} {payment.account}"


def line(payment: Payment, now: dt.datetime, why: str) -> list[str]:
    """One line of its history."""
    return [payment.state, now.isoformat(), why]


async def rows(conn: AsyncConnection, *conditions: sa.ColumnElement[bool]) -> list[Row]:
    """The oldest first."""
    asked = sa.select(table).where(*conditions).order_by(table.c.created_at, table.c.id)
    return [row_of(found) for found in await conn.execute(asked)]


async def locked(conn: AsyncConnection, payment_id: str) -> Row:
    """The row, nobody else's until this transaction ends. Raises LookupError."""
    found = (await conn.execute(sa.select(table).where(table.c.id == payment_id).with_for_update())).one_or_none()
    if found is None:
        raise LookupError(f"there is no payment {payment_id}")
    return row_of(found)
