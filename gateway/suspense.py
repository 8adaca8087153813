"""Money that is nobody's yet finds its account: a person moves it there, or takes it back. Each is one posting.

The money is moved whole, and leaves ``suspense`` once. Nothing is texted: whoever moves it speaks with the client.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from flows.ports import Account, Bank, Leg, Posting, Refused
from flows.products.chart import REVERSED, SUSPENSE, lies, undo
from flows.values import Money
from gateway.clock import Clock
from gateway.record import auditing
from gateway.record.database import Database
from gateway.record.tables import account as accounts
from gateway.record.tables import ledger

MOVED = "moved"  # the keys of these postings: moved:<how many times before>:<receipt>
REFUSALS = {
    "unknown account": "There is no such account. It is written as on the pass book, as L-1001.",
    "unknown posting": "It has been moved meanwhile.",
    "wrong currency": "The account is kept in another currency.",
    "wrong kind": "This account takes no such money.",
    "wrong day": "The account was opened after this money came.",
    "too little saved": "Some of it has been taken out of the savings since: it cannot be taken back whole.",
}


class CannotMove(Exception):
    """The money cannot be moved; the text says why, and that nothing was."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Money of one receipt. ``account``: where it was moved to; "": it lies in suspense. ``key``: of that posting."""

    receipt: str
    amount: Money
    account: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Mover:
    """``who`` goes to the audit."""

    db: Database
    clock: Clock
    bank: Bank
    who: str

    async def move(self, receipt: str, account: str, why: str) -> Waiting:
        """To the account. Raises CannotMove, Unavailable, Uncertain."""
        client, found = await self.holder(account)
        kind = "repaid" if "credit" in found.features else "deposited"
        async with self.db.write() as conn:
            await _lock(conn, receipt)
            money = await _lying(conn, receipt)
            key = f"{MOVED}:{await _times(conn, receipt)}:{receipt}"
            today = self.clock.today()
            await self._post(Posting(key, account, money, today, kind, client, receipt, suspended=True))
            await self._note(conn, "suspense moved", client, why, {"receipt": receipt, "account": account, "key": key})
        return Waiting(receipt, money, account, key)

    async def back(self, receipt: str, why: str) -> Waiting:
        """From the account that it was moved to, into suspense. Raises CannotMove, Unavailable, Uncertain."""
        async with self.db.write() as conn:
            await _lock(conn, receipt)
            there = await _moved(conn, receipt)
            client = await conn.scalar(sa.select(accounts.c.client).where(accounts.c.ref == there.account)) or ""
            about = (there.account, there.amount, self.clock.today(), REVERSED)
            await self._post(Posting(undo(there.key), *about, provider_ref=receipt))
            details = {"receipt": receipt, "account": there.account, "key": there.key}
            await self._note(conn, "suspense taken back", client, why, details)
        return Waiting(receipt, there.amount)

    async def holder(self, ref: str) -> tuple[str, Account]:
        """Whose account it is, and the account. Raises CannotMove, Unavailable."""
        async with self.db.read() as conn:
            client = await conn.scalar(sa.select(accounts.c.client).where(accounts.c.ref == ref))
        for one in await self.bank.accounts(client) if client else ():
            if one.ref == ref:
                return str(client), one
        raise CannotMove(REFUSALS["unknown account"])

    async def _post(self, posting: Posting) -> None:
        try:
            await self.bank.post(posting)
        except Refused as refused:
            raise CannotMove(REFUSALS.get(refused.reason, f"The bank refuses it: {refused.reason}.")) from None

    async def _note(self, conn: AsyncConnection, what: str, client: str, why: str, details: dict[str, Any]) -> None:
        await auditing.note(conn, self.clock.now(), self.who, what, client, details, why=why)


async def _lock(conn: AsyncConnection, receipt: str) -> None:
    """Of two who move the same money, the second waits here, and reads then what the first has done."""
    its = (ledger.c.book == SUSPENSE, ledger.c.provider_ref == receipt)
    await conn.execute(sa.select(ledger.c.key).where(*its).order_by(ledger.c.key).with_for_update())


async def moved(db: Database) -> list[Waiting]:
    """What stands on an account since it was moved there, the newest first. Raises Unavailable."""
    async with db.read() as conn:
        return await _standing(conn)


async def _standing(conn: AsyncConnection) -> list[Waiting]:
    taken_back = sa.select(sa.func.replace(ledger.c.key, undo(""), "")).where(ledger.c.key.startswith(undo(MOVED)))
    its = (ledger.c.key.startswith(f"{MOVED}:"), ledger.c.account != SUSPENSE, ledger.c.key.not_in(taken_back))
    asked = sa.select(
        ledger.c.key, ledger.c.provider_ref, ledger.c.account, ledger.c.currency, sa.func.sum(ledger.c.minor)
    )
    asked = asked.where(*its).group_by(ledger.c.key, ledger.c.provider_ref, ledger.c.account, ledger.c.currency)
    rows = await conn.execute(asked.order_by(sa.func.max(ledger.c.at).desc(), ledger.c.key))
    return [Waiting(receipt, Money(-int(minor), currency), to, key) for key, receipt, to, currency, minor in rows]


async def _moved(conn: AsyncConnection, receipt: str) -> Waiting:
    found = next((one for one in await _standing(conn) if one.receipt == receipt), None)
    if found is None:
        raise CannotMove("No money of this receipt was moved to an account. njia pay suspense list shows what was.")
    return found


async def _lying(conn: AsyncConnection, receipt: str) -> Money:
    its = sa.select(*(ledger.c[name] for name in Leg.__slots__)).where(ledger.c.book == SUSPENSE)
    legs = [Leg(*row) for row in await conn.execute(its.where(ledger.c.provider_ref == receipt))]
    for currency in sorted({leg.currency for leg in legs}):
        if (minor := lies(legs, receipt, currency)) > 0:
            return Money(minor, currency)
    raise CannotMove("No money of this receipt lies in suspense. njia pay suspense list shows what does.")


async def _times(conn: AsyncConnection, receipt: str) -> int:
    """How often money of this receipt was moved before."""
    its = (ledger.c.provider_ref == receipt, ledger.c.book == SUSPENSE, ledger.c.key.startswith(f"{MOVED}:"))
    return await conn.scalar(sa.select(sa.func.count()).select_from(ledger).where(*its)) or 0
