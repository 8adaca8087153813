"""The sample institution served in this process, on whatever stores a test has."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from wire import Wire

from gateway.build import House
from gateway.secrets import channel_path
from gateway.settings import Settings, load
from gateway.web import demo
from gateway.web.listening import listen
from gateway.web.opened import open_gateway
from gateway.web.serving import reached

SECRET = "only tests have this secret, all of them the same"


@dataclass(frozen=True, slots=True)
class Served:
    wire: Wire  # to the channel ussd
    house: House


def settings_of(database_url: str, redis_url: str, folder: Path, **more: str) -> Settings:
    """Of the demonstration; ``more`` as in the environment: ``NJIA_LOG__LEVEL``."""
    stores = {"NJIA_DATABASE__URL": database_url, "NJIA_REDIS__URL": redis_url, "NJIA_SECURITY__SECRET": SECRET}
    return load(data=folder, flags={"demo.enabled": "true"}, environment={**stores, **more})


@asynccontextmanager
async def served(settings: Settings) -> AsyncIterator[Served]:
    """As ``gateway.web.serving`` does it, at a port of its own."""
    (listening,) = listen("127.0.0.1", 0, 1)
    host, port = listening.getsockname()
    settings = replace(settings, web=replace(settings.web, port=port))  # as its parent tells it
    async with open_gateway(settings) as app, reached(app, listening):
        house = app[demo.HOUSE]
        yield Served(Wire(f"http://{host}:{port}", channel_path(house.keys, "ussd")), house)
