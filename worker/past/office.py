"""What the staff do in the month: money over the counter, loans, cases, arrears, and payments that need a person."""

from __future__ import annotations

import datetime as dt
import random
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

import sqlalchemy as sa

from flows.paying.facts import Decided
from flows.ports import Posting, Refused
from flows.products.opening import Opening
from flows.values import Money
from gateway.build import House
from gateway.record import clients, payments
from gateway.record.activation import issue
from gateway.record.desk import cases
from gateway.record.desk import staff as desk_staff
from gateway.record.desk.staff import Staff
from gateway.record.tables import case, invitation
from worker.past.joining import Joined, become
from worker.past.names import CLOSED, NOTED

WAITS = dt.timedelta(hours=5)  # until somebody takes a case
ANSWERED = dt.timedelta(hours=26)  # until it is closed, as a rule
LATE = 7  # days after which a client is in arrears
GRANTED = 0.6  # of the loans that were asked for
PUT_OFF = 0.06  # of the cases that are due are left for another day
PEOPLE = "arrears list"


@dataclass(slots=True)
class Office:
    """``staff``: who works there, as the record has them."""

    house: House
    dice: random.Random
    staff: list[Staff]
    lent: int = 0

    async def counter(self, account: str, kind: str, minor: int) -> None:
        """Money that is brought to the branch, or taken out there. What the bank refuses does not happen."""
        today, currency = self.house.stores.clock.today(), self.house.releases.current.institution.currency
        key = f"branch:{account}:{self.house.stores.clock.now():%Y%m%d%H%M%S}"
        with suppress(Refused):
            await self.house.bank.post(Posting(key, account, Money(minor, currency), today, kind))

    async def open(self, of: Joined, opening: Opening) -> None:
        await self.house.bank.open(opening)
        await become(self.house, of.id, "active", "branch")

    async def code(self, of: Joined) -> str:
        """An activation code, handed over the counter."""
        stores = self.house.stores
        by = self.staff[0].email
        return await issue(stores.db, self.house.hasher, stores.clock, of.id, by, self.house.cards.refresh)

    async def cases(self) -> None:
        """Takes what waits, and closes what has been looked into."""
        now, db = self.house.stores.clock.now(), self.house.stores.db
        asked = sa.select(case.c.id, case.c.kind, case.c.hidden_from, case.c.opened_at, case.c.owner)
        async with db.read() as conn:
            found = (await conn.execute(asked.where(case.c.state != "closed").order_by(case.c.opened_at))).all()
        for id_, kind, hidden, opened, owner in found:
            age, who = now - opened, self._for(hidden)
            if not owner and age > WAITS:
                await cases.take(db, id_, who, now, seen="")
                await cases.note(db, id_, who, now, self.dice.choice(NOTED[kind]))
            elif owner and age > ANSWERED and self.dice.random() > PUT_OFF:
                await self._close(id_, kind, who)

    def _for(self, hidden_from: str) -> Staff:
        """Whose work it is: somebody's who may see it, mostly the first's of those who work with all clients."""
        able = [one for one in self.staff if not one.only_own and one.sees(hidden_from)]
        return able[0] if self.dice.random() < 0.7 else able[-1]

    async def _close(self, id_: str, kind: str, who: Staff) -> None:
        db, now = self.house.stores.db, self.house.stores.clock.now()
        found = await cases.find(db, id_, who)
        if found is None:
            return
        amount, account = _told(found.about, "amount"), _told(found.about, "account")
        await cases.close(db, id_, who, now, CLOSED[kind])
        if kind == "withdrawal" and account and amount:
            await self.counter(account, "withdrawn", int(amount.split()[0]) * 100)
        elif kind in ("loan", "top_up", "interest") and found.client and self.dice.random() < GRANTED:
            await self._lend(found.client, kind, int((amount or "8000").split()[0]))

    async def _lend(self, client: str, kind: str, amount: int) -> None:
        """A new loan; somebody who is new is an applicant first."""
        if kind == "interest" and await become(self.house, client, "applicant", "branch"):
            return
        self.lent += 1
        release, today = self.house.releases.current, self.house.stores.clock.today()
        minor = max(5, min(80, amount // 1000)) * 100_000
        ref = f"L-{60000 + self.lent}"
        currency = release.institution.currency
        await self.house.bank.open(Opening(ref, client, "biashara", "Biashara", currency, today, minor))
        await become(self.house, client, "active", "branch")

    async def arrears(self, people: Iterable[Joined]) -> None:
        """Moves clients into arrears and out of them."""
        today = self.house.stores.clock.today()
        for one in people:
            accounts = await self.house.bank.accounts(one.id)
            late = any(a.overdue and a.due_on and (today - a.due_on).days > LATE for a in accounts if not a.closed)
            async with self.house.stores.db.read() as conn:
                stage = getattr(await clients.find(conn, one.id), "stage", "")
            if late and stage == "active":
                await become(self.house, one.id, "in_arrears", PEOPLE)
            elif not late and stage == "in_arrears":
                await become(self.house, one.id, "active", PEOPLE)

    async def decide(self) -> None:
        """Settles payments that no program can: somebody has looked at the wallet's statement."""
        stores = self.house.stores
        for row in await payments.needing_person(stores.db):
            fact = Decided("not paid", self.staff[-1].email, "it is not on the wallet's statement")
            await payments.apply(stores.db, row.payment.id, fact, stores.clock.now(), lambda _row, _told: "")

    async def invited(self) -> list[tuple[str, str, int]]:
        """Open invitations: id, client, and how often they were reminded of."""
        asked = sa.select(invitation.c.id, invitation.c.client, invitation.c.reminders)
        async with self.house.stores.db.read() as conn:
            rows = await conn.execute(
                asked.where(invitation.c.state.in_(("invited", "begun"))).order_by(invitation.c.due_at)
            )
            return [(id_, client, reminders) for id_, client, reminders in rows]


def _told(about: str, name: str) -> str:
    found = re.search(rf"^{name}: (.+)$", about, re.MULTILINE)
    return found[1] if found else ""


async def everybody(house: House) -> list[Staff]:
    """The staff of the record, administrators last."""
    async with house.stores.db.read() as conn:
        found = await desk_staff.everybody(conn)
    return sorted(found, key=lambda one: one.role == "admin")
