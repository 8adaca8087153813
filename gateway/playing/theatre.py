"""Where conversations are played: a record with the sample people, the same again for each conversation."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from flows.people import People
from gateway.build import House, Stores, build, connect
from gateway.clock import SetClock
from gateway.preparing import seed
from gateway.record import migrations
from gateway.record.database import Database
from gateway.settings import Settings

MORNING = dt.datetime(2026, 6, 15, 7, 0, tzinfo=dt.UTC)  # a Monday, ten o'clock in Nairobi
PATIENCE = 5.0  # seconds for the session store


class Theatre:
    """``folder`` is scratch; ``redis_url`` a Redis that nobody else uses: it is emptied for each conversation."""

    def __init__(self, settings: Settings, people: People, folder: Path, redis_url: str) -> None:
        self._settings = replace(settings, data=folder)
        self._people = people
        self._folder = folder
        self._redis_url = redis_url

    async def open(self) -> None:
        """Makes the record that every conversation starts from."""
        url = self._url("first")
        await migrations.upgrade(url)
        stores = self._stores(url)
        house = await build(stores)
        try:
            await seed(house, self._people)
        finally:
            await house.close()

    @asynccontextmanager
    async def scene(self) -> AsyncIterator[House]:
        """A house as it was after ``open``, on a clock that stands at the beginning."""
        shutil.copyfile(self._folder / "first.db", self._folder / "scene.db")
        stores = self._stores(self._url("scene"))
        await stores.redis.flushall()
        house = await build(stores)
        try:
            yield house
        finally:
            await house.close()
            for left in self._folder.glob("scene.db*"):
                left.unlink()

    def _url(self, name: str) -> str:
        return f"sqlite+aiosqlite:///{self._folder / name}.db"

    def _stores(self, url: str) -> Stores:
        clock = SetClock(MORNING, self._settings.institution.timezone)
        redis = connect(self._redis_url, PATIENCE)
        return Stores(self._settings, redis, self._redis_url, Database(url), clock)
