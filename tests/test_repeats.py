"""A request that comes again is answered and counted: on the desk at its screen, and in what is shown of a client."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from desks import AGENT, desk
from houses import Served, served, settings_of
from hypothesis import given
from hypothesis import strategies as st
from staging import Stage, World
from wire import Phone

from gateway import journal, repeats
from gateway.playing.desk import drain
from gateway.record.database import Database
from gateway.record.repeats import repeated, screens
from gateway.record.scribing import apply
from gateway.record.showing import show
from gateway.store.keys import SHARDS
from gateway.store.sessions import StoreDown
from gateway.store.streams import Streams

AKINYI = "+254700000001"


async def called(gateway: Served) -> str:
    """A dial that came three times, a choice, an end that came twice, and once more after the end notice."""
    phone = Phone(gateway.wire, AKINYI)
    first = await phone.dial("S1")
    assert [await phone.again() for _ in range(2)] == [first] * 2
    await phone.type("5")
    last = await phone.type("1")
    assert last.startswith("END "), last
    assert await phone.again() == last
    await phone.hang_up("Success")
    assert await phone.again() == last
    talk = await counted(gateway, 4)
    assert [one["replays"] for one in talk["messages"] if one["direction"] == "out"] == [2, 0, 2]
    assert {one["replays"] for one in talk["messages"] if one["direction"] == "in"} == {0}
    assert len(talk["messages"]) == 6, "a repeat is no turn"
    return str(talk["id"])


async def counted(gateway: Served, times: int) -> dict[str, Any]:
    """Her conversation, once so many are counted: the gateway itself may be telling of some at this moment."""
    async with asyncio.timeout(20):
        while True:
            await drain(gateway.house)
            (talk,) = (await show(gateway.house.stores.db, gateway.house.bank, AKINYI))["conversations"]
            if sum(one["replays"] for one in talk["messages"]) >= times:
                return dict(talk)


async def test_they_are_counted_at_their_screen(people_url: str, valkey_url: str, tmp_path: Path) -> None:
    async with served(settings_of(people_url, valkey_url, tmp_path)) as gateway:
        await called(gateway)


async def test_staff_see_them(people_url: str, valkey_url: str, tmp_path: Path) -> None:
    async with desk(people_url, valkey_url, tmp_path) as visitor:
        talk = await called(visitor.served)
        await visitor.log_in(*AGENT)
        page = await visitor.get(f"/desk/conversations/{talk}")
        assert re.findall(r"repeated \d+ times?", page.text) == ["repeated 2 times"] * 2


async def test_a_gateway_tells_of_them_by_itself_and_when_it_ends(
    people_url: str, valkey_url: str, tmp_path: Path
) -> None:
    async with served(settings_of(people_url, valkey_url, tmp_path)) as gateway:
        phone = Phone(gateway.wire, AKINYI)
        await phone.dial("S1")
        await phone.again()
    async with served(settings_of(people_url, valkey_url, tmp_path)) as gateway:
        pending = await Streams(gateway.house.stores.redis).read(range(SHARDS), block_ms=1)
        told = [journal.decode(one.body) for one in pending]
        assert [(one.event, one.repeated[1]) for one in told] == [("dial", 0), ("repeated", 1)]


async def test_the_same_entry_twice_is_one_row(database: Database, valkey_url: str) -> None:
    stage = Stage(valkey_url, World())
    gate = stage.gate
    await stage.hop("", "S1", gate)
    for _ in range(3):
        await stage.hop("", "S1", gate)
    await repeats.tell(gate)
    entries = [journal.decode(one.body) for one in await Streams(stage.redis).read(range(SHARDS), block_ms=1)]
    for batch in (entries, entries[1:], entries[::-1]):
        await apply(database, batch)
    talk = entries[0].conversation
    async with database.read() as conn:
        assert await repeated(conn, [talk]) == {(talk, 1): 3}
    await stage.close()


async def test_while_the_store_is_down_they_stay_noted(valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(valkey_url, World())
    gate = stage.gate
    for _ in range(3):
        await stage.hop("", "S1", gate)

    async def down(*_: object) -> None:
        raise StoreDown("gone")

    with monkeypatch.context() as patched:
        patched.setattr(gate.sessions, "note", down)
        await repeats.tell(gate)
    assert len(gate.untold) == 1
    await asyncio.gather(*(repeats.tell(gate) for _ in range(3)))
    entries = [journal.decode(one.body) for one in await Streams(stage.redis).read(range(SHARDS), block_ms=1)]
    assert {one.repeated for one in entries[1:]} == {entries[1].repeated}, "whoever tells of it, it is one thing"
    assert entries[1].repeated[1] == 2 and not gate.repeats and not gate.untold
    await stage.close()


_turns = st.integers(0, 9)


@given(st.dictionaries(_turns, st.integers(1, 5)), st.sets(_turns, min_size=1))
def test_none_is_lost_on_the_way_to_its_screen(counted: dict[int, int], told: set[int]) -> None:
    found = screens(Counter({("c", turn): times for turn, times in counted.items()}), [("c", turn) for turn in told])
    assert found.total() == sum(counted.values())
    assert {turn for _, turn in found} <= told
