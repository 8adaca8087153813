"""Who is it? (``flows.ports.Clients``): on a shared phone, after a long silence, and for the first time."""

from __future__ import annotations

import datetime as dt
import hmac
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from flows.ports import Caller, Registered, Unavailable
from flows.values import Secret
from gateway.clock import Clock
from gateway.record import cards, effects, guessing
from gateway.record.attempts import Attempts, Guess
from gateway.record.cases import Cases
from gateway.record.database import Database
from gateway.record.phones import bare, same_text
from gateway.record.prospects import Prospects
from gateway.record.tables import client, conversation, observation


class Clients:
    """Implements ``flows.ports.Clients``. ``refresh`` writes the contact card of an address. Raises Unavailable."""

    def __init__(self, db: Database, clock: Clock, cases: Cases, refresh: Callable[[str], Awaitable[None]]) -> None:
        self._db = db
        self._clock = clock
        self._refresh = refresh
        self._attempts = Attempts(db, clock)
        self._prospects = Prospects(clock, cases)

    async def find(self, address: str, typed: str) -> dict[str, Any] | None:
        """As in a contact card. None if nobody of this phone is called so, or two are."""
        known = (await cards.build(self._db, address))["clients"]
        fits = [client for client in known if _is_called(client, typed)]
        return fits[0] if len(fits) == 1 else None

    async def prove_number(self, key: str, caller: Caller, typed: Secret) -> str:
        """``right | wrong | locked``. Counted like a PIN: who got a recycled number has three tries."""

        async def kept(conn: AsyncConnection) -> str | None:
            return await conn.scalar(sa.select(client.c.number).where(client.c.id == caller.client))

        async def fits(number: str) -> bool:
            return hmac.compare_digest(bare(typed.reveal()).encode(), bare(number).encode())

        return await self._attempts.run(Guess(key, "prove number", _subjects(caller), kept, fits, missing="wrong"))

    async def locked_until(self, caller: Caller) -> dt.datetime | None:
        """The end of the lock on proving this client's number, or on this address."""
        async with self._db.read() as conn:
            return await guessing.locked_until(conn, _subjects(caller), self._clock.now())

    async def answered(self, caller: Caller, flow: str) -> dt.date | None:
        """The day on which the client last answered ``flow`` to its end."""
        ended = sa.and_(conversation.c.id == observation.c.conversation, conversation.c.outcome == "completed")
        asked = sa.select(sa.func.max(observation.c.at)).join_from(observation, conversation, ended)
        asked = asked.where(observation.c.client == caller.client, observation.c.flow == flow)
        async with self._db.read() as conn:
            at = await conn.scalar(asked)
        return at.astimezone(self._clock.zone).date() if at else None

    async def register(self, key: str, caller: Caller, name: str, about: str) -> Registered:
        """A prospect with a client number and a case that asks staff to call."""

        async def work(conn: AsyncConnection) -> list[Any]:
            done = await self._prospects.register(conn, key, caller, name, about)
            return [done.number, done.new]

        number, new = await effects.once(self._db, self._clock, key, "register interest", work)
        with suppress(Unavailable):  # they are on the record, where the next call finds them
            await self._refresh(caller.address)
        return Registered(number, new)


def _subjects(caller: Caller) -> tuple[guessing.Subject, guessing.Subject]:
    return guessing.subjects(caller.client, "number", guessing.NUMBER, caller.address)


def _is_called(client: dict[str, Any], typed: str) -> bool:
    return same_text(typed, client["number"]) or same_text(typed, client["nickname"])
