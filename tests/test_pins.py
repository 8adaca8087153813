"""The life of a PIN on the record, on SQLite and on PostgreSQL: checked, locked, chosen, told, reset."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import sqlalchemy as sa
from msgspec.structs import replace

from flows.ports import FOREVER, Caller, Unavailable
from flows.values import Secret
from gateway.clock import SetClock
from gateway.record import activation, cards, tables
from gateway.record.clients import Person, Told, create
from gateway.record.contacts import add, end
from gateway.record.database import Database
from gateway.record.hashing import Hasher
from gateway.record.pins import Pins

NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
PHONE, OLD_PHONE = "+254700000001", "+254700000099"
GOOD, OTHER, BAD = Secret("7391"), Secret("8264"), Secret("7392")
MINUTE, HOUR, DAY = 60, 3600, 86400


@dataclass
class House:
    """A record with one client, Akinyi, and everything that looks after her PIN."""

    db: Database
    clock: SetClock
    hasher: Hasher
    pins: Pins
    akinyi: Caller
    refreshed: list[str]
    keys: int = field(default=0)

    def key(self) -> str:
        self.keys += 1
        return f"conv.{self.keys}.pin.check"

    async def issue(self, by: str = "staff wanja") -> Secret:
        return Secret(await activation.issue(self.db, self.hasher, self.clock, self.akinyi.client, by, self.refresh))

    async def refresh(self, address: str) -> None:
        self.refreshed.append(address)

    async def enrol(self, pin: Secret = GOOD) -> None:
        assert await self.pins.propose(self.key(), self.akinyi, pin) == "proposed"
        assert await self.pins.confirm(self.key(), self.akinyi, pin) == "set"

    async def try_pin(self, pin: Secret, caller: Caller | None = None) -> str:
        return await self.pins.check(self.key(), caller or self.akinyi, pin)

    async def rows(self, table: sa.Table) -> list[Any]:
        async with self.db.read() as conn:
            return list((await conn.execute(sa.select(table))).all())


async def client_on(db: Database, clock: SetClock, number: str, phone: str) -> Caller:
    told = Told(clock.now(), "test")
    async with db.write() as conn:
        person = Person(number, "Akinyi Odhiambo", language="sw", birth_date=dt.date(1985, 11, 23), stage="active")
        id_ = await create(conn, person, told)
        await add(conn, id_, phone, told)
    return Caller(phone, "ussd", id_, "en", "conv", number=number)


def tell(language: str, key: str, values: dict[str, Any]) -> str:
    return f"{language} {key}"


@pytest.fixture
async def house(database: Database) -> AsyncIterator[House]:
    clock, hasher, refreshed = SetClock(NOW), Hasher(b"pepper of the tests", waiting=64), []

    async def refresh(address: str) -> None:
        refreshed.append(address)

    pins = Pins(database, hasher, clock, tell, refresh)
    akinyi = await client_on(database, clock, "C-0012", PHONE)
    yield House(database, clock, hasher, pins, akinyi, refreshed)
    hasher.close()


# -- from a code to a PIN ---------------------------------------------------------------------------------------------


async def test_a_code_leads_to_a_pin(house: House) -> None:
    code = await house.issue()
    assert re.fullmatch(r"\d{6}", code.reveal())
    assert await house.pins.check_code(house.key(), house.akinyi, code) == "right"
    await house.enrol()
    assert await house.try_pin(GOOD) == "right"
    assert await house.pins.check_code(house.key(), house.akinyi, code) == "no code", "it is used up"
    card = await cards.build(house.db, PHONE)
    assert card["clients"][0]["has_pin"] is True
    assert house.refreshed == [PHONE, PHONE], "when the code was issued, and when the PIN was set"


async def test_a_pin_whose_card_cannot_be_written_is_set_all_the_same(house: House) -> None:
    async def refresh(address: str) -> None:
        raise Unavailable

    pins = Pins(house.db, house.hasher, house.clock, tell, refresh)
    assert await pins.propose(house.key(), house.akinyi, GOOD) == "proposed"
    assert await pins.confirm(house.key(), house.akinyi, GOOD) == "set"
    assert await house.try_pin(GOOD) == "right"


async def test_without_a_code_or_a_pin_there_is_nothing_to_guess(house: House) -> None:
    assert await house.pins.check_code(house.key(), house.akinyi, Secret("123456")) == "no code"
    assert await house.try_pin(GOOD) == "no pin"
    assert await house.rows(tables.guessing) == []


async def test_a_code_ends_after_two_days_or_five_misses(house: House) -> None:
    code = await house.issue()
    house.clock.advance(48 * HOUR)
    assert await house.pins.check_code(house.key(), house.akinyi, code) == "no code"
    code = await house.issue()
    wrong = Secret(f"{(int(code.reveal()) + 1) % 10**6:06}")
    tries = [await house.pins.check_code(house.key(), house.akinyi, wrong) for _ in range(6)]
    assert tries == ["wrong"] * 4 + ["locked"] * 2
    assert await house.pins.check_code(house.key(), house.akinyi, code) == "locked"
    assert await house.pins.check_code(house.key(), house.akinyi, await house.issue()) == "right"


async def test_a_new_code_makes_the_earlier_one_worthless(house: House) -> None:
    first, second = await house.issue(), await house.issue()
    assert await house.pins.check_code(house.key(), house.akinyi, first) == "wrong"
    assert await house.pins.check_code(house.key(), house.akinyi, second) == "right"


async def test_a_reset_takes_the_pin_and_its_locks(house: House) -> None:
    await house.enrol()
    for _ in range(3):
        await house.try_pin(BAD)
    assert await house.try_pin(GOOD) == "locked"
    await house.issue(by="staff wanja")
    assert await house.try_pin(GOOD) == "no pin"
    assert (await cards.build(house.db, PHONE))["clients"][0]["has_pin"] is False
    last = sorted(await house.rows(tables.audit), key=lambda row: row.id)[-1]
    assert (last.who, last.what, last.about) == ("staff wanja", "PIN reset", house.akinyi.client)
    await house.enrol(OTHER)
    assert await house.try_pin(OTHER) == "right"


# -- choosing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pin", ["1234", "0000", "1985", "2311", "0001", "0012", "٠٠٠٠"])
async def test_what_others_would_try_first_is_weak(house: House, pin: str) -> None:
    assert await house.pins.propose(house.key(), house.akinyi, Secret(pin)) == "weak"
    assert await house.pins.confirm(house.key(), house.akinyi, Secret(pin)) == "expired"


async def test_two_different_pins_are_not_set(house: House) -> None:
    await house.pins.propose(house.key(), house.akinyi, GOOD)
    assert await house.pins.confirm(house.key(), house.akinyi, BAD) == "different"
    assert await house.pins.confirm(house.key(), house.akinyi, GOOD) == "expired", "it must be proposed again"
    assert await house.try_pin(GOOD) == "no pin"


async def test_a_proposal_ends_after_ten_minutes(house: House) -> None:
    await house.pins.propose(house.key(), house.akinyi, GOOD)
    house.clock.advance(10 * MINUTE + 1)
    assert await house.pins.confirm(house.key(), house.akinyi, GOOD) == "expired"


async def test_confirmed_twice_under_one_key_is_told_once(house: House) -> None:
    await house.pins.propose("p", house.akinyi, GOOD)
    assert [await house.pins.confirm("c", house.akinyi, GOOD) for _ in range(2)] == ["set", "set"]
    assert len(await house.rows(tables.outbox)) == 1


async def test_a_change_is_told_to_every_phone_in_the_clients_language(house: House) -> None:
    told = Told(house.clock.now(), "test")
    async with house.db.write() as conn:
        await add(conn, house.akinyi.client, "+254700000002", told)
        await add(conn, house.akinyi.client, OLD_PHONE, told)
        await end(conn, house.akinyi.client, OLD_PHONE, told.at)
    await house.enrol()
    await house.enrol(OTHER)
    sms = sorted((row.to, row.text, row.purpose, row.state) for row in await house.rows(tables.outbox))
    phones = [PHONE, "+254700000002"]
    assert sms == [(p, f"sw told_pin_{how}", "service", "queued") for p in phones for how in ("changed", "set")]
    [pin] = await house.rows(tables.pin)
    assert pin.cooling_until == NOW + dt.timedelta(hours=24)
    assert [row.what for row in await house.rows(tables.audit)] == ["PIN set", "PIN set"]


async def test_digits_of_another_script_are_the_same_pin(house: House) -> None:
    await house.enrol(Secret("٧٣٩١"))
    assert await house.try_pin(GOOD) == "right"


async def test_a_hash_copied_to_another_client_opens_nothing(house: House) -> None:
    await house.enrol()
    other = await client_on(house.db, house.clock, "C-0013", "+254700000003")
    [mine] = await house.rows(tables.pin)
    async with house.db.write() as conn:
        await conn.execute(sa.insert(tables.pin).values(client=other.client, hash=mine.hash))
    assert await house.try_pin(GOOD, other) == "wrong"


# -- guessing ---------------------------------------------------------------------------------------------------------


async def test_three_misses_lock_for_longer_each_time_and_then_until_a_reset(house: House) -> None:
    await house.enrol()
    for wait in (15 * MINUTE, HOUR, DAY):
        assert [await house.try_pin(BAD) for _ in range(3)] == ["wrong", "wrong", "locked"]
        assert await house.try_pin(GOOD) == "locked"
        assert await house.pins.locked_until(house.akinyi) == house.clock.now() + dt.timedelta(seconds=wait)
        house.clock.advance(wait)
        assert await house.pins.locked_until(house.akinyi) is None
        house.clock.advance(DAY)  # the address forgives meanwhile
    assert [await house.try_pin(BAD) for _ in range(3)] == ["wrong", "wrong", "locked"]
    house.clock.advance(10 * 365 * DAY)
    assert await house.try_pin(GOOD) == "locked"
    assert await house.pins.locked_until(house.akinyi) == FOREVER


async def test_the_right_pin_forgets_the_misses(house: House) -> None:
    await house.enrol()
    for _ in range(4):
        assert [await house.try_pin(pin) for pin in (BAD, BAD, GOOD)] == ["wrong", "wrong", "right"]
        house.clock.advance(3 * HOUR)


async def test_misses_count_across_channels_and_phones(house: House) -> None:
    await house.enrol()
    elsewhere = replace(house.akinyi, address="+254700000055", channel="voice", conversation="other")
    assert await house.try_pin(BAD) == "wrong"
    assert await house.try_pin(BAD, elsewhere) == "wrong"
    assert await house.try_pin(BAD, elsewhere) == "locked"
    assert await house.try_pin(GOOD) == "locked"


async def test_an_address_is_locked_whoever_is_guessed_at(house: House) -> None:
    people = [await client_on(house.db, house.clock, f"C-10{n}", PHONE) for n in range(5)]
    for person in people:
        await house.pins.propose(house.key(), person, GOOD)
        await house.pins.confirm(house.key(), person, GOOD)
    tries = [await house.try_pin(BAD, person) for person in people for _ in range(2)]
    assert tries == ["wrong"] * 8 + ["locked"] * 2
    assert await house.try_pin(GOOD, people[-1]) == "locked", "a right one too"
    house.clock.advance(15 * MINUTE)
    assert await house.try_pin(GOOD, people[-1]) == "right"


async def test_a_right_pin_does_not_clear_an_address(house: House) -> None:
    """Who knows one PIN of a shared phone cannot use it to guess at another without end."""
    thief = await client_on(house.db, house.clock, "C-0666", PHONE)
    await house.pins.propose(house.key(), thief, OTHER)
    await house.pins.confirm(house.key(), thief, OTHER)
    victims = [await client_on(house.db, house.clock, f"C-20{n}", PHONE) for n in range(5)]
    for victim in victims:
        await house.pins.propose(house.key(), victim, GOOD)
        await house.pins.confirm(house.key(), victim, GOOD)
    answers = []
    for victim in victims:
        answers += [await house.try_pin(BAD, victim), await house.try_pin(BAD, victim)]
        await house.try_pin(OTHER, thief)
    assert answers == ["wrong"] * 8 + ["locked"] * 2


async def test_an_address_forgives_a_miss_an_hour(house: House) -> None:
    await house.enrol()
    for _ in range(12):
        assert await house.try_pin(BAD) == "wrong"
        assert await house.try_pin(GOOD) == "right"
        house.clock.advance(HOUR)
    [address] = [row for row in await house.rows(tables.guessing) if row.subject.startswith("address")]
    assert address.misses <= 1


# -- one key, one outcome ---------------------------------------------------------------------------------------------


async def test_a_repeated_miss_counts_once(house: House) -> None:
    await house.enrol()
    assert [await house.pins.check("again", house.akinyi, BAD) for _ in range(5)] == ["wrong"] * 5
    assert [await house.try_pin(BAD), await house.try_pin(GOOD)] == ["wrong", "right"]


async def test_a_repeated_right_is_right_again_but_not_for_another_pin(house: House) -> None:
    """A turn may be lost after its PIN was right: whoever comes next under that key must know it too."""
    await house.enrol()
    assert [await house.pins.check("again", house.akinyi, GOOD) for _ in range(2)] == ["right", "right"]
    tries = [await house.pins.check("again", house.akinyi, BAD) for _ in range(4)]
    assert tries == ["wrong", "wrong", "locked", "locked"]
