"""A person who told the provider to stop: nothing that needs consent goes to that number any more."""

from __future__ import annotations

import sqlalchemy as sa

from flows.ports import Caller
from gateway.clock import Clock
from gateway.record.consents import Consents
from gateway.record.database import Database
from gateway.record.tables import outbox

ENDED = ("survey", "marketing")  # as the word STOP does


async def stopped(db: Database, clock: Clock, ref: str) -> None:
    """``ref``: the message that could not go, by our reference or the provider's. Told again, it is no news: a consent
    that was given since stands. Raises Unavailable."""
    known = sa.or_(outbox.c.ref == ref, outbox.c.provider_ref == ref)
    async with db.read() as conn:
        found = (
            await conn.execute(sa.select(outbox.c.ref, outbox.c.to, outbox.c.channel).where(known).limit(1))
        ).first()
    if found is None:
        return
    number = Caller(address=found.to, channel=found.channel, client="", language="", conversation="")
    for purpose in ENDED:
        await Consents(db, clock).give(f"stopped:{found.ref}:{purpose}", number, purpose, False, "")
