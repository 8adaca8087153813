"""Payments as conversations see them (``flows.ports.Payments``): an instruction is written durably, nothing is sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from flows.paying.facts import Payment
from flows.ports import Agreed, Caller, Payable, Unavailable
from gateway.clock import Clock
from gateway.ids import new_id
from gateway.record import asking_others, effects
from gateway.record.database import Database, insert
from gateway.record.payment_rows import Row, columns, line, open_for, row_of
from gateway.record.tables import account
from gateway.record.tables import payment as table
from gateway.record.typed_json import plain


async def _always(client: str, account: str) -> bool:
    return True


class Payments:
    """``provider`` is the name of the ``[payments.<name>]`` that is asked; "" when there is none."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        provider: str,
        payable: Callable[[str, str], Awaitable[bool]] = _always,
        others_a_day: int = asking_others.USUAL,
    ) -> None:
        """``payable``: whether an account of a client takes money now. ``others_a_day``: see ``asking_others``."""
        self._db = db
        self._clock = clock
        self._provider = provider
        self._payable = payable
        self._others_a_day = others_a_day

    async def collect(self, key: str, caller: Caller, agreed: Agreed) -> tuple[str, Payable | None]:
        """``asked``, or ``already asked`` with the open one while a payment for this client and account is open.

        ``changed`` where the account takes no money any more, ``too often`` where other phones were asked often
        enough. An effect under ``key``: a second call gives the first exit. Raises Unavailable, and Uncertain.
        """
        if not self._provider:
            raise Unavailable("no wallet is set up")

        takes = await self._payable(caller.client, agreed.account)

        async def work(conn: AsyncConnection) -> list[str]:
            if not takes:
                return ["changed", ""]
            return await self._collect(conn, key, caller, agreed)

        exit_, of = await effects.once(self._db, self._clock, key, "collect", work)
        return exit_, await self._one(table.c.id == of) if exit_ == "already asked" else None

    async def last(self, caller: Caller) -> Payable | None:
        """The client's newest payment. Raises Unavailable."""
        return await self._one(table.c.client == caller.client)

    async def recent(self, caller: Caller, limit: int) -> list[Payable]:
        """The client's payments, the newest first. Raises Unavailable."""
        return await self._newest(table.c.client == caller.client, limit)

    async def _collect(self, conn: AsyncConnection, key: str, caller: Caller, agreed: Agreed) -> list[str]:
        """The exit and the payment that it is about."""
        payment = self._agreed(caller, agreed)
        row = columns(payment) | _around(key, caller, agreed) | {"open_for": open_for(payment)}
        row |= {"history": [line(payment, payment.created_at, "the client agreed")]}
        row["nickname"] = row["nickname"] or await _nickname(conn, agreed.account)
        opened = sa.select(table.c.id).where(table.c.open_for == row["open_for"])
        others = (agreed.wallet, self._others_a_day, payment.created_at)
        if await asking_others.too_often(conn, caller, *others) and not await conn.scalar(opened):
            return ["too often", ""]
        while True:
            made = insert(conn, table).values(**row).on_conflict_do_nothing(index_elements=["open_for"])
            if (await conn.execute(made)).rowcount == 1:
                return ["asked", payment.id]
            there = await conn.scalar(opened)
            if there is not None:  # else it was closed in this moment
                return ["already asked", there]

    def _agreed(self, caller: Caller, agreed: Agreed) -> Payment:
        now = self._clock.now()
        return Payment(
            id=new_id(),
            client=caller.client,
            account=agreed.account,
            amount=agreed.amount,
            fee=agreed.fee,
            provider=self._provider,
            wallet=agreed.wallet,
            created_at=now,
            moved_at=now,
            next_at=now,
        )

    async def _one(self, condition: sa.ColumnElement[bool]) -> Payable | None:
        return next(iter(await self._newest(condition, 1)), None)

    async def _newest(self, condition: sa.ColumnElement[bool], limit: int) -> list[Payable]:
        asked = sa.select(table).where(condition).order_by(table.c.created_at.desc(), table.c.id.desc()).limit(limit)
        async with self._db.read() as conn:
            found = (await conn.execute(asked)).all()
        return [payable(row_of(one), self._clock.zone) for one in found]


def payable(row: Row, zone: dt.tzinfo) -> Payable:
    """As its payer may be told of it: money that is not on the account yet is still being checked."""
    payment = row.payment
    state = "not paid" if payment.state == "failed" else "checking"
    if payment.state == "posted" or (payment.state == "exception" and payment.told == "paid"):
        state = "paid"
    at = payment.created_at.astimezone(zone)
    return Payable(state, payment.amount, payment.account, row.nickname, at, payment.receipt)


def _around(key: str, caller: Caller, agreed: Agreed) -> dict[str, Any]:
    return {
        "key": key,
        "conversation": caller.conversation,
        "address": caller.address,
        "channel": caller.channel,
        "service": agreed.service,
        "language": caller.language,
        "flow": agreed.flow,
        "step": agreed.step,
        "release": agreed.release,
        "nickname": agreed.nickname,
        "names": plain(agreed.names),
    }


async def _nickname(conn: AsyncConnection, ref: str) -> str:
    """What its holder calls an account of our own ledger."""
    return await conn.scalar(sa.select(account.c.nickname).where(account.c.ref == ref)) or ""
