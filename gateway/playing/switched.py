"""A world of which parts can be switched off, as when the bank or the record is down."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flows.ports import Unavailable, World

RECORD = ("pins", "clients", "consents", "cases", "payments", "invitations")


class Switched:
    """Passes everything on to ``world``, but for the parts that are down."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.bank: Any = _Part(world.bank)
        self.pins: Any = _Part(world.pins)
        self.clients: Any = _Part(world.clients)
        self.consents: Any = _Part(world.consents)
        self.cases: Any = _Part(world.cases)
        self.payments: Any = _Part(world.payments)
        self.invitations: Any = _Part(world.invitations)

    def switch(self, what: str, down: bool) -> None:
        """``what`` is ``bank``, or ``record`` for everything that is kept in SQL."""
        for name in RECORD if what == "record" else ("bank",):
            getattr(self, name).down = down

    def today(self) -> dt.date:
        return self._world.today()

    def now(self) -> dt.datetime:
        return self._world.now()


class _Part:
    def __init__(self, part: object) -> None:
        self._part, self.down = part, False

    def __getattr__(self, name: str) -> Any:
        if self.down:
            return _unavailable
        return getattr(self._part, name)


async def _unavailable(*_: Any) -> Any:
    raise Unavailable
