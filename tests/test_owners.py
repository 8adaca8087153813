"""Who owns what: each process of a running demonstration killed alone is replaced, and the parent's death ends all.

Parts of this are tried piece by piece in test_embedded.py, test_supervising.py and test_demo.py; here the whole product
has to work again, in all that it does, and nothing may be left that nobody owns.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
import os
import signal
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from drill.product import Product, alive, database_url, ours, running, starting, until

from gateway.embedded.places import places
from gateway.record import outbox, tables
from gateway.record.database import Database

FAMILIES = {"valkey": {"valkey"}, "keeper": {"keeper", "valkey"}}  # a Valkey that nobody keeps ends; the next is new
SECONDS = 120.0  # until a killed process is back and everything works: two to four, where nothing else runs
_numbers = itertools.count(711_000_000)


def dial(product: Product, phone: str, text: str = "", session: str = "S1") -> bytes:
    channel = product.facts["channels"]["ussd"]
    form = {"sessionId": session, "serviceCode": channel["service_codes"][0], "phoneNumber": phone, "text": text}
    with urllib.request.urlopen(product.url(channel["path"]), urllib.parse.urlencode(form).encode(), 30) as response:
        return bytes(response.read())


def one(data: Path, query: sa.Select[tuple[object]]) -> object:
    """The single value that ``query`` finds in the record."""

    async def asked() -> object:
        db = Database(database_url(data))
        async with db.read() as conn:
            found = await conn.scalar(query)
        await db.close()
        return found

    return asyncio.run(asked())


def put_in_outbox(data: Path, phone: str) -> None:
    async def put() -> None:
        db = Database(database_url(data))
        async with db.write() as conn:
            await outbox.put(conn, ref=phone, to=phone, text="Asante", now=dt.datetime.now(dt.UTC))
        await db.close()

    asyncio.run(put())


def works(product: Product) -> None:
    """A call is answered (gateway, Valkey), comes to the record (scribe), and a message leaves (schedule, jobs)."""
    phone = f"+254{next(_numbers)}"
    assert dial(product, phone).startswith(b"CON ")
    put_in_outbox(product.data, phone)
    conversation, message = tables.conversation.c, tables.outbox.c
    turns, state = sa.select(conversation.turn).where(conversation.address == phone), message.state
    until(lambda: one(product.data, turns) == 1, SECONDS, "the call's way to the record")
    until(lambda: one(product.data, sa.select(state).where(message.ref == phone)) == "sent", SECONDS, "the message")


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    with running(tmp_path_factory.mktemp("owners") / "data") as started:
        yield started


@pytest.mark.parametrize("name", ["gateway", "scribe", "schedule", "jobs", "valkey", "keeper"])
def test_a_killed_process_is_replaced_alone_and_everything_works_again(product: Product, name: str) -> None:
    until(product.ready, SECONDS)
    before = product.pids()
    os.kill(before[name], signal.SIGKILL)
    family = FAMILIES.get(name, {name})
    until(lambda: all(product.pids().get(one, before[one]) != before[one] for one in family), SECONDS, f"a new {name}")
    until(product.ready, SECONDS, "readiness")
    works(product)
    after = product.pids()
    assert {one: pid for one, pid in after.items() if one not in family} == {
        one: pid for one, pid in before.items() if one not in family
    }
    until(lambda: {process.pid for process in ours(product.data)} == set(after.values()), SECONDS, "order")


def test_a_killed_parent_leaves_nothing_and_the_next_start_finds_all_as_it_was(tmp_path: Path) -> None:
    data, phone = tmp_path / "data", "+254711000001"
    with running(data) as first:
        assert dial(first, phone).startswith(b"CON ")
        chosen = dial(first, phone, "1")
        os.kill(first.pids()["gateway"], signal.SIGKILL)  # one is just being started again when its parent dies
        first.process.kill()
        first.process.wait()
        until(lambda: not ours(data), SECONDS, "the end of everything")
    with running(data) as second:
        assert {k: second.facts[k] for k in ("channels", "clients")} == {
            k: first.facts[k] for k in ("channels", "clients")
        }
        assert dial(second, phone, "1") == chosen
        assert b"What is your name?" in dial(second, phone, "1*1")
        conversation = tables.conversation.c
        turns = sa.select(conversation.turn).where(conversation.address == phone)
        until(lambda: one(data, turns) == 3, SECONDS, "the call's way to the record")
        until(second.ready, SECONDS)


@pytest.mark.parametrize("moment", ["keeper.sock", "processes.json"])
def test_a_parent_killed_while_it_starts_leaves_nothing(tmp_path: Path, moment: str) -> None:
    data = tmp_path / "data"
    process = starting(data)
    file = places(data).control if moment == "keeper.sock" else data / moment
    until(file.exists, what=moment)
    process.kill()
    process.wait()
    until(lambda: not ours(data), SECONDS, "the end of everything")
    with running(data) as product:
        works(product)


def test_parent_and_keeper_killed_at_once_leave_nothing(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running(data) as product:
        pids = product.pids()
        for name in ("keeper", "supervisor"):
            os.kill(pids[name], signal.SIGKILL)
        product.process.wait()
        until(lambda: not any(alive(pid) for pid in pids.values()), SECONDS, "the end of everything")
        until(lambda: not ours(data), SECONDS, "the end of what came after")
