"""A survey is answered on one phone at a time: nothing is asked or written twice, whichever of them comes when."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from houses import Served, served, settings_of
from wire import Phone

from flows.ports import Caller
from gateway.build import House
from gateway.clock import SetClock
from gateway.playing.desk import drain
from gateway.record import answering, contacts, tables
from gateway.record.clients import Told
from gateway.record.database import Database
from gateway.record.invitations import Invitations

AKINYI, HER_OTHER = "+254700000001", "+254711000001"
SCORE = "CON Would you tell a friend to join us?"
ELSEWHERE = "END You began to answer this on another phone. Please go on there, or dial again in 15 minutes."
LATELY = "END You told us on "
NOW = dt.datetime(2026, 6, 15, 7, 0, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


async def two_phones(house: House) -> None:
    async with house.stores.db.write() as conn:
        who = await conn.scalar(sa.select(tables.contact.c.client).where(tables.contact.c.address == AKINYI))
        await contacts.add(conn, str(who), HER_OTHER, Told(house.stores.clock.now(), "test"))
        values = {"address": HER_OTHER, "language": "en", "notice": "1"}
        await conn.execute(sa.insert(tables.address).values(**values))
    await house.cards.refresh(HER_OTHER)


async def answers(gateway: Served) -> Counter[str]:
    """How often the record has an answer to each question."""
    await drain(gateway.house)
    async with gateway.house.stores.db.read() as conn:
        rows: list[Any] = list(await conn.scalars(sa.select(tables.observation.c.step)))
    return Counter(rows)


async def finish(phone: Phone) -> str:
    """Answers everything after the first question."""
    await phone.type("10")
    await phone.type("1 3")
    return await phone.type("Asante")


async def test_of_two_phones_at_once_one_answers(people_url: str, valkey_url: str, tmp_path: Path) -> None:
    async with served(settings_of(people_url, valkey_url, tmp_path)) as gateway:
        await two_phones(gateway.house)
        phones = [Phone(gateway.wire, AKINYI), Phone(gateway.wire, HER_OTHER)]
        shown = await asyncio.gather(*(phone.dial(f"S{n}", "7") for n, phone in enumerate(phones)))
        assert sorted(text.partition(" 0 never")[0] for text in shown) == [SCORE, ELSEWHERE]
        has, other = phones if shown[0].startswith(SCORE) else phones[::-1]
        assert await other.dial("S2", "7") == ELSEWHERE
        assert (await finish(has)).startswith("END Thank you.")
        assert await other.dial("S3", "7") == ELSEWHERE, "it was answered a moment ago, and the record is not told yet"
        assert await answers(gateway) == {"score": 1, "liked": 1, "words": 1}
        assert (await other.dial("S4", "7")).startswith(LATELY)


async def test_who_was_silent_for_long_has_lost_it(people_url: str, valkey_url: str, tmp_path: Path) -> None:
    """The other phone begins, and the first one cannot go on with what it had on its screen."""
    async with served(settings_of(people_url, valkey_url, tmp_path)) as gateway:
        await two_phones(gateway.house)
        one, other = Phone(gateway.wire, AKINYI), Phone(gateway.wire, HER_OTHER)
        assert (await one.dial("S1", "7")).startswith(SCORE)
        await drain(gateway.house)
        gateway.house.stores.clock.offset += 10 * 60
        assert (await one.dial("S2")).startswith("CON You were not finished.")
        gateway.house.stores.clock.offset += 6 * 60  # and the record was not told of the second call
        assert (await other.dial("S3", "7")).startswith(SCORE)
        assert await one.type("1") == ELSEWHERE
        assert (await finish(other)).startswith("END Thank you.")
        assert await answers(gateway) == {"score": 1, "liked": 1, "words": 1}


async def test_who_left_it_gives_it_free(people_url: str, valkey_url: str, tmp_path: Path) -> None:
    async with served(settings_of(people_url, valkey_url, tmp_path)) as gateway:
        await two_phones(gateway.house)
        one, other = Phone(gateway.wire, AKINYI), Phone(gateway.wire, HER_OTHER)
        await one.dial("S1", "7")
        await one.type("10")
        await one.type("00")
        assert (await answers(gateway))["score"] == 1
        assert (await other.dial("S2", "7")).startswith(SCORE)


async def test_a_dropped_call_goes_on_on_its_own_phone(people_url: str, valkey_url: str, tmp_path: Path) -> None:
    async with served(settings_of(people_url, valkey_url, tmp_path)) as gateway:
        await two_phones(gateway.house)
        one, other = Phone(gateway.wire, AKINYI), Phone(gateway.wire, HER_OTHER)
        await one.dial("S1", "7")
        await one.type("10")
        await one.hang_up()
        assert await other.dial("S2", "7") == ELSEWHERE
        await one.dial("S3")
        assert (await one.type("1")).startswith("CON What do you like?")
        await one.type("1")
        assert (await one.type("1")).startswith("END Thank you.")
        assert await answers(gateway) == {"score": 1, "liked": 1, "words": 1}


def caller(address: str, conversation: str, client: str = "c1") -> Caller:
    return Caller(address, "ussd", client, "en", conversation)


async def test_of_many_at_once_one_takes_it(database: Database) -> None:
    ports = [Invitations(database, SetClock(NOW)) for _ in range(8)]
    phones = [caller(f"+25471100000{n}", f"k{n}") for n in range(8)]
    took = await asyncio.gather(
        *(port.take(f"key {n}", phones[n], "feedback") for n, port in enumerate(ports)),
    )
    assert sorted(took) == [False] * 7 + [True]
    again = await asyncio.gather(*(port.take(f"key {n}", phones[n], "feedback") for n, port in enumerate(ports)))
    assert again == took, "the same effect once more"
    assert await ports[0].take("another", caller("+254711000009", "k9", "c2"), "feedback"), "another client's own"


@pytest.mark.parametrize(
    ("became", "later", "free"),
    [("", 14 * MINUTE, False), ("", 15 * MINUTE, True), ("left", 0 * MINUTE, True),
     ("completed", 0 * MINUTE, False), ("completed", MINUTE, True)],
)  # fmt: skip
async def test_when_another_phone_may_have_it(database: Database, became: str, later: dt.timedelta, free: bool) -> None:
    clock = SetClock(NOW)
    port = Invitations(database, clock)
    assert await port.take("k1", caller(AKINYI, "one"), "feedback")
    async with database.write() as conn:
        heard = NOW + MINUTE
        await answering.progress(
            conn, [("c1", "feedback", "one", became, heard), ("c1", "feedback", "old", "left", heard)]
        )
        await answering.progress(conn, [("c1", "feedback", "one", "", NOW)])  # an entry that comes late or twice
    clock.advance((MINUTE + later).total_seconds())
    assert await port.take("k2", caller(HER_OTHER, "two"), "feedback") is free
    assert await port.take("k3", caller(AKINYI, "three"), "feedback") is not free, "its own phone, if it has it still"
