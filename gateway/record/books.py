"""The books of our own ledger, in SQL: accounts, and immutable legs that sum to zero."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from flows import life
from flows.ports import BookedAccount, Leg, Moved
from flows.products.chart import SUSPENSE, account_of, check_balanced
from gateway.clock import Clock
from gateway.record import events
from gateway.record.database import Database, insert_new
from gateway.record.gathering import Owned
from gateway.record.json_rows import json_rows
from gateway.record.reading import Reading
from gateway.record.tables import account as accounts
from gateway.record.tables import ledger
from gateway.record.tables import posting as postings

_ACCOUNT = [
    sa.cast(accounts.c[name], sa.Text) if name == "terms" else accounts.c[name]
    for name in BookedAccount.__struct_fields__
]
_WIDTH = len(_ACCOUNT)
_LEGS = sa.select(*(ledger.c[name] for name in Leg.__slots__)).order_by(ledger.c.at, ledger.c.key, ledger.c.leg)
_ITS_LEGS = json_rows(_LEGS.where(ledger.c.account == accounts.c.ref).correlate(accounts))
_ALL_WITH_LEGS = sa.select(*_ACCOUNT, _ITS_LEGS).order_by(accounts.c.opened, accounts.c.ref)
_WITH_LEGS = Owned(
    Reading(_ALL_WITH_LEGS.where(accounts.c.client == sa.bindparam("of"))),
    Reading(_ALL_WITH_LEGS.where(accounts.c.client == sa.any_(sa.bindparam("of", type_=postgresql.ARRAY(sa.Text))))),
    BookedAccount.__struct_fields__.index("client"),
)
_ONE_WITH_LEGS = Reading(sa.select(*_ACCOUNT, _ITS_LEGS).where(accounts.c.ref == sa.bindparam("of")))
_ACCOUNTS_OF = Reading(
    sa.select(*_ACCOUNT).where(accounts.c.client == sa.bindparam("of")).order_by(accounts.c.opened, accounts.c.ref)
)
_ONE = Reading(sa.select(*_ACCOUNT).where(accounts.c.ref == sa.bindparam("of")))
_LEGS_OF = Reading(_LEGS.where(ledger.c.account == sa.bindparam("of")))

_legs = msgspec.json.Decoder(list[Leg])


class SqlBooks:
    """``flows.ports.Books``. Nobody changes or deletes a leg, the database sees to that: a mistake is put right by
    another posting."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock

    async def accounts_with_legs(self, client: str) -> list[tuple[BookedAccount, list[Leg]]]:
        return [_with_legs(row) for row in await self.database.rows_of(_WITH_LEGS, client)]

    async def account_with_legs(self, ref: str) -> tuple[BookedAccount, list[Leg]] | None:
        rows = await self.database.rows(_ONE_WITH_LEGS, of=ref)
        return _with_legs(rows[0]) if rows else None

    async def accounts_of(self, client: str) -> list[BookedAccount]:
        return [_account(row) for row in await self.database.rows(_ACCOUNTS_OF, of=client)]

    async def account(self, ref: str) -> BookedAccount | None:
        rows = await self.database.rows(_ONE, of=ref)
        return _account(rows[0]) if rows else None

    async def open(self, account: BookedAccount) -> None:
        values = {name: getattr(account, name) for name in BookedAccount.__struct_fields__}
        async with self.database.write() as conn:
            if await insert_new(conn, accounts, values):
                name = life.LOAN if account.terms.get("amount") else life.ACCOUNT
                await events.put(conn, account.client, name, f"opened:{account.ref}", self._opened(account.opened))

    def _opened(self, day: dt.date) -> dt.datetime:
        """The moment, if it is today; else noon of that day."""
        if day == self.clock.today():
            return self.clock.now()
        return dt.datetime.combine(day, dt.time(12), self.clock.zone)

    async def legs_of(self, account: str) -> list[Leg]:
        return [Leg(*row) for row in await self.database.rows(_LEGS_OF, of=account)]

    async def write(self, legs: list[Leg], seen: int | None = None) -> bool:
        check_balanced(legs)
        rows = [self._row(number, leg) for number, leg in enumerate(legs)]
        async with self.database.write() as conn:
            # The first leg takes the key: of two at once, the other waits here and finds it taken.
            if not await insert_new(conn, ledger, rows[0]):
                return False
            for ref in {row["account"] for row in rows} - {None, SUSPENSE}:
                await _check_unmoved(conn, str(ref), legs[0].key, seen)
            for leg in legs:
                if leg.book == SUSPENSE and leg.minor > 0:
                    await _check_lies(conn, leg)
            await conn.execute(sa.insert(ledger), rows[1:])
            await conn.execute(sa.insert(postings).values(key=legs[0].key, legs=len(legs)))  # last: it seals them
        return True

    def _row(self, number: int, leg: Leg) -> dict[str, object]:
        values = {name: getattr(leg, name) for name in Leg.__slots__}
        return {**values, "leg": number, "account": account_of(leg.book), "at": self.clock.now()}


async def _check_unmoved(conn: AsyncConnection, ref: str, key: str, seen: int | None) -> None:
    if seen is None:
        return
    # On PostgreSQL the row of the account is what two postings to it queue for; SQLite has one writer anyway.
    await conn.execute(sa.select(accounts.c.ref).where(accounts.c.ref == ref).with_for_update())
    count = sa.select(sa.func.count()).select_from(ledger).where(ledger.c.account == ref, ledger.c.key != key)
    if (await conn.execute(count)).scalar_one() != seen:
        raise Moved


async def _check_lies(conn: AsyncConnection, leaves: Leg) -> None:
    """Of two who take the money of one receipt out of suspense, the second finds none. Raises Moved."""
    about = (ledger.c.book == SUSPENSE, ledger.c.provider_ref == leaves.provider_ref, ledger.c.key != leaves.key)
    here = sa.select(ledger.c.minor).where(*about, ledger.c.currency == leaves.currency)
    await conn.execute(here.with_for_update())  # what came in is what the others queue for
    if -sum(await conn.scalars(here)) < leaves.minor:
        raise Moved


def _with_legs(row: Sequence[Any]) -> tuple[BookedAccount, list[Leg]]:
    return _account(row), _legs.decode(row[_WIDTH] or "[]")


def _account(row: Sequence[Any]) -> BookedAccount:
    values = [*row[: _WIDTH - 1], msgspec.json.decode(row[_WIDTH - 1])]
    return BookedAccount(*values)
