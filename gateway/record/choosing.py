"""A new PIN: weighed, typed twice, told to the phones that were there before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from flows.ports import Caller
from flows.values import Secret
from gateway.clock import Clock
from gateway.ids import new_id
from gateway.record import effects, guessing, outbox
from gateway.record.auditing import note
from gateway.record.database import Database, upsert
from gateway.record.hashing import Hasher, figures
from gateway.record.phones import addresses_of
from gateway.record.pin_rows import candidate_of, holder_of, pin_of, use_of_pin
from gateway.record.tables import client, pin
from gateway.record.weak_pins import weak

COOLING = dt.timedelta(hours=24)  # no money goes out: time for the client to read the SMS and to call

Tell = Callable[[str, str, dict[str, Any]], str]  # language, key of system.yaml, values


class Choosing:
    """``propose`` and ``confirm`` of ``flows.ports.Pins``."""

    def __init__(self, db: Database, hasher: Hasher, clock: Clock, tell: Tell) -> None:
        self._db = db
        self._hasher = hasher
        self._clock = clock
        self._tell = tell

    async def propose(self, key: str, caller: Caller, typed: Secret) -> str:
        """``proposed | weak``. Only a hash is kept, for ten minutes."""
        async with self._db.read() as conn:
            holder = await holder_of(conn, caller.client, caller.address)
        if weak(figures(typed), holder):
            return await self._once(key, "propose pin", _weak)
        with self._hasher.place():
            hashed = await self._hasher.hash(typed, use_of_pin(caller.client))
        candidate = {"client": caller.client, "candidate": hashed, "candidate_at": self._clock.now()}
        return await self._once(key, "propose pin", lambda conn: _keep(conn, candidate))

    async def confirm(self, key: str, caller: Caller, typed: Secret) -> str:
        """``set | different | expired``. After ``different`` a new one must be proposed."""
        async with self._db.read() as conn:
            hashed = await candidate_of(conn, caller.client, self._clock.now())
        same = False
        if hashed is not None:
            with self._hasher.place():
                same = await self._hasher.fits(hashed, typed, use_of_pin(caller.client))
        return await self._once(key, "confirm pin", lambda conn: self._decide(conn, caller, hashed, same))

    async def _once(self, key: str, action: str, work: Callable[[AsyncConnection], Any]) -> str:
        return str(await effects.once(self._db, self._clock, key, action, work))

    async def _decide(self, conn: AsyncConnection, caller: Caller, hashed: str | None, same: bool) -> str:
        of = caller.client
        if hashed is None or await candidate_of(conn, of, self._clock.now()) != hashed:
            return "expired"
        if not same:
            await conn.execute(sa.update(pin).where(pin.c.client == of).values(candidate=""))
            return "different"
        told = "told_pin_changed" if await pin_of(conn, of) else "told_pin_set"
        await self._promote(conn, caller, hashed)
        await self._tell_phones(conn, caller, told)
        return "set"

    async def _promote(self, conn: AsyncConnection, caller: Caller, hashed: str) -> None:
        now, of = self._clock.now(), caller.client
        values = {"hash": hashed, "set_at": now, "candidate": "", "candidate_at": None, "cooling_until": now + COOLING}
        used_up = {"code_hash": "", "code_expires": None}
        await conn.execute(sa.update(pin).where(pin.c.client == of).values(values | used_up))
        await guessing.forget(conn, f"pin {of}", f"code {of}")
        await note(conn, now, "client", "PIN set", of, {"channel": caller.channel, "conversation": caller.conversation})

    async def _tell_phones(self, conn: AsyncConnection, caller: Caller, key: str) -> None:
        language = await conn.scalar(sa.select(client.c.language).where(client.c.id == caller.client))
        text, now = self._tell(language or caller.language, key, {}), self._clock.now()
        for to in await addresses_of(conn, caller.client):
            await outbox.put(conn, ref=new_id(), to=to, text=text, client=caller.client, now=now)


async def _weak(_conn: AsyncConnection) -> str:
    return "weak"


async def _keep(conn: AsyncConnection, candidate: dict[str, Any]) -> str:
    await upsert(conn, pin, ["client"], candidate)
    return "proposed"
