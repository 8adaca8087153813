"""A number that is added to a client is told to the numbers they had, and no money goes out for a day: whoever adds
their own phone to somebody's record must not be the only one who knows."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.ids import new_id
from gateway.record import outbox
from gateway.record.choosing import COOLING, Tell
from gateway.record.clients import Client, Told
from gateway.record.phones import addresses_of
from gateway.record.tables import pin

WORDS = "told_number_added"


async def warn(conn: AsyncConnection, who: Client, told: Told, tell: Tell, language: str) -> None:
    """Called in the transaction that adds the number, before it is there. ``language`` is for a client without one."""
    text = tell(who.language or language, WORDS, {})
    for to in await addresses_of(conn, who.id):
        await outbox.put(conn, ref=new_id(), to=to, text=text, client=who.id, now=told.at)
    await conn.execute(sa.update(pin).where(pin.c.client == who.id).values(cooling_until=told.at + COOLING))
