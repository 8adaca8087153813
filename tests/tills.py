"""A till for tests: the real record and session store, a wallet and a bank that do what they are told, a set clock."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from staging import CODE, PHONE, Published, line, release

from adapters.payment import Asking
from flows import session as talks
from flows.paying.facts import Acknowledged, Fact
from flows.ports import Account, Agreed, Caller, Posting
from flows.session import Person, Session
from flows.values import Money, Name
from gateway.build import connect
from gateway.clock import SetClock
from gateway.record import payments, tables
from gateway.record.collecting import Payments
from gateway.record.database import Database
from gateway.record.payments import Row
from gateway.store import nodes
from gateway.store.sessions import Change, Sessions
from gateway.store.state import Spot, State, Told
from worker.paying import Paying, Tools

START = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)
CLIENT, ACCOUNT, AMOUNT = "a" * 32, "S-1", Money(50_000, "KES")
Answers = list[Fact | Exception]


@dataclass
class Wallet:
    """Says what its lists say, in turn, and the last word again and again."""

    requests: Answers = field(default_factory=lambda: [Acknowledged("W-1")])
    answers: Answers = field(default_factory=list)
    asks: bool = True
    resends: bool = True
    signed: bool = False
    asked: list[Asking] = field(default_factory=list)
    looked: int = 0
    meanwhile: Callable[[], Any] | None = None  # happens while it is asked

    async def request(self, asking: Asking) -> Any:
        self.asked.append(asking)
        if self.meanwhile:
            await self.meanwhile()
        return _next(self.requests)

    async def ask(self, ref: str) -> Any:
        self.looked += 1
        return _next(self.answers)


def _next(words: Answers) -> Fact:
    word = words.pop(0) if len(words) > 1 else words[0]
    if isinstance(word, BaseException):
        raise word
    return word


@dataclass
class Counter:
    """A bank of one account. ``fails``: what it raises, in turn, before it posts."""

    features: tuple[str, ...] = ("savings",)
    fails: list[Exception] = field(default_factory=list)
    posted: dict[str, Posting] = field(default_factory=dict)
    tried: int = 0

    async def accounts(self, client: str) -> list[Account]:
        return [Account(ACCOUNT, "amana", "Amana", self.features, "KES", Money(0, "KES"))]

    async def post(self, posting: Posting) -> str:
        self.tried += 1
        if self.fails:
            raise self.fails.pop(0)
        self.posted.setdefault(posting.key, posting)
        return f"B-{list(self.posted).index(posting.key)}"


@dataclass
class Till:
    db: Database
    sessions: Sessions
    clock: SetClock = field(default_factory=lambda: SetClock(START))
    wallet: Wallet = field(default_factory=Wallet)
    bank: Counter = field(default_factory=Counter)
    published: Published = field(default_factory=lambda: Published(release()))

    def paying(self, **changes: Any) -> Paying:
        """One worker."""
        tools = {
            "db": self.db, "clock": self.clock, "sessions": self.sessions, "lines": {"ussd": line()},
            "releases": self.published, "providers": {"purse": self.wallet}, "bank": self.bank, "seconds": 0.2,
        }  # fmt: skip
        return Paying(Tools(**(tools | changes)))

    async def agree(self, key: str = "k1", wallet: str = PHONE, fee: int = 0, **about: Any) -> str:
        """A client says yes to a payment; its id."""
        where = {"service": CODE, "flow": "repay", "step": "pay", "release": self.published.current.hash}
        names = {"amount": AMOUNT, "code": CODE, "account": {"nickname": Name("Amana")}}
        words = {"names": names} | where | about
        agreed = Agreed(account=ACCOUNT, amount=AMOUNT, fee=Money(fee, "KES"), wallet=wallet, **words)
        caller = Caller(PHONE, "ussd", CLIENT, "en", "b" * 32)
        await Payments(self.db, self.clock, "purse").collect(key, caller, agreed)
        async with self.db.read() as conn:
            return str(await conn.scalar(sa.select(tables.payment.c.id).where(tables.payment.c.key == key)))

    async def phone(self, *, closed: bool = False, noticed: bool = False, phone: str = PHONE) -> None:
        """The phone's session is so now."""
        held = await self.sessions.load("ussd", CODE, phone)
        talk = talks.encode(Session("r", "b" * 32, Person(phone, "ussd"), CODE))
        told = Told(Spot(0, b""), "Press OK.", not closed, talk)
        state = State("S1", told, self.clock.seconds(), closed=closed, noticed=noticed)
        assert await self.sessions.commit("ussd", CODE, phone, held, Change(state, b"e", None, None)) is None

    async def noticed(self) -> None:
        """The provider tells that the session is over."""
        await self.phone(closed=True, noticed=True)

    async def sweep(self, paying: Paying | None = None) -> None:
        """One look of the leader, and its job."""
        await (paying or self.paying()).pay(await payments.due(self.db, self.clock.now(), 100))

    async def pass_(self, seconds: float, step: float = 0.5) -> None:
        """Time passes, with a look at each ``step``."""
        for _ in range(round(seconds / step)):
            self.clock.advance(step)
            await self.sweep()

    async def row(self, payment: str) -> Row:
        row = await payments.find(self.db, payment)
        assert row
        return row

    async def state(self, payment: str) -> str:
        return (await self.row(payment)).payment.state

    async def texts(self) -> dict[str, str]:
        """What is queued to be sent: by the last part of its reference, the text."""
        async with self.db.read() as conn:
            found = await conn.execute(sa.select(tables.outbox.c.ref, tables.outbox.c.text))
            return {ref.split(":", 2)[2]: text for ref, text in found}


@asynccontextmanager
async def opened_till(db: Database, valkey_url: str) -> AsyncIterator[Till]:
    redis = connect(valkey_url, 2.0)
    hot = nodes.opened(valkey_url, redis, 2.0)
    client = {"id": CLIENT, "number": "C-1", "name": "Akinyi", "stage": "active", "created_at": START}
    async with db.write() as conn:
        await conn.execute(sa.insert(tables.client).values(**client))
    yield Till(db, Sessions(hot))
    await hot.close()
    await redis.aclose()
