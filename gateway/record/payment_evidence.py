"""What providers said of payments, kept as it came: each thing once, however often it is said."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import msgspec
import sqlalchemy as sa
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection

from flows.paying import looks
from flows.paying.facts import (
    Acknowledged,
    AwaitsApproval,
    Decided,
    Evidence,
    Fact,
    NotPaid,
    NotThere,
    Paid,
    Posted,
    StillOpen,
)
from flows.values import Money
from gateway.ids import new_id
from gateway.record.database import Database, insert
from gateway.record.payment_rows import row_of
from gateway.record.tables import payment, payment_evidence

KINDS: dict[str, type[Evidence]] = {kind.__name__: kind for kind in (Paid, NotPaid, StillOpen, NotThere)}
FINAL = ("Paid", "NotPaid")  # the rest is no news later
LONGEST = 4000  # characters of a raw callback
REF = 120
WIDTHS = {"receipt": 80, "provider_ref": REF, "bank_ref": 80}
_NUMBER = re.compile(r"\+?\d{9,15}")  # an MSISDN is of at most 15 digits (ITU-T E.164)

F = TypeVar("F", bound=Fact)

_said = payment_evidence.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Unclaimed:
    """Money that is said to be paid for something that we do not know."""

    ref: str
    provider: str
    receipt: str
    amount: Money
    proven: bool
    at: dt.datetime


async def evidence(  # noqa: PLR0913
    db: Database,
    ref: str,
    fact: Evidence,
    raw: str,
    now: dt.datetime,
    *,
    provider: str,
    proven: bool,
) -> bool:
    """Keeps what a callback said of the payment ``ref``, once, and makes that due now. False: we have no such payment
    (then claimed money waits for a person). ``proven``: the provider signs its callbacks; ``raw`` is masked here."""
    ref, fact = clean(ref, REF), bounded(fact)
    async with db.write() as conn:
        ours = sa.select(payment).where(payment.c.id == ref, payment.c.provider == provider).with_for_update()
        found = (await conn.execute(ours)).one_or_none()
        known = found.id if found else ""
        news = await keep(conn, known or ref, fact, now, raw=raw, provider=provider, proven=proven, payment_id=known)
        if found and news and _matters(found, fact):
            soon = sa.func.coalesce(sa.case((payment.c.next_at < now, payment.c.next_at), else_=now), now)
            await conn.execute(sa.update(payment).where(payment.c.id == known).values(next_at=soon))
    return bool(known)


async def keep(  # noqa: PLR0913
    conn: AsyncConnection,
    ref: str,
    fact: Evidence,
    now: dt.datetime,
    *,
    payment_id: str,
    provider: str,
    proven: bool,
    raw: str = "",
) -> bool:
    """Writes it down; False if exactly this was known. What was a rumour can become proven later."""
    kind, body = type(fact).__name__, msgspec.to_builtins(fact)
    told = {name: value for name, value in body.items() if name != "at"}
    digest = hashlib.sha256(json.dumps([provider, ref, kind, told], sort_keys=True).encode()).hexdigest()
    about = {"digest": digest, "payment": payment_id, "ref": ref, "provider": provider, "kind": kind}
    made = insert(conn, payment_evidence).values(
        id=new_id(), **about, fact=body, proven=proven, raw=masked(raw), at=now
    )
    # the row stays as it is, unless this is the first proof of what it says
    made = made.on_conflict_do_update(
        index_elements=["digest"], set_={"proven": True}, where=sa.and_(_said.proven.is_(False), sa.literal(proven))
    )
    return bool((await conn.execute(made)).rowcount)


def _matters(found: sa.Row[Any], fact: Evidence) -> bool:
    """Whether it can change anything: what rests is woken only by word of money that is not known yet."""
    ours = row_of(found).payment
    if not looks.resting(ours):
        return ours.next_at is not None
    new = isinstance(fact, Paid) and (ours.taken is None or (fact.receipt, fact.amount) != (ours.receipt, ours.taken))
    return new or ours.next_at is not None


def bounded(fact: F) -> F:
    """The same with names that fit the columns; what others name has no end."""
    if not isinstance(fact, Paid | Acknowledged | Posted | AwaitsApproval | Decided):
        return fact
    names = {name: clean(getattr(fact, name), WIDTHS[name]) for name in fact.__struct_fields__ if name in WIDTHS}
    return cast("F", replace(fact, **names))


def clean(text: str, width: int) -> str:
    return text.replace("\0", "")[:width]


def masked(raw: str) -> str:
    """The text without anybody's telephone number, cut to what is worth keeping."""
    return _NUMBER.sub(lambda found: "…" + found[0][-3:], clean(raw, 3 * LONGEST))[:LONGEST]


async def said(db: Database, payment_id: str) -> list[Evidence]:
    """What the provider itself said for good of a payment, oldest first."""
    async with db.read() as conn:
        return await said_in(conn, payment_id)


async def said_in(conn: AsyncConnection, payment_id: str) -> list[Evidence]:
    asked = sa.select(_said.kind, _said.fact).where(_said.payment == payment_id, _said.kind.in_(FINAL))
    found = await conn.execute(asked.where(_said.proven.is_(True)).order_by(_said.at, _said.id))
    return [msgspec.convert(fact, KINDS[kind]) for kind, fact in found]


async def unclaimed(db: Database) -> list[Unclaimed]:
    """Money for payments that we do not know, the oldest first."""
    asked = sa.select(payment_evidence).where(_said.payment == "", _said.kind == "Paid").order_by(_said.at, _said.id)
    async with db.read() as conn:
        return [_unclaimed(row) for row in await conn.execute(asked)]


def _unclaimed(row: Any) -> Unclaimed:
    fact = msgspec.convert(row.fact, Paid)
    about = {"ref": row.ref, "provider": row.provider, "proven": row.proven, "at": row.at}
    return Unclaimed(receipt=fact.receipt, amount=fact.amount, **about)
