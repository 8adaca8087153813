"""The simulated wallet on a clock that is moved, and a gateway that only notes what it posts."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from adapters import discover
from adapters.channel import Request
from adapters.payment import Asking, Given, Notebook, Provider
from adapters.simulation import Behaviour, Steered
from flows.values import Money
from gateway.clock import SetClock

NOW = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)
WALLET = "+254700000001"
PAYMENT = Asking("pay-1", WALLET, Money(51_000, "KES"), "Biashara", "Jamii Microfinance")


@dataclass
class Bed:
    """A provider with its payer and its surroundings in the test's hand."""

    provider: Provider
    clock: SetClock
    posted: list[Request] = field(default_factory=list)  # its callbacks, as they came

    async def payer(self, does: Behaviour) -> None:
        """How the wallet, and who holds it, will treat what is asked from now on."""
        await self.steered.behave(WALLET, does)

    async def later(self, seconds: float) -> None:
        self.clock.advance(seconds)
        await self.steered.tell()

    @property
    def steered(self) -> Steered:
        return self.provider  # type: ignore[return-value]


async def nobody(_: str) -> bool:
    return False


@asynccontextmanager
async def bed(notebook: Notebook, clock: SetClock | None = None, **more: Any) -> AsyncIterator[Bed]:
    """``more``: options of the wallet, and ``in_session``."""
    made = Bed(None, clock or SetClock(NOW))  # type: ignore[arg-type]

    async def hear(request: web.Request) -> web.Response:
        made.posted.append(Request(request.method, request.path, request.headers, "", await request.read()))
        return web.Response(text="OK")

    app = web.Application()
    app.router.add_post("/payments/simulated", hear)
    async with TestServer(app) as server:
        in_session = more.pop("in_session", nobody)
        url = str(server.make_url("/payments/simulated"))
        made.provider = opened(notebook, made.clock, url, in_session=in_session, **more)
        try:
            yield made
        finally:
            await made.provider.close()


def opened(notebook: Notebook | None, clock: SetClock, url: str = "", in_session: Any = nobody, **options: Any) -> Any:
    given = Given(
        name="simulated",
        options=options,
        currency="KES",
        now=clock.now,
        callback_url=url,
        notebook=notebook,
        in_session=in_session,
    )
    return discover.payment("payments/simulated", given)
