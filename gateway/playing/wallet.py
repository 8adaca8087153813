"""The wallet of a played conversation: it does what the file says, and the payment goes the way that a worker takes it.

Time goes by as it does for a client: a moment passes before the wallet is asked, a minute before it is said that
nobody knows yet.
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from flows.paying.facts import Acknowledged, Fact, NoAnswer, NotPaid, NotTaken, Paid, Payment
from flows.paying.machine import move
from flows.values import Money
from gateway.build import House
from gateway.later_words import TextOf, words_for
from gateway.posting import post
from gateway.record import payments
from gateway.record.payments import Row
from gateway.record.tables import payment as table
from gateway.session_over import MOMENT, all_over

LOOKS = 12  # at a silent wallet, until the client is told that nobody knows
STEPS = 4  # at the bank


class NothingAsked(Exception):
    """Nothing was asked of the wallet: there is no payment, or the call is still open."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


class Wallet:
    """``said``: ``paid REF``, ``declined``, ``refused`` (nothing can be asked of this number) or ``silent``."""

    def __init__(self, house: House, phone: str) -> None:
        self._house, self._phone = house, phone

    async def does(self, said: str) -> None:
        """Asks the wallet, if that was not done, and lets it answer. Raises NothingAsked."""
        row = await self._row()
        self._house.stores.clock.offset += MOMENT
        texts = await self._texts(row)
        if row.payment.state == "created":
            await self._send(row)
            await self._apply(row, _answer(said), texts)
        if said == "silent":
            await self._keep_silent(row, texts)
        elif said != "refused":
            payment = await self._apply(row, _word(said, row.payment), texts)
            await self._post(row, payment, texts)

    async def _row(self) -> Row:
        newest = sa.select(table.c.id).where(table.c.address == self._phone).order_by(table.c.created_at.desc())
        async with self._house.stores.db.read() as conn:
            found = await conn.scalar(newest.limit(1))
        row = await payments.find(self._house.stores.db, found) if found else None
        if row is None:
            raise NothingAsked
        return row

    async def _texts(self, row: Row) -> TextOf:
        releases = self._house.releases
        return await words_for(releases, row.release, releases.current, self._house.stores.clock.today())

    async def _send(self, row: Row) -> None:
        """Only a phone whose call is over can be asked."""
        gate, clock = self._house.gate, self._house.stores.clock
        line, phones = gate.lines.get(row.channel), (row.address, row.payment.wallet)
        if not await all_over(gate.sessions, line, row.service, phones, clock.seconds()):
            raise NothingAsked
        await payments.start(self._house.stores.db, row.payment.id, clock.now())

    async def _apply(self, row: Row, fact: Fact, texts: TextOf) -> Payment:
        stores = self._house.stores
        return await payments.apply(stores.db, row.payment.id, fact, stores.clock.now(), texts)

    async def _keep_silent(self, row: Row, texts: TextOf) -> None:
        clock = self._house.stores.clock
        for _ in range(LOOKS):
            payment = await self._apply(row, NoAnswer(), texts)
            if payment.told or payment.next_at is None:
                return
            clock.offset += max((payment.next_at - clock.now()) / dt.timedelta(seconds=1), 0.0)

    async def _post(self, row: Row, payment: Payment, texts: TextOf) -> None:
        bank, clock = self._house.gate.world.bank, self._house.stores.clock
        for _ in range(STEPS):
            if move(payment) != "post":
                return
            payment = await self._apply(row, await post(bank, payment, clock.today()), texts)


def _answer(said: str) -> Fact:
    """What the wallet says to being asked."""
    answers: dict[str, Fact] = {"silent": NoAnswer(), "refused": NotTaken("no such wallet")}
    return answers.get(said, Acknowledged())


def _word(said: str, payment: Payment) -> Fact:
    """What it says of the payment afterwards."""
    if not said.startswith("paid "):
        return NotPaid("declined")
    taken = Money(payment.amount.minor + payment.fee.minor, payment.amount.currency)
    return Paid(said.removeprefix("paid "), taken)
