"""From nothing to a record with a past: the month is lived on the side, and then moved. What was done stays done."""

from __future__ import annotations

import datetime as dt
import json
import logging
import random
import time
from dataclasses import dataclass

from gateway.build import House, Stores, open_stores
from gateway.record.database import Database
from gateway.settings import Settings
from gateway.store.notebook import Notebook
from worker.past import moving
from worker.past.cast import MONTH, Cast, cast
from worker.past.diary import Diary, moment
from worker.past.house import PATIENCE, Place, opened, place
from worker.past.joining import Joined, Joining
from worker.past.month import Month
from worker.past.office import Office, everybody
from worker.past.steps import Network, Steps

SEED = "jamii"

log = logging.getLogger("njia.past")


@dataclass(frozen=True, slots=True)
class Days:
    """The month: the thirty days before the one that is ``today`` at the institution."""

    begins: dt.date
    today: dt.date

    @property
    def ends(self) -> dt.date:
        return self.today - dt.timedelta(days=1)


async def write(settings: Settings, seed: str = SEED) -> None:
    """Makes up ``[demo] people``, unless that was done. Raises Unavailable, OSError, EmbeddedError."""
    at, began = place(settings.data), time.monotonic()
    if at.written.exists() or not settings.demo.people:
        return
    stores = await open_stores(settings, PATIENCE)
    try:
        await stores.follow_clock()
        if not at.lived.exists():
            at.clear()
            await _live(settings, stores, at, seed)
        await _move(stores, at)
    finally:
        await stores.close()
    at.written.write_text(json.dumps({"people": settings.demo.people, "seed": seed}) + "\n")
    at.clear()
    log.info("%d made-up clients are written, in %.0f seconds", settings.demo.people, time.monotonic() - began)


async def _live(settings: Settings, stores: Stores, at: Place, seed: str) -> None:
    today, zone = stores.clock.today(), stores.clock.zone
    days = Days(today - dt.timedelta(days=MONTH), today)
    async with opened(settings, stores.db, at, dt.datetime.combine(today, dt.time(), zone)) as house:
        people = await _joined(house, days, cast(seed, settings.demo.people))
        ends = dt.datetime.fromtimestamp(moment(days.ends, dt.time(23, 59), zone), dt.UTC)
        network = Network(settings.channels["sms"], house.stores.clock, seed, ends)
        office = Office(house, random.Random(seed), await everybody(house))  # noqa: S311
        _to(house, moment(days.begins, dt.time(5), zone))
        await Month(house, Diary(days.begins, days.ends, zone), Steps(house, network), office, people).live()
        name = next(iter(settings.payments))
        await moving.keep_pages(Notebook(house.stores.redis, name), name, at)
    at.living.replace(at.lived)  # its log is a part of it since it was closed


async def _joined(house: House, days: Days, of: Cast) -> list[Joined]:
    joining = Joining(house, days.begins, days.today)
    await joining.parties(of)
    return [await joining.join(one) for one in of.people]


def _to(house: House, at: float) -> None:
    house.stores.clock.offset += at - house.stores.clock.seconds()


async def _move(stores: Stores, at: Place) -> None:
    """The wallet's pages first: what the record says was paid must stand on its statement."""
    names = stores.settings.payments
    await moving.move_pages({name: Notebook(stores.redis, name) for name in names}, at)
    lived = Database(f"sqlite+aiosqlite:///{at.lived}", scratch=True)
    try:
        await moving.move(lived, stores.db)
    finally:
        await lived.close()
