"""The house that the month is lived in: a record, a session store and a clock of its own, thrown away afterwards."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import sqlalchemy as sa
from aiohttp import web

from gateway.build import House, Stores, build, connect
from gateway.clock import SetClock
from gateway.embedded.attachment import attach
from gateway.embedded.valkey import Limits
from gateway.metrics import Metrics
from gateway.record import migrations
from gateway.record.database import Database
from gateway.record.hashing import Hasher
from gateway.record.tables import party, staff
from gateway.secrets import load_keys
from gateway.settings import PAST, WRITTEN, Settings
from gateway.web import payments
from gateway.web.listening import listen

PATIENCE = 20.0  # seconds for the stores: nobody waits
HASTY = (1, 64, 1)  # passes, KiB and lanes of argon2: the PINs of people that there are not protect nothing
FROM_THE_RECORD = (party, staff)


@dataclass(frozen=True, slots=True)
class Place:
    """Where it lies: in the data folder of the demonstration."""

    folder: Path

    @property
    def living(self) -> Path:
        """The record while the month is lived."""
        return self.folder / "living.db"

    @property
    def lived(self) -> Path:
        """The same when it is complete."""
        return self.folder / "lived.db"

    @property
    def wallet(self) -> Path:
        """What the wallet has on its pages by then."""
        return self.folder / "wallet.json"

    @property
    def written(self) -> Path:
        """There as soon as the record of the demonstration has all of it."""
        return self.folder / WRITTEN

    def clear(self) -> None:
        """Removes whatever lies there, but for the word that it is written."""
        for path in self.folder.iterdir() if self.folder.is_dir() else ():
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            elif path != self.written:
                path.unlink(missing_ok=True)


def place(data: Path) -> Place:
    return Place(data / PAST)


@asynccontextmanager
async def opened(settings: Settings, record: Database, at: Place, begins: dt.datetime) -> AsyncIterator[House]:
    """Everything joined on scratch stores, with the staff of ``record``; the wallet calls back at an address of its
    own."""
    at.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    url = f"sqlite+aiosqlite:///{at.living}"
    await migrations.upgrade(url)
    (listening,) = listen("127.0.0.1", 0, 1)
    settings = replace(settings, web=replace(settings.web, port=listening.getsockname()[1]))
    attachment = attach(at.folder, Limits())
    clock = SetClock(begins, settings.institution.timezone)
    stores = Stores(
        settings,
        connect(attachment.url, PATIENCE),
        attachment.url,
        Database(url, scratch=True),
        clock,
        attachment,
        PATIENCE,
    )
    await _copy(record, stores.db)
    keys = load_keys(settings.data, settings.security.secret)
    house = await build(stores, Hasher(keys.pepper, cost=HASTY))
    runner = await _till(house)
    try:
        await web.SockSite(runner, listening).start()
        yield house
    finally:
        await runner.cleanup()
        await house.close()


async def _copy(record: Database, into: Database) -> None:
    async with record.read() as conn:
        kept = [
            (table, [dict(row._mapping) for row in await conn.execute(sa.select(table))]) for table in FROM_THE_RECORD
        ]
    async with into.write() as conn:
        for table, rows in kept:
            if rows:
                await conn.execute(sa.insert(table), rows)


async def _till(house: House) -> web.AppRunner:
    """Where the simulated wallet posts what became of a payment."""
    app = web.Application()
    payments.routes(app, house, Metrics())
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    return runner
