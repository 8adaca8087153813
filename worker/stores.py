"""The stores and channels that the worker's processes use, opened in the process that uses them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from adapters import discover
from adapters.channel import Push
from gateway.clock import Clock
from gateway.embedded.attachment import Attachment, attach
from gateway.embedded.valkey import Limits
from gateway.record.database import Database
from gateway.settings import Settings, load
from worker.sweeps import Expire

ANSWER = 5.0  # seconds for Redis; longer than any wait for new entries


@dataclass(slots=True)
class Stores:
    """Everything a process of the worker may reach."""

    redis: Redis
    redis_url: str
    jobs_url: str
    db: Database
    clock: Clock
    channels: Mapping[str, Push]  # those that can send
    sms: str  # the channel of messages that name none
    expire: Expire | None  # ends a conversation whose time is up
    attachment: Attachment | None = None

    async def close(self) -> None:
        await self.redis.aclose()
        await self.db.close()
        if self.attachment:
            self.attachment.close()


async def open_stores(settings: Settings | None = None) -> Stores:
    """Opens what the settings say; nothing is connected before it is used, but for the embedded Valkey."""
    settings = settings or load()
    attachment, url = None, settings.redis.url.reveal() if settings.redis.url else ""
    if not url:
        limits = Limits(settings.redis.appendfsync, settings.redis.memory_mb)
        attachment = await asyncio.to_thread(attach, settings.data, limits)
        url = attachment.url
    channels = pushing(settings)
    return Stores(
        redis=connect(url),
        redis_url=url,
        jobs_url=settings.jobs.url.reveal() if settings.jobs.url else url,
        db=Database(settings.database_url()),
        clock=Clock(settings.institution.timezone),
        channels=channels,
        sms=next((name for name, channel in channels.items() if channel.kind == "sms"), ""),
        expire=None,
        attachment=attachment,
    )


def connect(url: str) -> Redis:
    """A client that waits for nothing longer than it must: a call that failed is for its caller to repeat."""
    retry = Retry(NoBackoff(), 0)
    return Redis.from_url(url, socket_timeout=ANSWER, socket_connect_timeout=ANSWER, retry=retry)


def pushing(settings: Settings) -> dict[str, Push]:
    """The channels that a message can be sent on, in the order of njia.toml."""
    made = {name: discover.channel(one) for name, one in settings.channels.items()}
    return {name: cast("Push", channel) for name, channel in made.items() if hasattr(channel, "send")}
