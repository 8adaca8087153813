"""One gateway process from its settings: the house is built, its pages are mounted, and all is closed at the end."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import cast

import sqlalchemy as sa
from aiohttp import web
from redis.exceptions import RedisError

from flows.ports import Unavailable
from gateway import repeats
from gateway.build import House, build, open_stores
from gateway.desk import mounted as desk
from gateway.metrics import Metrics
from gateway.record import payment_lists, survey_counts
from gateway.record.tables import outbox
from gateway.settings import Settings
from gateway.store.streams import Streams
from gateway.web import channels, demo, payments, reports
from gateway.web.app import application

FOLLOWING = 0.5  # seconds between two looks at what other processes did


@dataclass(frozen=True, slots=True)
class Serving:
    """What the pages of health need of a house."""

    house: House
    metrics: Metrics

    async def troubles(self) -> list[str]:
        """Only what stops every client: with SQL down, conversations that need no bank go on."""
        try:
            await self.house.stores.redis.ping()
        except (RedisError, OSError):
            return ["The session store (Redis or Valkey) does not answer."]
        return []

    async def measure(self) -> None:
        try:
            backlog = await Streams(self.house.stores.redis).backlog()
            async with self.house.stores.db.read() as conn:
                waiting = await conn.scalar(sa.select(sa.func.count()).where(outbox.c.state == "queued"))
            paying = await payment_lists.counts(self.house.stores.db, self.house.stores.clock.now())
            inviting = await survey_counts.counts(self.house.stores.db, self.house.stores.clock.now())
        except (RedisError, OSError, Unavailable):
            return
        self.metrics.waiting(backlog.entries, waiting or 0)
        self.metrics.paying(*paying)
        self.metrics.inviting(inviting.open, inviting.late)


@asynccontextmanager
async def open_gateway(settings: Settings) -> AsyncIterator[web.Application]:
    """The application of one process. Raises BrokenDefinitions, EmbeddedError, SettingsError."""
    house = await build(await open_stores(settings))
    following = asyncio.ensure_future(_follow(house))
    metrics = cast("Metrics", house.gate.metrics)
    try:
        mounts = [lambda app: channels.routes(app, house.gate, settings.security.proxies)]
        mounts.append(lambda app: reports.routes(app, house))
        mounts.append(lambda app: payments.routes(app, house, metrics))
        mounts.append(lambda app: desk.routes(app, house))
        if settings.demo.enabled:
            mounts.append(lambda app: demo.routes(app, house))
        yield application(Serving(house, metrics), mounts)
    finally:
        metrics.pour()
        following.cancel()
        await repeats.tell(house.gate)
        await house.close()


async def _follow(house: House) -> None:
    """Takes up what other processes did: a release that was published, a clock that was moved."""
    while True:
        await asyncio.sleep(FOLLOWING)
        await repeats.tell(house.gate)
        await house.releases.follow()
        if house.stores.settings.demo.enabled:
            with contextlib.suppress(RedisError, OSError):  # the next look will tell
                await house.stores.follow_clock()
