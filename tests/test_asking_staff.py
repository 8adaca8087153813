"""Consents, cases, prospects, and who a caller is: what a conversation writes besides PINs, on both databases."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from flows.actions.open_case import KINDS as NAMED
from flows.ports import Caller, Unavailable
from flows.values import Secret
from gateway.clock import SetClock
from gateway.record import activation, cards, tables
from gateway.record.cases import KINDS, Cases, working_day
from gateway.record.clients import Person, Told, create
from gateway.record.consents import Consents
from gateway.record.contacts import add, end
from gateway.record.database import Database
from gateway.record.lookup import Clients

MONDAY = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
PHONE = "+254700000001"
STRANGER = Caller("+254700000777", "ussd", "", "sw", "conv", notice="3")


@pytest.fixture
def clock() -> SetClock:
    return SetClock(MONDAY)


@pytest.fixture
def refreshed() -> list[str]:
    return []


@pytest.fixture
def people(database: Database, clock: SetClock, refreshed: list[str]) -> Clients:
    async def refresh(address: str) -> None:
        refreshed.append(address)

    return Clients(database, clock, Cases(database, clock), refresh)


async def a_client(db: Database, number: str, nickname: str = "", phone: str = PHONE) -> Caller:
    told = Told(MONDAY, "test")
    async with db.write() as conn:
        id_ = await create(conn, Person(number, f"Client {number}", nickname=nickname, stage="active"), told)
        await add(conn, id_, phone, told)
    return Caller(phone, "ussd", id_, "en", "conv", number=number, notice="3")


async def rows(db: Database, table: sa.Table) -> list[Any]:
    async with db.read() as conn:
        return list((await conn.execute(sa.select(table))).all())


# -- consents ---------------------------------------------------------------------------------------------------------


async def test_consent_by_purpose(database: Database, clock: SetClock) -> None:
    consents, akinyi = Consents(database, clock), await a_client(database, "C-1")
    assert await consents.given(akinyi) == {"survey": True, "reminder": True, "marketing": False}
    await consents.give("1", akinyi, "survey", False, akinyi.notice)
    await consents.give("2", akinyi, "marketing", True, akinyi.notice)
    clock.advance(60)
    await consents.give("3", akinyi, "marketing", False, akinyi.notice)
    assert await consents.given(akinyi) == {"survey": False, "reminder": True, "marketing": False}
    kept = [
        (r.purpose, r.given, r.client, r.address, r.channel, r.notice) for r in await rows(database, tables.consent)
    ]
    assert ("survey", False, akinyi.client, PHONE, "ussd", "3") in kept
    assert len(kept) == 3, "each choice is kept"


async def test_the_same_consent_under_one_key_is_one_row(database: Database, clock: SetClock) -> None:
    consents = Consents(database, clock)
    await asyncio.gather(*(consents.give("1", STRANGER, "survey", False, "3") for _ in range(4)))
    assert len(await rows(database, tables.consent)) == 1


async def test_consent_is_the_clients_own_on_a_shared_phone(database: Database, clock: SetClock) -> None:
    consents = Consents(database, clock)
    one, other = await a_client(database, "C-1"), await a_client(database, "C-2")
    await consents.give("1", one, "survey", False, "3")
    assert (await consents.given(one))["survey"] is False
    assert (await consents.given(other))["survey"] is True


async def test_a_stop_from_an_unknown_number_holds_when_it_becomes_known(database: Database, clock: SetClock) -> None:
    consents = Consents(database, clock)
    await consents.give("1", STRANGER, "survey", False, "3")
    client = await a_client(database, "C-1", phone=STRANGER.address)
    assert (await consents.given(client))["survey"] is False


async def test_service_messages_ask_for_no_consent(database: Database, clock: SetClock) -> None:
    with pytest.raises(ValueError, match="no consent"):
        await Consents(database, clock).give("1", STRANGER, "service", False, "3")


# -- cases ------------------------------------------------------------------------------------------------------------


def test_every_kind_that_a_flow_may_name_has_a_day() -> None:
    assert set(NAMED) == set(KINDS) - {"interest"}


@pytest.mark.parametrize(
    ("start", "days", "day"),
    [
        ("2026-03-02", 1, "2026-03-03"),
        ("2026-03-06", 1, "2026-03-09"),  # a Friday
        ("2026-03-07", 1, "2026-03-09"),  # a Saturday
        ("2026-03-08", 2, "2026-03-10"),
        ("2026-03-05", 3, "2026-03-10"),
        ("2026-03-05", 0, "2026-03-05"),
    ],
)
def test_working_days(start: str, days: int, day: str) -> None:
    assert working_day(dt.date.fromisoformat(start), days) == dt.date.fromisoformat(day)


async def test_an_open_case_is_not_opened_twice(database: Database, clock: SetClock) -> None:
    cases, akinyi = Cases(database, clock), await a_client(database, "C-1")
    first = await cases.open("1", akinyi, "complaint", "The officer did not come")
    clock.advance(86400)
    again = await cases.open("2", akinyi, "complaint", "Nor today")
    assert (first.new, again.new) == (True, False)
    assert (again.number, again.promised) == (first.number, first.promised) == (first.number, dt.date(2026, 3, 5))
    [row] = await rows(database, tables.case)
    assert (row.about, row.state, row.hidden_from) == ("The officer did not come\nNor today", "open", "officer")


async def test_another_kind_and_another_client_are_another_case(database: Database, clock: SetClock) -> None:
    cases = Cases(database, clock)
    one, other = await a_client(database, "C-1"), await a_client(database, "C-2")
    made = [
        await cases.open(f"{n}", *who)
        for n, who in enumerate([(one, "loan", ""), (other, "loan", ""), (one, "fraud", "")])
    ]
    made += [await cases.open("s", STRANGER, "call_back", ""), await cases.open("t", STRANGER, "call_back", "")]
    assert [case.new for case in made] == [True, True, True, True, False]
    assert len({case.number for case in made}) == 4


async def test_a_closed_case_can_be_followed_by_a_new_one(database: Database, clock: SetClock) -> None:
    cases, akinyi = Cases(database, clock), await a_client(database, "C-1")
    first = await cases.open("1", akinyi, "loan", "")
    async with database.write() as conn:
        await conn.execute(sa.update(tables.case).values(state="closed", closed_at=clock.now(), open_for=None))
    assert (await cases.open("2", akinyi, "loan", "")).number != first.number


async def test_two_at_once_open_one_case(database: Database, clock: SetClock) -> None:
    cases, akinyi = Cases(database, clock), await a_client(database, "C-1")
    made = await asyncio.gather(*(cases.open(f"{n}", akinyi, "call_back", "") for n in range(6)))
    assert sum(case.new for case in made) == 1
    assert len({case.number for case in made}) == len(await rows(database, tables.case)) == 1


async def test_one_key_is_one_case_and_one_answer(database: Database, clock: SetClock) -> None:
    cases, akinyi = Cases(database, clock), await a_client(database, "C-1")
    made = await asyncio.gather(*(cases.open("same", akinyi, "call_back", "") for _ in range(4)))
    assert len(set(made)) == 1
    assert made[0].new is True


# -- prospects --------------------------------------------------------------------------------------------------------


async def test_an_unknown_number_becomes_a_prospect(database: Database, people: Clients, refreshed: list[str]) -> None:
    done = await people.register("1", STRANGER, "Achieng Otieno", "A loan for stock")
    assert done.new
    assert done.number.startswith("P-")
    card = await cards.build(database, STRANGER.address)
    assert [(c["name"], c["short_name"], c["number"], c["stage"], c["language"]) for c in card["clients"]] == [
        ("Achieng Otieno", "Achieng", done.number, "prospect", "sw")
    ]
    [case] = await rows(database, tables.case)
    assert (case.kind, case.about, case.client) == ("interest", "A loan for stock", card["clients"][0]["id"])
    assert [row.stage for row in await rows(database, tables.stage)] == ["prospect"]
    assert refreshed == [STRANGER.address]


async def test_a_number_that_is_known_is_not_registered_again(database: Database, people: Clients) -> None:
    first = await people.register("1", STRANGER, "Achieng Otieno", "")
    assert await people.register("1", STRANGER, "Achieng Otieno", "") == first, "the same key, the same answer"
    again = await people.register("2", STRANGER, "Somebody Else", "")
    assert (again.number, again.new) == (first.number, False)


async def test_a_prospect_whose_card_cannot_be_written_is_not_denied(database: Database, clock: SetClock) -> None:
    async def refresh(address: str) -> None:
        raise Unavailable

    people = Clients(database, clock, Cases(database, clock), refresh)
    assert (await people.register("1", STRANGER, "Achieng Otieno", "")).new
    assert len(await rows(database, tables.client)) == 1


async def test_two_at_once_are_one_prospect(database: Database, people: Clients) -> None:
    made = await asyncio.gather(*(people.register(f"{n}", STRANGER, "Achieng Otieno", "") for n in range(5)))
    assert sum(one.new for one in made) == 1
    assert len(await rows(database, tables.client)) == 1


# -- who is it --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("mama njeri", "C-0012"),
        (" MAMA  NJERI. ", "C-0012"),
        ("c0013", "C-0013"),
        ("C-0013", "C-0013"),
        ("c ٠٠١٣", "C-0013"),
        ("Client C-0012", None),  # the name on the record is not asked for: family know it
        ("Njeri", None),
        ("0014", None),
        ("", None),
        (" - ", None),
    ],
)
async def test_who_of_a_shared_phone(database: Database, people: Clients, typed: str, number: str | None) -> None:
    await a_client(database, "C-0012", "Mama Njeri")
    await a_client(database, "C-0013")
    await a_client(database, "C-0014", "Mama Njeri", phone="+254700000002")
    found = await people.find(PHONE, typed)
    assert (found and found["number"]) == number


async def test_a_nickname_that_two_share_proves_nobody(database: Database, people: Clients) -> None:
    await a_client(database, "C-0012", "Mama")
    await a_client(database, "C-0013", "mama")
    assert await people.find(PHONE, "Mama") is None


async def test_who_left_the_phone_is_not_found(database: Database, people: Clients) -> None:
    gone = await a_client(database, "C-0012", "Mama")
    async with database.write() as conn:
        await end(conn, gone.client, PHONE, MONDAY)
    assert await people.find(PHONE, "Mama") is None


async def test_who_got_a_recycled_number_has_three_tries(database: Database, people: Clients, clock: SetClock) -> None:
    akinyi = await a_client(database, "C-0012")
    assert await people.prove_number("0", akinyi, Secret("c0012")) == "right"
    tries = [await people.prove_number(f"{n}", akinyi, Secret("C-0021")) for n in range(1, 4)]
    assert tries == ["wrong", "wrong", "locked"]
    assert await people.prove_number("4", akinyi, Secret("C-0012")) == "locked"
    assert await people.locked_until(akinyi) == MONDAY + dt.timedelta(minutes=15)
    clock.advance(15 * 60)
    assert await people.prove_number("5", akinyi, Secret("C-0012")) == "right"


async def test_nobody_proves_no_number(people: Clients) -> None:
    assert await people.prove_number("1", replace(STRANGER, client="nobody"), Secret("")) == "wrong"


@pytest.mark.parametrize(
    ("phone", "number", "says"),
    [
        ("+254700000009", "", "No client has this phone"),
        (PHONE, "", "Give the client number too"),
        (PHONE, "C-9", "No client on this phone has that client number"),
        (PHONE, "c2", ""),
    ],
)
async def test_whose_code_it_is_must_be_clear(database: Database, phone: str, number: str, says: str) -> None:
    await a_client(database, "C-1")
    two = await a_client(database, "C-2")
    async with database.read() as conn:
        if not says:
            assert await activation.client_to_activate(conn, phone, number) == two.client
            return
        with pytest.raises(activation.NotOneClient, match=says):
            await activation.client_to_activate(conn, phone, number)
