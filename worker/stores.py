"""What the worker's processes open, each in itself: the stores, the channels that can send, the conversations."""

from __future__ import annotations

import asyncio
from typing import cast

from adapters import discover
from adapters.channel import Push
from gateway.build import House, Stores, build
from gateway.build import open_stores as open_all
from gateway.settings import Settings, load
from worker.loops import DOWN, Trouble

ANSWER = 5.0  # seconds for Redis: nobody is waiting, and a read may wait for entries


async def open_stores() -> Stores:
    """The stores of the settings. Raises SettingsError, EmbeddedError."""
    return await open_all(load(), ANSWER)


async def open_house(stores: Stores, stop: asyncio.Event) -> House | None:
    """Everything joined, however long the stores are down; None if it is told to stop first."""
    trouble = Trouble("the start of the schedules")
    while not stop.is_set():
        try:
            return await build(stores)
        except DOWN as error:
            await trouble.met(error, stop)
    return None


def pushing(settings: Settings) -> dict[str, Push]:
    """The channels that a message can be sent on, in the order of njia.toml."""
    made = {name: discover.channel(one) for name, one in settings.channels.items()}
    return {name: cast("Push", channel) for name, channel in made.items() if hasattr(channel, "send")}


def first_sms(channels: dict[str, Push]) -> str:
    """The channel for messages that name none; "" if there is no SMS."""
    return next((name for name, channel in channels.items() if channel.kind == "sms"), "")


def jobs_url(stores: Stores) -> str:
    """Where jobs queue. Never print it: it may hold a password."""
    given = stores.settings.jobs.url
    return given.reveal() if given else stores.redis_url
