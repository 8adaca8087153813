"""A world of which parts can be switched off or made slow, as when the bank or the record is down."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any

from flows.ports import Unavailable, World

RECORD = ("pins", "clients", "consents", "cases", "payments", "invitations")


class Switched:
    """Passes everything on to ``world``, but for the parts that are down or slow."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.bank: Any = _Part(world.bank)
        self.pins: Any = _Part(world.pins)
        self.clients: Any = _Part(world.clients)
        self.consents: Any = _Part(world.consents)
        self.cases: Any = _Part(world.cases)
        self.payments: Any = _Part(world.payments)
        self.invitations: Any = _Part(world.invitations)

    def switch(self, what: str, how: str) -> None:
        """``what`` is ``bank``, or ``record`` for everything that is kept in SQL; ``how``: ``up``, ``down``, ``slow``
        (no answer until it is up again)."""
        for name in RECORD if what == "record" else ("bank",):
            getattr(self, name).become(how)

    def free(self) -> None:
        """Everything is up, and what waited goes on: nothing is left behind when a conversation is over."""
        for name in (*RECORD, "bank"):
            getattr(self, name).become("up")

    def today(self) -> dt.date:
        return self._world.today()

    def now(self) -> dt.datetime:
        return self._world.now()


class _Part:
    def __init__(self, part: object) -> None:
        self._part, self._how, self._quick = part, "up", asyncio.Event()

    def become(self, how: str) -> None:
        self._how = how
        (self._quick.clear if how == "slow" else self._quick.set)()

    def __getattr__(self, name: str) -> Any:
        work = getattr(self._part, name)
        return {"down": _unavailable, "slow": self._later(work)}.get(self._how, work)

    def _later(self, work: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def wait(*given: Any, **named: Any) -> Any:
            await self._quick.wait()
            return await work(*given, **named)

        return wait


async def _unavailable(*_: Any, **__: Any) -> Any:
    raise Unavailable
