"""The stores, for a command that needs them and ends soon."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from flows.release import Release
from gateway.build import Stores, bank_of, open_stores, told
from gateway.home import Home
from gateway.institution import institution
from gateway.later_words import TextOf, words_for
from gateway.publishing import compiled, gather
from gateway.record import migrations
from gateway.record.hashing import Hasher
from gateway.record.releases import Publication
from gateway.record.releases import Releases as KeptReleases
from gateway.releases import Releases
from gateway.secrets import load_keys
from gateway.settings import Settings, load
from gateway.store.cards import Cards
from gateway.store.sessions import Sessions

PATIENCE = 10.0  # seconds; nobody is on the phone


@dataclass(frozen=True, slots=True)
class Opened:
    """What commands on clients reach."""

    stores: Stores
    hasher: Hasher
    cards: Cards
    release: Release

    @property
    def bank(self) -> Any:
        return bank_of(self.stores, self.release.products)

    async def later_words(self, release: str) -> TextOf:
        """The later texts of a payment that was agreed to in ``release``."""
        stores = self.stores
        kept = Releases(stores.redis, KeptReleases(stores.db, stores.clock))
        return await words_for(kept, release, self.release, stores.clock.today())

    def tell(self, language: str, key: str, values: Mapping[str, object]) -> str:
        """The words of a message that a change of the record brings."""
        return told(self.release, language, key, values)


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
    settings = await _settings()
    stores = await open_stores(settings, seconds=PATIENCE)
    kept = KeptReleases(stores.db, stores.clock)
    try:
        yield OpenedReleases(stores, kept, Releases(stores.redis, kept))
    finally:
        await stores.close()


@asynccontextmanager
async def opened() -> AsyncIterator[Opened]:
    """Raises SettingsError, EmbeddedError."""
    settings = await _settings()
    keys = load_keys(settings.data, settings.security.secret)
    stores = await open_stores(settings, seconds=PATIENCE)
    hasher = Hasher(keys.pepper)
    try:
        await stores.follow_clock()
        sources = gather(Home(settings.home), institution(settings))
        yield Opened(stores, hasher, Cards(stores.db, Sessions(stores.hot)), compiled(sources))
    finally:
        hasher.close()
        await stores.close()


async def _settings() -> Settings:
    """The settings, with a record that can be worked on. Raises OutOfDate."""
    settings = load()
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    await migrations.require_newest(settings.database_url())
    return settings
