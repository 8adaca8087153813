"""Consent by purpose (``flows.ports.Consents``): each choice is a row of its own, the newest one holds."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from flows.ports import Caller
from gateway.clock import Clock
from gateway.ids import new_id
from gateway.record import effects
from gateway.record.database import Database
from gateway.record.tables import consent

# Before anything was said: surveys and reminders may be stopped, marketing waits for a yes. Service is no question.
UNASKED = {"survey": True, "reminder": True, "marketing": False}


async def agrees(db: Database, client: str, address: str, purpose: str) -> bool:
    """Whether they may be written to: neither the client nor, for itself, the number has said no. Raises
    Unavailable."""
    mine, nobody_s = await _given(db, client, address), await _given(db, "", address)
    return mine.get(purpose, True) and nobody_s.get(purpose, True)


async def _given(db: Database, client: str, address: str) -> dict[str, bool]:
    own = consent.c.client == client if client else sa.false()
    numbers = sa.and_(consent.c.address == address, consent.c.client.is_(None))
    said = sa.select(consent.c.purpose, consent.c.given).where(sa.or_(own, numbers))
    async with db.read() as conn:
        rows = await conn.execute(said.order_by(consent.c.at, consent.c.id))
        return UNASKED | {row.purpose: row.given for row in rows}


class Consents:
    """Implements ``flows.ports.Consents``. Raises Unavailable."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def give(self, key: str, caller: Caller, purpose: str, given: bool, notice: str) -> None:
        """``given`` is False to withdraw. Raises ValueError for a purpose that needs no consent, or is none."""
        if purpose not in UNASKED:
            raise ValueError("there is no consent to give for this purpose")
        row = {"key": key, "purpose": purpose, "given": given, "notice": notice}

        async def write(conn: AsyncConnection) -> bool:
            await conn.execute(sa.insert(consent).values(**row, **self._from(caller)))
            return True

        await effects.once(self._db, self._clock, key, "set consent", write)

    async def given(self, caller: Caller) -> dict[str, bool]:
        """What holds for this client; for a number that nobody is known by, for the number."""
        return await _given(self._db, caller.client, caller.address)

    def _from(self, caller: Caller) -> dict[str, object]:
        return {
            "id": new_id(),
            "client": caller.client or None,
            "address": caller.address,
            "at": self._clock.now(),
            "channel": caller.channel,
            "conversation": caller.conversation,
        }
