"""Carries payments out: waits for the end of the session, asks the wallet, asks what became of it, posts the money.

Every step is written down before it is taken. A worker that is killed between two of them leaves a row that comes due
again, and whoever takes it up asks first what has happened.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from msgspec.structs import replace

from adapters.payment import Asking, Provider, Unanswered
from flows.paying.facts import Fact, NoAnswer, Payment, SessionOpen
from flows.paying.looks import OPEN
from flows.paying.machine import after, move
from flows.ports import Bank
from flows.values import Money
from gateway import posting
from gateway.clock import Clock
from gateway.gate import Line, Releases
from gateway.later_words import TextOf, words_for
from gateway.record import payments
from gateway.record.database import Database
from gateway.record.payments import Row
from gateway.session_over import all_over
from gateway.store.sessions import Sessions

log = logging.getLogger("njia.payments")

SECONDS = 6.0  # for one call of a provider; below the time for which a payment is claimed
STEPS = 8  # of one payment at one go


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """What carrying out a payment reaches."""

    db: Database
    clock: Clock
    sessions: Sessions
    lines: Mapping[str, Line]
    releases: Releases
    providers: Mapping[str, Provider]  # by their names in njia.toml
    bank: Bank
    seconds: float = SECONDS


class Paying:
    """Does with payments what is due now."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    async def pay(self, ids: Iterable[str]) -> None:
        """Takes those of ``ids`` that are due and nobody else has as far as they go now.

        Raises Unavailable, StoreDown: what was claimed then comes due again by itself.
        """
        claimed = await payments.claim(self._tools.db, ids, self._tools.clock.now())
        waits = await asyncio.gather(*(self._waits(row) for row in claimed))
        await self._put_off([row.payment.id for row, waiting in zip(claimed, waits, strict=True) if waiting])
        going = (self._one(row) for row, waiting in zip(claimed, waits, strict=True) if not waiting)
        for error in await asyncio.gather(*going, return_exceptions=True):
            if isinstance(error, BaseException):
                raise error

    async def _waits(self, row: Row) -> bool:
        """Whether only the time of the next look changes: it waits for the end of a session, as most do."""
        if move(row.payment) != "send" or await self._session_over(row):
            return False
        later = after(row.payment, SessionOpen(), self._tools.clock.now())
        return replace(later, next_at=row.payment.next_at) == row.payment

    async def _put_off(self, ids: list[str]) -> None:
        """In one write for all of them."""
        if ids:
            await payments.put_off(self._tools.db, ids, self._tools.clock.now() + OPEN)

    async def _one(self, row: Row) -> None:
        releases = self._tools.releases
        texts = await words_for(releases, row.release, releases.current, self._tools.clock.today())
        payment = row.payment
        for _ in range(STEPS):
            payment = await self._step(row, payment, texts)
            due = payment.next_at is not None and payment.next_at <= self._tools.clock.now()
            if not due and payment.state != "succeeded":  # money that was just taken is posted at once
                return

    async def _step(self, row: Row, payment: Payment, texts: TextOf) -> Payment:
        match move(payment):
            case "send":
                return await self._send(row, payment, texts)
            case "ask":
                return await self._ask(payment, texts)
            case "post":
                fact = await posting.post(self._tools.bank, payment, self._tools.clock.today())
                return await self._apply(payment, fact, texts)
            case None:
                return payment

    async def _apply(self, payment: Payment, fact: Fact, texts: TextOf, of: Payment | None = None) -> Payment:
        """``of``: the payment as it was sent, where ``fact`` is the answer to that."""
        tools, provider = self._tools, self._tools.providers.get(payment.provider)
        resends = provider is not None and provider.resends
        return await payments.apply(tools.db, payment.id, fact, tools.clock.now(), texts, resends=resends, of=of)

    async def _send(self, row: Row, payment: Payment, texts: TextOf) -> Payment:
        """Asks the wallet, if the session is over. That it is being asked is written down first, by one of us alone."""
        provider = self._tools.providers.get(payment.provider)
        if provider is None or not await self._session_over(row):
            return await self._apply(payment, SessionOpen(), texts)
        sent = await payments.start(self._tools.db, payment.id, self._tools.clock.now())
        if sent is None:  # it is decided already, or somebody else is at it
            known = await self._known(payment, texts)
            return known if known.state != payment.state else replace(known, next_at=None)
        return await self._apply(sent, await self._request(provider, sent), texts, of=sent)

    async def _session_over(self, row: Row) -> bool:
        tools = self._tools
        phones = (row.address, row.payment.wallet)
        return await all_over(tools.sessions, tools.lines.get(row.channel), row.service, phones, tools.clock.seconds())

    async def _request(self, provider: Provider, payment: Payment) -> Fact:
        """What the provider says to the request. Whatever is not understood is no answer."""
        amount = Money(payment.amount.minor + payment.fee.minor, payment.amount.currency)
        payee = str(self._tools.releases.current.names["payee"])
        try:
            async with asyncio.timeout(self._tools.seconds):
                return await provider.request(Asking(payment.id, payment.wallet, amount, payment.account, payee))
        except TimeoutError:
            return NoAnswer()
        except Exception:
            log.exception("payment %s: the wallet's adapter failed", payment.id)
            return NoAnswer()

    async def _ask(self, payment: Payment, texts: TextOf) -> Payment:
        """What is known for sure already goes first; only while that decides nothing is the wallet asked."""
        known = await self._known(payment, texts)
        if known.state != payment.state:
            return known
        return await self._apply(known, await self._answer(known), texts)

    async def _known(self, payment: Payment, texts: TextOf) -> Payment:
        """The payment with what proven callbacks have said of it."""
        for fact in await payments.said(self._tools.db, payment.id):
            payment = await self._apply(payment, fact, texts)
        return payment

    async def _answer(self, payment: Payment) -> Fact:
        """What the provider says that became of it."""
        provider = self._tools.providers.get(payment.provider)
        if provider is None or not provider.asks:
            return NoAnswer()
        try:
            async with asyncio.timeout(self._tools.seconds):
                return await provider.ask(payment.id)
        except (Unanswered, TimeoutError):
            return NoAnswer()
        except Exception:
            log.exception("payment %s: the wallet's adapter failed", payment.id)
            return NoAnswer()
