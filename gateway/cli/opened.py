"""The stores, for a command that needs them and ends soon."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from gateway.build import Stores, open_stores
from gateway.record.hashing import Hasher
from gateway.record.releases import Publication
from gateway.record.releases import Releases as KeptReleases
from gateway.releases import Releases
from gateway.secrets import load_keys
from gateway.settings import load
from gateway.store.cards import Cards
from gateway.store.sessions import Sessions

PATIENCE = 10.0  # seconds; nobody is on the phone


@dataclass(frozen=True, slots=True)
class Opened:
    """What commands on clients reach."""

    stores: Stores
    hasher: Hasher
    cards: Cards


@dataclass(frozen=True, slots=True)
class OpenedReleases:
    """What commands on releases reach."""

    stores: Stores
    kept: KeptReleases
    releases: Releases

    async def history(self) -> list[Publication]:
        return await self.kept.history()


@asynccontextmanager
async def opened_releases() -> AsyncIterator[OpenedReleases]:
    """Raises SettingsError, EmbeddedError."""
    stores = await open_stores(load(), seconds=PATIENCE)
    kept = KeptReleases(stores.db, stores.clock)
    try:
        yield OpenedReleases(stores, kept, Releases(stores.redis, kept))
    finally:
        await stores.close()


@asynccontextmanager
async def opened() -> AsyncIterator[Opened]:
    """Raises SettingsError, EmbeddedError."""
    settings = load()
    keys = load_keys(settings.data, settings.security.secret)
    stores = await open_stores(settings, seconds=PATIENCE)
    hasher = Hasher(keys.pepper)
    try:
        await stores.follow_clock()
        yield Opened(stores, hasher, Cards(stores.db, Sessions(stores.redis)))
    finally:
        hasher.close()
        await stores.close()
