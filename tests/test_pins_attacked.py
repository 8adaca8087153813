"""PINs under attack: many guesses at once, a kill in the middle, a repeated request, and a search for what leaked."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import logging
import secrets
import traceback
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from flows.ports import Caller, Unavailable
from flows.values import Secret
from gateway.clock import SetClock
from gateway.record import activation, attempts, tables, weak_pins
from gateway.record.cases import Cases
from gateway.record.clients import Person, Told, create
from gateway.record.contacts import add
from gateway.record.database import Database
from gateway.record.hashing import Hasher
from gateway.record.lookup import Clients
from gateway.record.pins import Pins

NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
PHONE = "+254700000001"
GOOD, BAD = Secret("7391"), Secret("7392")


class Killed(BaseException):
    """Stands for kill -9: nothing after it runs."""


class CountingHasher(Hasher):
    """Counts the comparisons; at ``dies`` the process is gone in the middle of one."""

    compared = 0
    dies = False

    async def fits(self, kept: str, secret: Secret, use: str) -> bool:
        self.compared += 1
        if self.dies:
            raise Killed
        return await super().fits(kept, secret, use)


async def refresh(address: str) -> None:
    pass


def pins_on(db: Database, hasher: Hasher, clock: SetClock) -> Pins:
    return Pins(db, hasher, clock, lambda language, key, values: key, refresh)


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOW)


@pytest.fixture
def hasher() -> Any:
    made = CountingHasher(b"pepper of the tests", waiting=64)
    yield made
    made.close()


@pytest.fixture
async def akinyi(database: Database, hasher: CountingHasher, clock: SetClock) -> Caller:
    """A client with a PIN."""
    told = Told(NOW, "test")
    async with database.write() as conn:
        id_ = await create(conn, Person("C-0012", "Akinyi", language="en", stage="active"), told)
        await add(conn, id_, PHONE, told)
    caller, pins = Caller(PHONE, "ussd", id_, "en", "conv", number="C-0012"), pins_on(database, hasher, clock)
    await pins.propose("propose", caller, GOOD)
    assert await pins.confirm("confirm", caller, GOOD) == "set"
    hasher.compared = 0
    return caller


@pytest.fixture
async def elsewhere(database_url: str) -> AsyncIterator[Database]:
    """The same record, as another process opens it."""
    made = Database(database_url)
    yield made
    await made.close()


async def misses(db: Database, subject: str) -> int:
    async with db.read() as conn:
        found = await conn.scalar(sa.select(tables.guessing.c.misses).where(tables.guessing.c.subject == subject))
    return found or 0


async def test_twenty_wrong_ones_at_once_are_three_guesses(
    database: Database, elsewhere: Database, hasher: CountingHasher, clock: SetClock, akinyi: Caller
) -> None:
    here, there = pins_on(database, hasher, clock), pins_on(elsewhere, hasher, clock)
    tries = [pins.check(f"{n}.{i}", akinyi, BAD) for n in range(10) for i, pins in enumerate((here, there))]
    answers = await asyncio.gather(*tries)
    assert hasher.compared == 3
    assert set(answers) <= {"wrong", "locked"}
    assert await here.check("after", akinyi, GOOD) == "locked"


async def test_the_same_key_at_once_is_one_guess(
    database: Database, elsewhere: Database, hasher: CountingHasher, clock: SetClock, akinyi: Caller
) -> None:
    pins = [pins_on(db, hasher, clock) for db in (database, elsewhere)]
    answers = await asyncio.gather(*(pins[n % 2].check("same", akinyi, BAD) for n in range(8)))
    assert answers == ["wrong"] * 8
    assert hasher.compared == 1
    assert await misses(database, f"pin {akinyi.client}") == 1
    assert await misses(database, f"address {PHONE}") == 1


async def test_the_same_key_at_once_with_the_right_pin(
    database: Database, elsewhere: Database, hasher: CountingHasher, clock: SetClock, akinyi: Caller
) -> None:
    pins = [pins_on(db, hasher, clock) for db in (database, elsewhere)]
    assert await asyncio.gather(*(pins[n % 2].check("same", akinyi, GOOD) for n in range(4))) == ["right"] * 4
    assert await misses(database, f"address {PHONE}") == 0


async def test_a_kill_in_the_middle_is_a_miss(
    database: Database, hasher: CountingHasher, clock: SetClock, akinyi: Caller
) -> None:
    pins, hasher.dies = pins_on(database, hasher, clock), True
    for n in range(3):
        with pytest.raises(Killed):
            await pins.check(f"killed {n}", akinyi, BAD)
    hasher.dies = False
    assert await pins.check("after", akinyi, GOOD) == "locked"


async def test_a_killed_key_can_be_tried_again_and_counts_again(
    database: Database, hasher: CountingHasher, clock: SetClock, akinyi: Caller
) -> None:
    pins, hasher.dies = pins_on(database, hasher, clock), True
    with pytest.raises(Killed):
        await pins.check("killed", akinyi, BAD)
    hasher.dies = False
    clock.advance(attempts.LEASE)
    assert await pins.check("killed", akinyi, BAD) == "wrong"
    assert await misses(database, f"pin {akinyi.client}") == 2
    assert await pins.check("after", akinyi, GOOD) == "right"


async def test_a_repeat_waits_for_the_one_that_runs_and_takes_over_when_it_is_dead(
    database: Database, hasher: CountingHasher, clock: SetClock, akinyi: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    pins, hasher.dies = pins_on(database, hasher, clock), True
    pins._attempts = attempts.Attempts(database, clock, lease=0.2)
    with pytest.raises(Killed):
        await pins.check("killed", akinyi, GOOD)
    hasher.dies = False
    assert await pins.check("killed", akinyi, GOOD) == "right"  # the clock stood still: it had to wait


async def test_too_many_at_once_are_turned_away_uncounted(database: Database, clock: SetClock, akinyi: Caller) -> None:
    small = Hasher(b"pepper of the tests", workers=1, waiting=2)
    pins = pins_on(database, small, clock)
    answers = await asyncio.gather(*(pins.check(f"{n}", akinyi, BAD) for n in range(6)), return_exceptions=True)
    assert sorted(map(str, answers[:2])) == ["wrong", "wrong"]
    assert all(isinstance(answer, Unavailable) for answer in answers[2:])
    assert await misses(database, f"pin {akinyi.client}") == 2
    small.close()


async def test_a_reset_while_a_pin_is_compared_wins(
    database: Database, clock: SetClock, hasher: CountingHasher, akinyi: Caller
) -> None:
    class Slow(Hasher):
        async def fits(self, kept: str, secret: Secret, use: str) -> bool:
            await activation.issue(database, hasher, clock, akinyi.client, "staff", refresh)
            return await super().fits(kept, secret, use)

    slow = Slow(b"pepper of the tests")
    assert await pins_on(database, slow, clock).check("k", akinyi, GOOD) == "wrong"
    slow.close()


# -- what leaks -------------------------------------------------------------------------------------------------------


async def every_byte(db: Database) -> str:
    """All that the database holds, as text; of SQLite also the raw files, pages that are free again included."""
    async with db.read() as conn:
        rows = [str((await conn.execute(sa.select(table))).all()) for table in tables.metadata.sorted_tables]
    raw = Path(str(db.url.database)).parent.glob("*.db*") if db.is_sqlite else []
    return "".join(rows) + "".join(path.read_bytes().decode("latin-1") for path in raw)


def traces(secret: str) -> list[str]:
    plain = secret.encode()
    return [secret, plain.hex(), hashlib.sha256(plain).hexdigest(), hashlib.md5(plain).hexdigest()]


async def test_a_pin_is_found_nowhere(
    database: Database,
    hasher: Hasher,
    clock: SetClock,
    akinyi: Caller,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("sqlalchemy.engine", "sqlalchemy.pool", "aiosqlite", "asyncio"):
        caplog.set_level(logging.DEBUG, logger=name)
    monkeypatch.setattr(weak_pins, "LENGTHS", range(4, 60))
    long, wrong = ("".join(secrets.choice("0123456789") for _ in range(40)) for _ in range(2))
    pins = pins_on(database, hasher, clock)
    clients = Clients(database, clock, Cases(database, clock), refresh)
    assert await pins.propose("a", akinyi, Secret(long)) == "proposed"
    assert await pins.confirm("b", akinyi, Secret(wrong)) == "different"
    assert await pins.propose("c", akinyi, Secret(long)) == "proposed"
    assert await pins.confirm("d", akinyi, Secret(long)) == "set"
    assert await pins.check("e", akinyi, Secret(long)) == "right"
    assert await pins.check("f", akinyi, Secret(wrong)) == "wrong"
    assert await clients.prove_number("g", akinyi, Secret(wrong)) == "wrong"
    code = await activation.issue(database, hasher, clock, akinyi.client, "staff", refresh)
    assert await pins.check_code("h", akinyi, Secret(wrong)) == "wrong"
    assert await pins.check_code("i", akinyi, Secret(code)) == "right"
    everything = await every_byte(database) + caplog.text
    assert akinyi.client in everything, "the search does see the rows"
    assert not [trace for secret in (long, wrong) for trace in traces(secret) if trace in everything]
    assert f"'{code}'" not in everything


@pytest.mark.parametrize("missing", ["effect", "guessing", "pin"])
async def test_no_error_carries_a_pin(
    database: Database, hasher: Hasher, clock: SetClock, akinyi: Caller, missing: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The worst reader: every exception with every local variable of every frame."""
    caplog.set_level(logging.DEBUG)
    typed = Secret("".join(secrets.choice("0123456789") for _ in range(40)))
    async with database.write() as conn:
        await conn.execute(sa.text(f"drop table {missing}"))
    pins, text = pins_on(database, hasher, clock), ""
    for run in (pins.check, pins.check_code, pins.propose, pins.confirm):
        try:
            await run("key", akinyi, typed)
        except (sa.exc.DBAPIError, Unavailable) as error:
            text += "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
            assert PHONE not in "".join(traceback.format_exception(error))
    assert missing in text
    assert "typed = (secret)" in text
    assert typed.reveal() not in text + caplog.text
