"""``/healthz``: this process is alive. ``/readyz``: it can serve, or why not. ``/metrics``: what it counted."""

from __future__ import annotations

import asyncio
from typing import Protocol

from aiohttp import web

from gateway.metrics import CONTENT_TYPE, Metrics

PATHS = ("/healthz", "/readyz", "/metrics")
PATIENCE = 2.0  # seconds for the stores to say how they are


class Served(Protocol):
    """What these pages need of a gateway."""

    @property
    def metrics(self) -> Metrics: ...

    async def troubles(self) -> list[str]:
        """Why clients cannot be served just now, as sentences; empty when they can."""

    async def measure(self) -> None:
        """Brings the gauges up to date; raises nothing when a store is down."""


def routes(app: web.Application, served: Served) -> None:
    """Adds the three pages."""

    async def alive(_: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def ready(_: web.Request) -> web.Response:
        reasons = await _in_time(served)
        return web.json_response({"ready": not reasons, "reasons": reasons}, status=503 if reasons else 200)

    async def metrics(_: web.Request) -> web.Response:
        await served.measure()
        return web.Response(body=served.metrics.page(), headers={"Content-Type": CONTENT_TYPE})

    for path, handler in zip(PATHS, (alive, ready, metrics), strict=True):
        app.router.add_get(path, handler)


async def _in_time(served: Served) -> list[str]:
    try:
        async with asyncio.timeout(PATIENCE):
            return await served.troubles()
    except TimeoutError:
        return [f"The stores did not answer within {PATIENCE:.0f} seconds."]
