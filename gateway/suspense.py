"""Money that is nobody's yet finds its account: a person moves it there, or takes it back. Each is one posting.

The money is moved whole, and leaves ``suspense`` once. Nothing is texted: whoever moves it speaks with the client.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from flows.paying.facts import Payment
from flows.ports import Account, Bank, Posting, Refused
from flows.products.chart import REVERSED, undo
from flows.sources.my_payable import is_payable, most
from flows.values import Money
from flows.words.printing import Printer
from gateway.clock import Clock
from gateway.record import auditing, suspended
from gateway.record.database import Database
from gateway.record.payment_rows import rows
from gateway.record.suspended import MOVED, Waiting
from gateway.record.tables import account as accounts
from gateway.record.tables import payment as payments

__all__ = ["CannotMove", "Mover", "Waiting", "count_moved", "moved"]

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
            await suspended.lock(conn, receipt)
            await _check_nobodys(conn, receipt, account)
            money = await _lying(conn, receipt)
            _check_takes(found, money)
            key = f"{MOVED}:{await suspended.times(conn, receipt)}:{receipt}"
            today = self.clock.today()
            await self._post(Posting(key, account, money, today, kind, client, receipt, suspended=True))
            await self._note(conn, "suspense moved", client, why, {"receipt": receipt, "account": account, "key": key})
        return Waiting(receipt, money, account, key)

    async def back(self, receipt: str, why: str) -> Waiting:
        """From the account that it was moved to, into suspense. Raises CannotMove, Unavailable, Uncertain."""
        async with self.db.write() as conn:
            await suspended.lock(conn, receipt)
            there = await _moved(conn, receipt)
            await _check_untold(conn, receipt, there.account)
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


async def _moved(conn: AsyncConnection, receipt: str) -> Waiting:
    found = await suspended.standing(conn, receipt)
    if not found:
        raise CannotMove("No money of this receipt was moved to an account. njia pay suspense list shows what was.")
    return found[0]


async def moved(db: Database, receipt: str | None = None, limit: int | None = None) -> list[Waiting]:
    """What stands on an account since it was moved there, the newest first; of one ``receipt``, or of all. Raises
    Unavailable."""
    async with db.read() as conn:
        return await suspended.standing(conn, receipt, limit)


async def count_moved(db: Database) -> int:
    """Raises Unavailable."""
    async with db.read() as conn:
        return await suspended.count(conn)


async def _lying(conn: AsyncConnection, receipt: str) -> Money:
    money = await suspended.lying(conn, receipt)
    if money is None:
        raise CannotMove("No money of this receipt lies in suspense. njia pay suspense list shows what does.")
    return money


def _check_takes(account: Account, money: Money) -> None:
    """As when a client pays: not into what is closed, and no more than pays it off."""
    if not is_payable(account):
        raise CannotMove("The account takes no money: it is closed, or nothing is owed on it.")
    limit = most(account)
    if money.currency == limit.currency and money.minor > limit.minor:
        raise CannotMove(f"It is more than the account takes: {Printer('en').money(limit)} at most.")


async def _check_nobodys(conn: AsyncConnection, receipt: str, account: str) -> None:
    """A payment of ours with this receipt brings its money to the account itself, unless it waits for this."""
    for its in await _payments(conn, receipt):
        if (its.state, its.reason) != ("exception", "in suspense"):
            raise CannotMove(f"It is no stranger's: the payment {its.id} has this receipt, and is {its.state}.")
        if its.account != account:
            raise CannotMove(f"The payment {its.id} has this receipt, and is for another account.")


async def _check_untold(conn: AsyncConnection, receipt: str, account: str) -> None:
    """What a payer was told to have paid stays where it is."""
    for its in await _payments(conn, receipt):
        if its.state == "posted" and not its.bank_ref and its.account == account:
            raise CannotMove(f"The payment {its.id} was decided as paid with it, and its payer was told so.")


async def _payments(conn: AsyncConnection, receipt: str) -> list[Payment]:
    """Those that have taken the money of this receipt."""
    return [row.payment for row in await rows(conn, payments.c.receipt == receipt, payments.c.taken_minor.is_not(None))]
