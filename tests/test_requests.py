"""What clients ask for later: their cases, one by its number, their payments, and when they last answered a survey."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from msgspec.structs import replace
from payers import asked, port
from payers import client as payer
from test_asking_staff import STRANGER, a_client

from flows.ports import Asked
from gateway.clock import SetClock
from gateway.journal import Entry, Saved
from gateway.record import scribing, tables
from gateway.record.cases import Cases
from gateway.record.database import Database
from gateway.record.lookup import Clients

MONDAY = dt.datetime(2026, 3, 2, 22, tzinfo=dt.UTC)  # in Nairobi it is Tuesday already


@pytest.fixture
def clock() -> SetClock:
    return SetClock(MONDAY, "Africa/Nairobi")


@pytest.fixture
def cases(database: Database, clock: SetClock) -> Cases:
    return Cases(database, clock)


async def close(db: Database, number: str, at: dt.datetime) -> None:
    closed = sa.update(tables.case).where(tables.case.c.number == number)
    async with db.write() as conn:
        await conn.execute(closed.values(state="closed", closed_at=at, open_for=None))


async def test_the_newest_first_and_what_was_closed_lately(database: Database, cases: Cases, clock: SetClock) -> None:
    akinyi = await a_client(database, "C-1")
    old = await cases.open("1", akinyi, "complaint", "")
    await close(database, old.number, clock.now())
    clock.advance(31 * 86400)
    loan = await cases.open("2", akinyi, "loan", "")
    await close(database, loan.number, clock.now())
    clock.advance(60)
    call = await cases.open("3", akinyi, "call_back", "")
    day = dt.date(2026, 4, 3)
    assert await cases.of(akinyi) == [
        Asked(call.number, "call_back", "open", day, dt.date(2026, 4, 6)),
        Asked(loan.number, "loan", "closed", day, dt.date(2026, 4, 8), day),
    ]


async def test_a_case_is_found_by_its_number_as_people_type_it(database: Database, cases: Cases) -> None:
    akinyi = await a_client(database, "C-1")
    made = await cases.open("1", akinyi, "loan", "")
    figures = made.number.removeprefix("C-")
    for typed in (made.number, figures, f"c {figures}", f" C{figures[:3]} {figures[3:]} "):
        found = await cases.find(akinyi, typed)
        assert found and found.number == made.number, typed
    for typed in ("", "C-", "000000", "' or 1=1 --", "C" * 4000, "\0"):
        assert await cases.find(akinyi, typed) is None, typed


async def test_nobody_sees_the_case_of_another(database: Database, cases: Cases) -> None:
    """Not on a phone that two share, and not a stranger who has the number of somebody known."""
    wife, husband = await a_client(database, "C-1"), await a_client(database, "C-2")
    hers, theirs = await cases.open("1", wife, "loan", ""), await cases.open("2", STRANGER, "complaint", "")
    assert await cases.find(husband, hers.number) is None
    assert await cases.find(STRANGER, hers.number) is None
    assert await cases.find(wife, theirs.number) is None
    assert await cases.of(husband) == []
    assert [one.number for one in await cases.of(STRANGER)] == [theirs.number]


async def test_what_joins_a_case_is_hidden_from_whom_either_is(database: Database, cases: Cases) -> None:
    akinyi = await a_client(database, "C-1")
    await cases.open("1", akinyi, "question", "When do you open?")
    hidden = sa.select(tables.case.c.about, tables.case.c.hidden_from)
    await cases.open("2", replace(akinyi, hidden_from="officer,branch"), "question", "Why is he rude?")
    async with database.read() as conn:
        assert (await conn.execute(hidden)).one() == ("When do you open?\nWhy is he rude?", "officer,branch")


async def test_payments_the_newest_first(database: Database) -> None:
    caller = await payer(database)
    assert await port(database).recent(caller, 5) == []
    await asked(database, caller)
    found = await port(database).recent(caller, 5)
    assert [one.state for one in found] == ["checking"]
    assert await port(database).recent(await payer(database, "C-2"), 5) == []


def entry(turn: int, client: str, clock: SetClock, **more: object) -> Entry:
    given = {"flow": "feedback", "heard_flow": "feedback", "client": client} | more
    return Entry("conv", turn, clock.seconds(), "said", "ussd", "ussd", "+254700000001", **given)  # type: ignore[arg-type]


async def test_who_answered_to_the_end_is_known_by_the_day(database: Database, cases: Cases, clock: SetClock) -> None:
    async def refresh(_: str) -> None: ...

    akinyi, clients = await a_client(database, "C-1"), Clients(database, clock, cases, refresh)
    assert await clients.answered(akinyi, "feedback") is None
    rated = Saved("feedback.recommend", "number", 9, "score")
    await scribing.apply(database, [entry(1, akinyi.client, clock, saved=[rated])])
    assert await clients.answered(akinyi, "feedback") is None, "the call dropped: they may go on another day"
    said = Saved("feedback.comment", "text", None, "words", "refused")
    await scribing.apply(database, [entry(2, akinyi.client, clock, saved=[said], outcome="completed")])
    assert await clients.answered(akinyi, "feedback") == dt.date(2026, 3, 3)
    assert await clients.answered(akinyi, "loan_feedback") is None
    assert await clients.answered(await a_client(database, "C-2"), "feedback") is None


async def test_an_answer_is_of_the_flow_that_asked_and_the_stage_of_then(
    database: Database, cases: Cases, clock: SetClock
) -> None:
    akinyi = await a_client(database, "C-1")
    rated = Saved("feedback.recommend", "number", 0, "score")
    await scribing.apply(database, [entry(1, akinyi.client, clock, saved=[rated], flow="main")])
    told = tables.observation.c
    async with database.read() as conn:
        row = (await conn.execute(sa.select(told.flow, told.step, told.value, told.stage, told.who))).one()
    assert row == ("feedback", "score", 0, "active", "client")
