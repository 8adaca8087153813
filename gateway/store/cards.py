"""Contact cards in the session store, so that a known client is greeted while the record is down."""

from __future__ import annotations

from typing import Any

from gateway.record import cards
from gateway.record.database import Database
from gateway.store.sessions import Sessions


class Cards:
    """Keeps the card of an address as the record has it."""

    def __init__(self, db: Database, sessions: Sessions) -> None:
        self._db = db
        self._sessions = sessions

    async def read(self, address: str) -> dict[str, Any]:
        """The card from the record. Raises Unavailable."""
        return await cards.build(self._db, address)

    async def refresh(self, address: str) -> None:
        """To be called whenever the record changed who is known on ``address``. Raises Unavailable, StoreDown."""
        card = await self.read(address)
        if card["clients"]:
            await self._sessions.put_who(address, card)
        else:
            await self._sessions.forget_who(address)
