"""Clients, their contacts and relations, and the contact card, on SQLite and on PostgreSQL."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest
import sqlalchemy as sa

from gateway.record import cards, clients, contacts, tables
from gateway.record.clients import Client, NumberTaken, Person, Told
from gateway.record.contacts import Relation
from gateway.record.database import Database, upsert
from gateway.record.reading import Rows

DAY = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
LATER = DAY + dt.timedelta(days=3)
TOLD = Told(DAY, "test")
PHONE, OTHER = "+254700000001", "+254700000002"


async def add(database: Database, number: str, *phones: str, language: str = "", nickname: str = "") -> str:
    async with database.write() as conn:
        person = Person(number, f"Client {number}", language=language, nickname=nickname)
        made = await clients.create(conn, person, TOLD)
        for phone in phones:
            await contacts.add(conn, made, phone, TOLD)
    return made


async def test_a_client_is_created_and_found(database: Database) -> None:
    born = dt.date(1985, 2, 3)
    async with database.write() as conn:
        made = await clients.create(
            conn, Person("C-1", "Akinyi Otieno", "Akinyi", "Mama Joy", "sw", born, "active"), TOLD
        )
        await contacts.add(conn, made, PHONE, TOLD)
    expected = Client("C-1", "Akinyi Otieno", "Akinyi", "Mama Joy", "sw", born, "active", made)
    async with database.read() as conn:
        assert await clients.find(conn, made) == expected
        assert await clients.find_by_number(conn, "C-1") == expected
        assert await clients.find_by_phone(conn, PHONE) == [expected]
        assert await clients.find(conn, "nobody") is None
        assert await clients.find_by_number(conn, "C-2") is None
        assert await clients.find_by_phone(conn, OTHER) == []


async def test_a_number_is_given_once(database: Database) -> None:
    await add(database, "C-1")
    second = await add(database, "C-2")
    async with database.write() as conn:
        with pytest.raises(NumberTaken):
            await clients.create(conn, Person("C-1", "Somebody Else"), TOLD)
    async with database.write() as conn:
        who = await clients.find(conn, second)
        assert who is not None
        with pytest.raises(NumberTaken):
            await clients.update(conn, who, {"number": "C-1"}, TOLD)


async def test_an_update_says_what_changed_and_keeps_the_stages(database: Database) -> None:
    made = await add(database, "C-1")
    async with database.write() as conn:
        who = await clients.find(conn, made)
        assert who is not None
        changes = {"stage": "active", "name": who.name, "language": "sw"}
        assert await clients.update(conn, who, changes, Told(LATER)) == ["stage", "language"]
        now = await clients.find(conn, made)
        assert now is not None
        assert (now.stage, now.language) == ("active", "sw")
        assert await clients.update(conn, now, changes, Told(LATER)) == []
        assert await clients.stages(conn, made) == [("prospect", DAY), ("active", LATER)]


async def test_a_stage_that_is_none_is_refused(database: Database) -> None:
    with pytest.raises(ValueError, match="one of prospect"):
        async with database.write() as conn:
            await clients.create(conn, Person("C-1", "A", stage="rich"), TOLD)
    async with database.read() as conn:
        assert await clients.find_by_number(conn, "C-1") is None


async def test_contacts_are_ended_never_deleted_and_may_come_back(database: Database) -> None:
    made = await add(database, "C-1", PHONE)
    async with database.write() as conn:
        assert not await contacts.add(conn, made, PHONE, TOLD)
        assert await contacts.end(conn, made, PHONE, LATER)
        assert not await contacts.end(conn, made, PHONE, LATER)
        assert await clients.find_by_phone(conn, PHONE) == []
        assert await contacts.add(conn, made, PHONE, Told(LATER))
        history = [(each.address, each.since, each.until) for each in await contacts.of(conn, made)]
        assert [who.id for who in await clients.find_by_phone(conn, PHONE)] == [made]
    assert history == [(PHONE, DAY, LATER), (PHONE, LATER, None)]


async def test_a_shared_phone(database: Database) -> None:
    second = await add(database, "C-2", PHONE, OTHER)
    first = await add(database, "C-1", PHONE)
    async with database.read() as conn:
        assert [who.id for who in await clients.find_by_phone(conn, PHONE)] == [first, second]
        assert [who.id for who in await clients.find_by_phone(conn, OTHER)] == [second]


async def test_relations(database: Database) -> None:
    made, guarantor = await add(database, "C-1"), await add(database, "C-2")
    member = Relation(made, "member", "group", "G-7", dt.date(2026, 1, 1))
    backs = Relation(guarantor, "guarantor", "client", made, dt.date(2026, 2, 1))
    async with database.write() as conn:
        assert await contacts.relate(conn, member, "test")
        assert not await contacts.relate(conn, member, "test")
        assert await contacts.relate(conn, backs)
        assert await contacts.relations(conn, made) == [member, backs]
        assert await contacts.end_relation(conn, member, dt.date(2026, 3, 1))
        assert not await contacts.end_relation(conn, member, dt.date(2026, 3, 1))
        assert [each.until for each in await contacts.relations(conn, made)] == [dt.date(2026, 3, 1), None]


async def test_the_card_of_a_number_that_nobody_knows(database: Database) -> None:
    assert await cards.build(database, PHONE) == {"clients": [], "language": "", "notice": "", "seen": ""}


async def test_the_card_of_one_client(database: Database) -> None:
    made = await add(database, "C-1", PHONE, language="sw", nickname="Joy")
    card = await cards.build(database, PHONE)
    known = {"id": made, "number": "C-1", "name": "Client C-1", "short_name": "", "nickname": "Joy", "language": "sw"}
    assert card["clients"] == [known | {"has_pin": False, "stage": "prospect"}]
    assert card["language"] == "sw"


async def test_what_was_chosen_on_the_phone_comes_first(database: Database) -> None:
    await add(database, "C-1", PHONE, language="sw")
    async with database.write() as conn:
        chosen = {"address": PHONE, "language": "en", "notice": "2026-01", "last_seen": DAY}
        await upsert(conn, tables.address, ["address"], chosen)
    card = await cards.build(database, PHONE)
    assert (card["language"], card["notice"], card["seen"]) == ("en", "2026-01", "2026-03-01")


async def test_a_pin_that_is_only_proposed_is_no_pin(database: Database) -> None:
    made = await add(database, "C-1", PHONE)
    for hash_, has in (("", False), ("$argon2id$", True)):
        async with database.write() as conn:
            await upsert(conn, tables.pin, ["client"], {"client": made, "hash": hash_, "candidate": "x"})
        assert (await cards.build(database, PHONE))["clients"][0]["has_pin"] is has


async def test_the_card_of_a_shared_phone(database: Database) -> None:
    await add(database, "C-2", PHONE, language="sw")
    await add(database, "C-1", PHONE, language="en")
    gone = await add(database, "C-3", PHONE)
    async with database.write() as conn:
        await contacts.end(conn, gone, PHONE, LATER)
        await contacts.add(conn, gone, OTHER, TOLD)
    card = await cards.build(database, PHONE)
    assert [each["number"] for each in card["clients"]] == ["C-1", "C-2"]
    assert card["language"] == ""  # theirs differ, and nobody chose on this phone


async def test_the_card_is_one_statement(database: Database) -> None:
    await add(database, "C-1", PHONE)
    seen: list[str] = []
    read = database._direct.rows

    async def rows(text: str, values: Sequence[object]) -> Rows:
        seen.append(text)
        return await read(text, values)

    database._direct.rows = rows  # type: ignore[method-assign]
    sa.event.listen(database._readers.sync_engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    await cards.build(database, PHONE)
    assert len(seen) == 1
