"""The record down, the session store down: what still works, what is said, and that nothing is lost."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from adapters.channel import Hop, Reply
from bench.parts import sql, valkey
from flows.people import load_people
from gateway.build import House, Stores, build, connect
from gateway.clock import SetClock
from gateway.home import Home
from gateway.playing.desk import drain
from gateway.playing.theatre import MORNING
from gateway.preparing import seed
from gateway.record.database import Database
from gateway.record.tables import message
from gateway.settings import load
from gateway.store.streams import Streams
from gateway.turn import turn

AKINYI, NOBODY, CODE = "+254700000001", "+254700000999", "*384*7#"
SORRY = "Sorry, we cannot answer right now. Please dial again in a few minutes."


class Caller:
    """Somebody who dials the house."""

    def __init__(self, house: House, phone: str) -> None:
        self.house, self.phone, self.calls, self.text = house, phone, 0, ""

    async def dial(self) -> Reply:
        self.calls, self.text = self.calls + 1, ""
        return await self._send()

    async def type(self, typed: str) -> Reply:
        self.text = f"{self.text}*{typed}" if self.text else typed
        return await self._send()

    async def _send(self) -> Reply:
        hop = Hop(self.phone, CODE, f"{self.phone}-{self.calls}", self.text)
        return await turn(self.house.gate, self.house.gate.lines["ussd"], hop)


async def made(database_url: str, redis_url: str, folder: Path) -> House:
    settings = replace(load(flags={"demo.enabled": "true"}, environment={}), data=folder)
    clock = SetClock(MORNING, "Africa/Nairobi")
    stores = Stores(settings, connect(redis_url, 1.0), redis_url, Database(database_url, seconds=0.5), clock)
    house = await build(stores)
    people, _ = load_people(Home().file("people.yaml"), "KES")  # type: ignore[arg-type]
    await seed(house, people)
    return house


@pytest.fixture
async def house(postgres, valkey_url: str, tmp_path: Path) -> AsyncIterator[tuple[House, str, str]]:  # type: ignore[no-untyped-def]
    with postgres.fresh("njia_template") as url:
        built = await made(url, valkey_url, tmp_path)
        yield built, postgres.admin, url.split("@/")[1].split("?")[0]
        await built.close()


@contextmanager
def down(admin: str, name: str) -> Iterator[None]:
    """A database that refuses everybody."""
    sql(admin, f"alter database {name} with allow_connections false")
    sql(admin, f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'")
    try:
        yield
    finally:
        sql(admin, f"alter database {name} with allow_connections true")


async def test_with_the_record_down_a_known_client_is_known_and_nothing_is_lost(house: tuple[House, str, str]) -> None:
    built, admin, name = house
    caller = Caller(built, AKINYI)
    with down(admin, name):
        assert "2 Balance" in (await caller.dial()).text
        assert "1 Language" in (await caller.type("8")).text
        assert "2 Kiswahili" in (await caller.type("1")).text
        assert "Mipangilio" in (await caller.type("2")).text
        assert "2 Salio" in (await caller.type("00")).text
        assert (await Streams(built.stores.redis).backlog()).entries == 5
    await drain(built)
    async with built.stores.db.read() as conn:
        told = list(await conn.scalars(sa.select(message.c.text).where(message.c.direction == "out")))
    assert len(told) == 5
    assert (await Streams(built.stores.redis).backlog()).entries == 0


async def test_with_the_record_down_what_needs_it_is_said_to_be_out_of_reach(house: tuple[House, str, str]) -> None:
    built, admin, name = house
    caller = Caller(built, AKINYI)
    with down(admin, name):
        await caller.dial()
        assert "PIN" in (await caller.type("2")).text
        reply = await caller.type("4729")
        assert reply == Reply("We cannot do that right now. Please dial *384*7# again later.", False)
    await caller.dial()
    await caller.type("2")
    assert "Biashara KES 12,300" in (await caller.type("4729")).text


async def test_with_the_record_down_a_number_never_seen_is_not_taken_for_a_stranger(
    house: tuple[House, str, str],
) -> None:
    built, admin, name = house
    with down(admin, name):
        assert await Caller(built, NOBODY).dial() == Reply(SORRY, False)
    assert "1 English" in (await Caller(built, NOBODY).dial()).text


async def test_with_the_session_store_down_the_caller_hears_an_apology_in_time(
    sqlite_template: Path, tmp_path: Path
) -> None:
    shutil.copy(sqlite_template, tmp_path / "record.db")
    with ExitStack() as stack:
        url = stack.enter_context(valkey())
        built = await made(f"sqlite+aiosqlite:///{tmp_path / 'record.db'}", url, tmp_path)
        caller = Caller(built, AKINYI)
        await caller.dial()
        await caller.type("5")
        await asyncio.to_thread(stack.close)
        began = asyncio.get_running_loop().time()
        assert await caller.type("1") == Reply(SORRY, False)
        profile = built.gate.lines["ussd"].profile
        assert asyncio.get_running_loop().time() - began < profile.answer_seconds
        async with built.stores.db.read() as conn:
            assert await conn.scalar(sa.text('select count(*) from "case"')) == 0
        await built.close()
