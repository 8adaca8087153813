"""What ``njia clients show`` tells of a number, on SQLite and on PostgreSQL."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
import sqlalchemy as sa

from flows.ports import Account, Entry, Posting, Unavailable
from flows.values import Money
from gateway.ids import new_id
from gateway.record import clients, contacts, outbox, tables
from gateway.record.clients import Person, Told
from gateway.record.database import Database
from gateway.record.showing import show

AT = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
PHONE, OTHER = "+254700000001", "+254700000002"


class Bank:
    """One loan for everybody, unless it is down."""

    def __init__(self, down: bool = False) -> None:
        self.down = down

    async def accounts(self, client: str) -> list[Account]:
        if self.down:
            raise Unavailable
        due: dict[str, Any] = {"due": Money(550, "KES"), "due_on": dt.date(2026, 3, 2), "payoff": Money(990, "KES")}
        return [Account(f"L-{client[-4:]}", "loan", "Biashara", ("credit",), "KES", Money(1000, "KES"), **due)]

    async def statement(self, account: str, limit: int) -> list[Entry]:
        raise AssertionError

    async def post(self, posting: Posting) -> str:
        raise AssertionError


async def add(database: Database, number: str, phone: str) -> str:
    async with database.write() as conn:
        id_ = await clients.create(conn, Person(number, f"Client {number}"), Told(AT, "test"))
        await contacts.add(conn, id_, phone, Told(AT, "test"))
    return id_


async def talk(database: Database, client: str, phone: str, day: int = 0) -> str:
    """A conversation of two turns; returns its id."""
    id_, at = new_id(), AT + dt.timedelta(days=day)
    spoken = {"channel": "ussd", "kind": "ussd", "flow": "balance", "release": "abc", "outcome": "completed"}
    row = {"id": id_, "address": phone, "client": client, "started_at": at, "last_at": at, "turn": 2} | spoken
    messages = [
        {"conversation": id_, "turn": turn, "direction": way, "event": "said", "text": text, "step": "menu", "at": at}
        for turn, way, text in [(2, "out", "You owe"), (2, "in", "1"), (1, "out", "Welcome"), (1, "in", "")]
    ]
    async with database.write() as conn:
        await conn.execute(sa.insert(tables.conversation).values(**row))
        await conn.execute(sa.insert(tables.message), messages)
    return id_


async def insert(database: Database, table: sa.Table, **values: Any) -> None:
    async with database.write() as conn:
        await conn.execute(sa.insert(table).values(**values))


async def test_a_client(database: Database) -> None:
    id_ = await add(database, "C-1", PHONE)
    said = await talk(database, id_, PHONE)
    before = await talk(database, "", PHONE, day=-1)
    await talk(database, "", OTHER)
    consent = {"key": "k", "client": id_, "address": PHONE, "purpose": "surveys", "given": True, "at": AT}
    await insert(database, tables.consent, id=new_id(), **consent)
    history = [["sent", AT.isoformat(), "asked"], ["succeeded", AT.isoformat(), "callback"]]
    money = {"account": "L-1", "amount_minor": 500, "fee_minor": 0, "currency": "KES", "state": "succeeded"}
    made = {"key": "k", "provider": "m", "wallet": PHONE, "receipt": "X9", "created_at": AT, "moved_at": AT}
    made |= {"names": {}, "history": history}
    await insert(database, tables.payment, id="P-1", client=id_, **money, **made)
    case = {"number": "K-1", "key": "k", "kind": "call me", "state": "open", "open_for": "x", "address": PHONE}
    await insert(database, tables.case, id=new_id(), client=id_, opened_at=AT, promised=AT.date(), **case)
    fact = {"field": "loan.ease", "kind": "rating", "value": 5, "at": AT, "client": id_, "who": "client"}
    await insert(database, tables.observation, id=new_id(), conversation=said, turn=2, **fact)

    shown = await show(database, Bank(), PHONE)
    assert json.loads(json.dumps(shown)) == shown
    assert (shown["client"]["number"], shown["client"]["has_pin"], shown["others"]) == ("C-1", False, [])
    assert shown["client"]["stages"] == [{"stage": "prospect", "since": AT.isoformat()}]
    assert [(each["address"], each["until"]) for each in shown["contacts"]] == [(PHONE, None)]
    (account,) = shown["accounts"]
    figures = ("balance_minor", "due_minor", "payoff_minor", "saved_minor", "currency")
    assert [account[name] for name in figures] == [1000, 550, 990, None, "KES"]
    assert [each["id"] for each in shown["conversations"]] == [before, said]
    spoken = shown["conversations"][1]
    assert [spoken[name] for name in ("channel", "flow", "release", "outcome")] == [
        "ussd",
        "balance",
        "abc",
        "completed",
    ]
    texts = [(each["direction"], each["text"]) for each in spoken["messages"]]
    assert texts == [("in", ""), ("out", "Welcome"), ("in", "1"), ("out", "You owe")]
    assert [(each["purpose"], each["given"]) for each in shown["consents"]] == [("surveys", True)]
    (paid,) = shown["payments"]
    assert [paid[name] for name in ("ref", "state", "amount_minor", "provider_ref")] == ["P-1", "succeeded", 500, "X9"]
    assert paid["history"] == history
    assert [(each["number"], each["promised"]) for each in shown["cases"]] == [("K-1", "2026-03-01")]
    assert [(each["field"], each["value"]) for each in shown["observations"]] == [("loan.ease", 5)]


async def test_a_shared_phone_shows_each_with_their_own(database: Database) -> None:
    second, first = await add(database, "C-2", PHONE), await add(database, "C-1", PHONE)
    hers, his, nobodys = [await talk(database, client, PHONE, day) for day, client in enumerate([first, second, ""])]
    shown = await show(database, Bank(), PHONE)
    assert shown["client"]["id"] == first
    assert [each["id"] for each in shown["conversations"]] == [hers, nobodys]
    (other,) = shown["others"]
    assert other["client"]["id"] == second
    assert [each["id"] for each in other["conversations"]] == [his]
    assert other["accounts"][0]["ref"] == f"L-{second[-4:]}"


async def test_sms_with_what_became_of_them(database: Database) -> None:
    second, first = await add(database, "C-2", PHONE), await add(database, "C-1", PHONE)
    async with database.write() as conn:
        await contacts.add(conn, first, OTHER, Told(AT, "test"))
        for n, (client, to) in enumerate([(first, PHONE), (first, OTHER), (second, PHONE), ("", PHONE), ("", OTHER)]):
            text, at = "x" * (100 + 40 * n), AT + dt.timedelta(minutes=n)
            await outbox.put(conn, ref=f"m{n}", to=to, text=text, now=at, client=client)
    await outbox.uncertain(database, "m1", "no answer")
    shown = await show(database, Bank(), PHONE)
    told = [(sms["ref"], sms["state"], sms["reason"], sms["parts"]) for sms in shown["sms"]]
    assert told == [("m0", "queued", "", 1), ("m1", "uncertain", "no answer", 1), ("m3", "queued", "", 2)]
    assert [sms["ref"] for other in shown["others"] for sms in other["sms"]] == ["m2"]


async def test_a_number_that_nobody_is_known_by(database: Database) -> None:
    said = await talk(database, "", PHONE)
    shown = await show(database, Bank(), PHONE)
    assert shown["client"] is None
    assert [each["id"] for each in shown["conversations"]] == [said]
    assert (shown["accounts"], shown["contacts"], shown["others"]) == ([], [], [])


async def test_a_number_that_is_nowhere(database: Database) -> None:
    shown = await show(database, Bank(), PHONE)
    assert not any(shown.values())


async def test_the_bank_is_down(database: Database) -> None:
    await add(database, "C-1", PHONE)
    shown = await show(database, Bank(down=True), PHONE)
    assert shown["accounts_unavailable"] is True
    assert shown["client"]["number"] == "C-1"


async def test_the_newest_conversations_of_many(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.record.showing.CONVERSATIONS", 2)
    ids = [await talk(database, "", PHONE, day) for day in range(3)]
    assert [each["id"] for each in (await show(database, Bank(), PHONE))["conversations"]] == ids[1:]
