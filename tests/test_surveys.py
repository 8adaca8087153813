"""Surveys that start by themselves: who is invited and when, on SQLite and on PostgreSQL, on a clock that is moved.

Whatever happens in whatever order: at most one open invitation of a client, none within the time between two, one
reminder, nothing outside the hours, and the same clients in the share every time.
"""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections import Counter
from typing import Any

import pytest
import sqlalchemy as sa

from flows.invitations import Plan, is_in_share, length, next_hour, plan
from flows.model import Flow, Starts, Text
from flows.ports import BookedAccount, Caller
from flows.release import Release
from gateway.clock import SetClock
from gateway.home import Home
from gateway.ids import new_id
from gateway.institution import institution
from gateway.inviting import Inviting
from gateway.publishing import compiled, gather
from gateway.record import cards, clients, contacts, events, invitations, tables
from gateway.record.books import SqlBooks
from gateway.record.clients import Person, Told
from gateway.record.consents import Consents
from gateway.record.database import Database
from gateway.settings import load

START = dt.datetime(2026, 6, 15, 7, 0, tzinfo=dt.UTC)  # a Monday, ten o'clock in Nairobi
CODE = "*384*7#"
IN, OUT = "10001", "10003"  # client numbers in the share of loan_feedback, and not in it
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


@pytest.fixture(scope="module")
def release() -> Release:
    settings = load(flags={"demo.enabled": "true"}, environment={})
    return compiled(gather(Home(), institution(settings)))


class House:
    """The record, the clock, and what was refreshed."""

    def __init__(self, db: Database, release: Release) -> None:
        self.db, self.release, self.clock = db, release, SetClock(START, "Africa/Nairobi")
        self.refreshed: list[str] = []
        self.inviting = Inviting(db, self.clock, lambda: release, self._refresh, CODE)

    async def _refresh(self, address: str) -> None:
        self.refreshed.append(address)

    async def client(self, number: str, phone: str, language: str = "en") -> str:
        told = Told(self.clock.now() - 400 * DAY, "test")
        async with self.db.write() as conn:
            made = await clients.create(conn, Person(number=number, name=f"C {number}", language=language), told)
            await contacts.add(conn, made, phone, told)
        return made

    async def happened(self, client: str, key: str = "") -> None:
        async with self.db.write() as conn:
            await events.put(conn, client, "loan disbursed", key or new_id(), self.clock.now())

    async def pass_(self, time: dt.timedelta, step: dt.timedelta = HOUR) -> None:
        """The sweep runs again and again while ``time`` passes."""
        end = self.clock.now() + time
        while self.clock.now() < end:
            self.clock.advance(step.total_seconds())
            await self.inviting.sweep()

    async def rows(self, table: sa.Table) -> list[Any]:
        async with self.db.read() as conn:
            return list(await conn.execute(sa.select(table)))

    async def one(self) -> Any:
        (row,) = await self.rows(tables.invitation)
        return row

    async def claim(self, client: str, address: str, key: str = "k1", anew: bool = False) -> Any:
        caller = Caller(address, "ussd", client, "en", f"talk {key}")
        row = await self.one()
        return await invitations.Invitations(self.db, self.clock).begin(key, caller, row.id, anew)

    async def progress(self, step: str, became: str = "", at: dt.datetime | None = None) -> None:
        row = await self.one()
        async with self.db.write() as conn:
            await invitations.progress(conn, [invitations.Far(row.id, step, became, at or self.clock.now())])


@pytest.fixture
def house(database: Database, release: Release) -> House:
    return House(database, release)


async def test_an_event_becomes_one_invitation(house: House) -> None:
    who = await house.client(IN, "+254700000001")
    await house.happened(who, "loan 7")
    await house.happened(who, "loan 7")
    await house.pass_(2 * DAY)
    assert (await house.one()).state == "scheduled"
    assert await house.rows(tables.outbox) == []
    await house.pass_(DAY + HOUR)
    row = await house.one()
    assert (row.state, row.address, row.invited_at) == ("invited", "+254700000001", START + 3 * DAY)
    (text,) = await house.rows(tables.outbox)
    assert (text.to, text.purpose, text.client) == ("+254700000001", "survey", who)
    assert text.text.startswith("Jamii: 6 short questions on our service. Dial *384*7#, free.")
    assert house.refreshed == ["+254700000001"], "once, when it was invited"


async def test_the_words_are_in_the_language_of_the_phone(house: House) -> None:
    await house.happened(await house.client(IN, "+254700000001", "sw"))
    await house.pass_(4 * DAY)
    assert (await house.rows(tables.outbox))[0].text.startswith("Jamii: maswali 6")


async def test_one_reminder_then_it_closes(house: House) -> None:
    await house.happened(await house.client(IN, "+254700000001"))
    await house.pass_(20 * DAY)
    row = await house.one()
    texts = sorted(one.created_at for one in await house.rows(tables.outbox))
    assert texts == [START + 3 * DAY, START + 5 * DAY]
    assert (row.state, row.reminders, row.ended_at) == ("closed", 1, START + 10 * DAY)
    assert row.open_for is None and not row.on_card


async def test_who_has_answered_is_not_reminded(house: House) -> None:
    who = await house.client(IN, "+254700000001")
    await house.happened(who)
    await house.pass_(3 * DAY)
    assert await house.claim(who, "+254700000001")
    await house.progress("more", "completed")
    await house.pass_(5 * DAY)
    assert len(await house.rows(tables.outbox)) == 1
    assert (await house.one()).state == "completed"


@pytest.mark.parametrize("whose", ["client", "number"])
async def test_without_consent_nobody_is_invited(house: House, whose: str) -> None:
    who = await house.client(IN, "+254700000001")
    await house.happened(who)
    said = Caller("+254700000001", "ussd", who if whose == "client" else "", "en", "c")
    await Consents(house.db, house.clock).give("k", said, "survey", False, "")
    await house.pass_(4 * DAY)
    row = await house.one()
    assert (row.state, row.reason, await house.rows(tables.outbox)) == ("left out", "no consent", [])


async def test_who_stopped_is_not_reminded(house: House) -> None:
    who = await house.client(IN, "+254700000001")
    await house.happened(who)
    await house.pass_(3 * DAY)
    await Consents(house.db, house.clock).give("k", Caller("+254700000001", "", who, "en", ""), "survey", False, "")
    await house.pass_(4 * DAY)
    assert len(await house.rows(tables.outbox)) == 1


async def test_a_shared_phone_is_not_written_to(house: House) -> None:
    who = await house.client(IN, "+254700000001")
    await house.client("20000", "+254700000001")
    await house.happened(who)
    await house.pass_(4 * DAY)
    assert ((await house.one()).reason, await house.rows(tables.outbox)) == ("no phone", [])


async def test_who_is_not_in_the_share_is_a_row_too(house: House) -> None:
    await house.happened(await house.client(OUT, "+254700000003"))
    await house.pass_(4 * DAY)
    row = await house.one()
    assert (row.state, row.reason, await house.rows(tables.outbox)) == ("left out", "share", [])


async def test_an_old_event_invites_nobody(house: House) -> None:
    who = await house.client(IN, "+254700000001")
    await house.happened(who)
    house.clock.advance(11 * DAY.total_seconds())
    await house.inviting.sweep()
    assert await house.rows(tables.invitation) == []


async def test_of_two_phones_one_gets_it(house: House) -> None:
    who = await house.client(IN, "+254700000001")
    await house.happened(who)
    await house.pass_(3 * DAY)
    assert await house.claim(who, "+254700000001", "a")
    assert await house.claim(who, "+254711111111", "b") is None
    assert await house.claim(who, "+254700000001", "a"), "the same request again has the same answer"
    assert await house.claim("somebody", "+254700000001", "c") is None
    house.clock.advance(16 * 60)
    assert await house.claim(who, "+254711111111", "d"), "after long silence it may go on elsewhere"


async def test_it_goes_on_with_what_was_answered(house: House) -> None:
    who = await house.client(IN, "+254700000001")
    await house.happened(who)
    await house.pass_(3 * DAY)
    await house.claim(who, "+254700000001", "a")
    values = {"client": who, "flow": "loan_feedback", "kind": "text", "field": "loan.got_full_amount", "turn": 2}
    async with house.db.write() as conn:
        for n, word in enumerate(("yes", "less")):
            row = {**values, "id": new_id(), "step": "full", "value": word, "conversation": f"{n}"}
            await conn.execute(sa.insert(tables.observation).values(**row, at=house.clock.now() + n * HOUR))
    await house.progress("full")
    await house.progress("why")
    begun = await house.claim(who, "+254700000001", "b")
    assert (begun.step, begun.answers) == ("why", [["full", "text", "less", "", ""]])
    assert (await house.claim(who, "+254700000001", "c", anew=True)).step == ""


async def test_progress_goes_forwards_only(house: House) -> None:
    who = await house.client(IN, "+254700000001")
    await house.happened(who)
    await house.pass_(3 * DAY)
    await house.claim(who, "+254700000001", "a")
    now = house.clock.now()
    await house.progress("ease", at=now + HOUR)
    await house.progress("full", at=now)
    await house.progress("", "completed", at=now + 2 * HOUR)
    await house.progress("", "left", at=now + 3 * HOUR)
    row = await house.one()
    assert (row.state, row.step, row.ended_at) == ("completed", "ease", now + 2 * HOUR)
    assert {one.step for one in await house.rows(tables.reached)} == {"ease", "full"}
    assert await house.claim(who, "+254700000001", "b") is None


async def test_the_card_says_what_is_open(house: House) -> None:
    who = await house.client(IN, "+254700000001")
    assert "invited" not in await cards.build(house.db, "+254700000001")
    await house.happened(who)
    await house.pass_(3 * DAY)
    row = await house.one()
    until = (START + 10 * DAY).timestamp()
    card = await cards.build(house.db, "+254700000001")
    assert card["invited"] == {"flow": "loan_feedback", "id": row.id, "until": until}
    await house.client("20000", "+254700000001")
    assert "invited" not in await cards.build(house.db, "+254700000001"), "the phone is shared now"


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_happens(house: House, seed: int) -> None:
    """Events, calls, stops and hours without a sweep, at random; a printed seed plays it again."""
    chance = random.Random(seed)
    numbers = [str(n) for n in range(10000, 10400) if is_in_share(shipped(house.release), str(n))][:4]
    ids = {f"+2547000{number}": await house.client(number, f"+2547000{number}") for number in numbers}
    for _ in range(120):
        address, who = chance.choice(list(ids.items()))
        match chance.choice(["event", "event", "time", "time", "time", "answer", "stop"]):
            case "event":
                await house.happened(who)
            case "time":
                house.clock.advance(chance.choice([600, 3600, 7 * 3600, 86400, 5 * 86400, 20 * 86400]))
                await house.inviting.sweep()
            case "answer":
                await _answer(house, who, address, chance)
            case "stop":
                said, given = Caller(address, "", who, "en", ""), chance.random() < 0.5
                await Consents(house.db, house.clock).give(new_id(), said, "survey", given, "")
        await _lawful(house)
    made = Counter(row.state for row in await house.rows(tables.invitation))
    assert made["completed"] + made["closed"] + made["left"] > 0, (seed, made)


def shipped(release: Release) -> Plan:
    found = plan(release.flows["loan_feedback"])
    assert found is not None
    return found


async def _answer(house: House, who: str, address: str, chance: random.Random) -> None:
    async with house.db.read() as conn:
        open_ = await conn.scalar(sa.select(tables.invitation.c.id).where(tables.invitation.c.open_for == who))
    if open_ is None:
        return
    caller = Caller(address, "ussd", who, "en", new_id())
    if await invitations.Invitations(house.db, house.clock).begin(new_id(), caller, open_, False):
        became = chance.choice(["", "completed", "left"])
        async with house.db.write() as conn:
            await invitations.progress(conn, [invitations.Far(open_, "full", became, house.clock.now())])


async def _lawful(house: House) -> None:
    rows = await house.rows(tables.invitation)
    assert max(Counter(row.client for row in rows if row.state in invitations.OPEN).values(), default=0) <= 1
    for client in {row.client for row in rows}:
        times = sorted(row.invited_at for row in rows if row.client == client and row.invited_at)
        assert all(later - earlier >= 60 * DAY for earlier, later in itertools.pairwise(times))
    for text in await house.rows(tables.outbox):
        assert 10 <= (text.created_at + 3 * HOUR).hour < 18, "ten to six in Nairobi"
    sent = Counter(text.ref.split(":")[1] for text in await house.rows(tables.outbox))
    assert max(sent.values(), default=0) <= 2, "the invitation and one reminder"


async def test_what_happens_by_itself(house: House) -> None:
    """Our own ledger opens accounts, and the stage of a client changes: each is an event, once."""
    who, today = await house.client(IN, "+254700000001"), house.clock.today()
    books = SqlBooks(house.db, house.clock)
    loan = BookedAccount("L-1", who, "biashara", "Biashara", "KES", today, {"amount": 100_000})
    old = BookedAccount("S-1", who, "akiba", "Akiba", "KES", today - 30 * DAY, {"amount": 0})
    for account in (loan, old, loan):
        await books.open(account)
    async with house.db.write() as conn:
        known = await clients.find(conn, who)
        assert known is not None
        await clients.update(conn, known, {"stage": "in_arrears"}, Told(house.clock.now(), "test"))
    noon = dt.datetime(2026, 5, 16, 9, tzinfo=dt.UTC)
    assert sorted((one.name, one.at) for one in await house.rows(tables.event)) == [
        ("account opened", noon),
        ("became in arrears", START),
        ("loan disbursed", START),
    ]


def starts(**more: Any) -> Plan:
    text = Text("starts.invite", "Dial {code}", 1)
    flow = Flow(name="f", file="f", language="en", starts=Starts(event="e", invite=text, **more), steps={}, order={})
    found = plan(flow)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("hour", "expected"),
    [
        ("06:00", "10:00 today"),
        ("10:00", "now"),
        ("17:59", "now"),
        ("18:00", "10:00 tomorrow"),
        ("23:30", "10:00 tomorrow"),
    ],
)
def test_hours_are_those_of_the_institution(hour: str, expected: str) -> None:
    of, zone = starts(between="10:00 and 18:00"), SetClock(START, "Africa/Nairobi").zone
    moment = dt.datetime.combine(dt.date(2026, 6, 15), dt.time.fromisoformat(hour), zone)
    ten = moment.replace(hour=10, minute=0)
    wanted = {"now": moment, "10:00 today": ten, "10:00 tomorrow": ten + DAY}[expected]
    assert next_hour(of, moment, zone) == wanted


def test_the_share_is_the_same_every_time_and_about_right() -> None:
    of = starts(to=(("share", "30 %"),))
    taken = [n for n in range(5000) if is_in_share(of, str(n))]
    assert 0.27 < len(taken) / 5000 < 0.33
    assert taken == [n for n in range(5000) if is_in_share(of, str(n))]
    assert all(is_in_share(starts(), str(n)) for n in range(100)), "without a share, everybody"


def test_lengths_in_words() -> None:
    assert length("after 3 days") == 3 * DAY
    assert length("once in 2 weeks") == 14 * DAY
    assert length("90 minutes") == 90 * dt.timedelta(minutes=1)
    assert length("") == dt.timedelta()
    assert (starts().after, starts().reminders, starts(remind="twice, after 1 day").reminders) == (dt.timedelta(), 0, 2)
