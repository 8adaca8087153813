"""What the worker does all the time, done when its time has come: the same steps, on the clock of the month."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field
from typing import cast

import sqlalchemy as sa

from adapters.channel import ChannelSettings, Outgoing, Receipt, Sent
from adapters.errors import Refused, Uncertain
from adapters.simulation import Behaviour, Steered
from adapters.sms.console import Channel
from gateway.build import House
from gateway.clock import Clock
from gateway.inviting import inviting
from gateway.playing.desk import drain
from gateway.record import outbox, payments
from gateway.record.tables import payment
from gateway.reporting import Early, Reports
from worker.delivering import Delivery
from worker.jobs import tools_of
from worker.paying import Paying

MANY = 200
TOLD = 1.2  # seconds until the wallet has told of a payment
PRICE = "KES 0.80"  # of one part of an SMS
QUIET = dt.timedelta(days=9)  # before the end no message is left that a person would have to look at


class Network(Channel):
    """A network for SMS: most of them arrive, a few phones are off for days, a few answers are lost."""

    def __init__(self, settings: ChannelSettings, clock: Clock, seed: str, ends: dt.datetime) -> None:
        super().__init__(settings)
        self._clock, self._seed, self._ends, self._sent = clock, seed, ends, 0
        self.receipts: list[Receipt] = []

    async def send(self, outgoing: Outgoing) -> Sent:
        """Raises Refused, Uncertain."""
        self._sent += 1
        chance = random.Random(f"{self._seed} sms {self._sent}").random()  # noqa: S311
        if self._clock.now() < self._ends - QUIET:
            if chance < 0.006:
                raise Uncertain("no answer in time")
            if chance < 0.012:
                raise Refused("the number is not in use")
            if chance < 0.03:
                self.receipts.append(Receipt(outgoing.ref, "failed", "AbsentSubscriber"))
        if chance >= 0.06:  # the others stay with the network
            self.receipts.append(Receipt(outgoing.ref, "delivered"))
        return Sent(provider_ref=outgoing.ref, cost=PRICE)


@dataclass(slots=True)
class Steps:
    """The worker of the month."""

    house: House
    network: Network
    wallet: Steered = field(init=False)
    _due: float | None = None  # seconds since 1970

    def __post_init__(self) -> None:
        self.wallet = cast("Steered", next(iter(self.house.payments.values())))

    async def write(self) -> None:
        """The journal goes to the record, and what is to be sent goes out."""
        await drain(self.house)
        await self.deliver()
        await self._look()

    async def behave(self, phone: str, behaviour: Behaviour) -> None:
        await self.wallet.behave(phone, behaviour)

    async def pay(self, until: float) -> None:
        """Takes payments as far as they go before ``until`` (seconds since 1970); the clock goes on with them."""
        clock = self.house.stores.clock
        while self._due is not None and self._due <= until:
            clock.offset += max(0.0, self._due - clock.seconds())
            await self._pay()
            clock.offset += TOLD
            await self.wallet.tell()
            await self._pay()
            await self.deliver()
            await self._look()

    async def invite(self) -> None:
        await inviting(self.house).sweep()
        await self.deliver()

    async def _pay(self) -> None:
        stores = self.house.stores
        ids = await payments.due(stores.db, stores.clock.now(), MANY)
        if ids:
            await Paying(tools_of(self.house)).pay(ids)

    async def _look(self) -> None:
        """When a payment is due next."""
        async with self.house.stores.db.read() as conn:
            found: dt.datetime | None = await conn.scalar(sa.select(sa.func.min(payment.c.next_at)))
        self._due = found.timestamp() if found else None

    async def deliver(self) -> None:
        stores = self.house.stores
        refs = await outbox.due(stores.db, stores.clock.now(), MANY)
        if not refs:
            return
        early = Early(stores.redis)
        await Delivery(stores.db, stores.clock, {"sms": self.network}, "sms").deliver(refs)
        reports = Reports(stores.db, stores.clock, early)
        for receipt in self.network.receipts:
            await reports.take(receipt)
        self.network.receipts.clear()
