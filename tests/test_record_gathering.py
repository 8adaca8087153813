"""Reads asked for in one turn of the loop are one statement, and nobody pays for another's trouble."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from flows.ports import BookedAccount, Leg, Unavailable
from gateway.clock import SetClock
from gateway.record.books import SqlBooks
from gateway.record.database import Database
from gateway.record.gathering import Gathering, Owned
from gateway.record.reading import Reading, Rows
from gateway.record.tables import client

READING = Reading(sa.select(client.c.id))
NOW = dt.datetime(2026, 3, 20, 9, tzinfo=dt.UTC)
NAMES = ["plain", "", "NULL", "a,b", "{c}", 'say "d"', "back\\slash", "two\nlines", " ", "Ötiena 你", "it's", "$1"]


class Server:
    """Answers when it is let, with a row for each letter; ``wrong`` letters it refuses."""

    def __init__(self, wrong: str = "", error: Exception | None = None) -> None:
        self.said: list[str | list[str]] = []
        self.given_up = 0
        self.go = asyncio.Event()
        self._wrong, self._error = wrong, error

    def gathering(self) -> Gathering:
        return Gathering(Owned(READING, READING, 0), self.read)

    async def read(self, _: Reading, of: str | list[str]) -> Rows:
        self.said.append(of)
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.given_up += 1
            raise
        if self._error or (self._wrong and self._wrong in of):
            raise self._error or ValueError(*of)
        return [(letter, n) for n in range(2) for letter in of if letter != "n"]


def asked(gathering: Gathering, letters: str) -> list[asyncio.Task[Rows]]:
    return [asyncio.create_task(gathering.rows(letter)) for letter in letters]


async def until(done: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not done():
            await asyncio.sleep(0)


def rows(letter: str) -> list[tuple[str, int]]:
    return [(letter, 0), (letter, 1)]


async def test_who_ask_at_once_are_answered_by_one_statement() -> None:
    server = Server()
    reads = asked(server.gathering(), "abcna")
    server.go.set()
    assert await asyncio.gather(*reads) == [rows("a"), rows("b"), rows("c"), [], rows("a")]
    assert [sorted(said) for said in server.said] == [["a", "b", "c", "n"]]


async def test_who_asks_alone_and_who_asks_later_has_a_statement_of_their_own() -> None:
    server = Server()
    gathering = server.gathering()
    first = asked(gathering, "a")
    await until(lambda: len(server.said) == 1)
    second = asked(gathering, "b")
    await until(lambda: len(server.said) == 2)
    server.go.set()
    assert await asyncio.gather(*first, *second) == [rows("a"), rows("b")]
    assert server.said == ["a", "b"]


@pytest.mark.parametrize("when", ["before the statement", "during the statement"])
@pytest.mark.parametrize("who", [0, 1, 2])
async def test_who_stops_waiting_harms_nobody(who: int, when: str) -> None:
    server = Server()
    reads = asked(server.gathering(), "abc")
    await asyncio.sleep(0)
    if when == "during the statement":
        await until(lambda: bool(server.said))
    reads[who].cancel()
    await asyncio.sleep(0)
    server.go.set()
    found = await asyncio.gather(*reads, return_exceptions=True)
    assert isinstance(found.pop(who), asyncio.CancelledError)
    assert found == [rows(letter) for at, letter in enumerate("abc") if at != who]
    assert len(server.said) == 1 and not server.given_up


async def test_when_all_have_stopped_waiting_the_statement_is_given_up() -> None:
    server = Server()
    gathering = server.gathering()
    for letters in ("a", "abc"):
        server.said.clear()
        reads = asked(gathering, letters)
        await until(lambda: bool(server.said))
        for at, read in enumerate(reads):
            assert server.given_up == 0, at
            read.cancel()
        await asyncio.gather(*reads, return_exceptions=True)
        await until(lambda: server.given_up == 1)
        server.given_up = 0


async def test_who_stop_before_it_is_said_are_not_asked_for() -> None:
    server = Server()
    reads = asked(server.gathering(), "abc")
    await asyncio.sleep(0)
    for read in reads:
        read.cancel()
    await asyncio.gather(*reads, return_exceptions=True)
    await asyncio.sleep(0.01)
    assert not server.said


async def test_what_is_unavailable_is_so_for_all_and_is_asked_once() -> None:
    server = Server(error=Unavailable("the client record did not answer"))
    reads = asked(server.gathering(), "abc")
    server.go.set()
    found = await asyncio.gather(*reads, return_exceptions=True)
    assert [str(error) for error in found] == ["the client record did not answer"] * 3
    assert len({id(error) for error in found}) == 3 and len(server.said) == 1


async def test_what_is_refused_fails_whoever_asked_with_it() -> None:
    server = Server(wrong="b")
    reads = asked(server.gathering(), "abc")
    server.go.set()
    first, second, third = await asyncio.gather(*reads, return_exceptions=True)
    assert (first, third) == (rows("a"), rows("c"))
    assert isinstance(second, ValueError) and str(second) == "b"


# -- the accounts of clients ------------------------------------------------------------------------------------------


@pytest.fixture
async def books(database: Database) -> SqlBooks:
    async with database.write() as conn:
        for n, name in enumerate(NAMES):
            row = {"id": name, "number": str(n), "name": "Client", "stage": "active", "created_at": NOW}
            await conn.execute(sa.insert(client).values(row))
    books = SqlBooks(database, SetClock(NOW))
    for n, name in enumerate(NAMES):
        for account in range(n % 3 if n != 1 else 0):
            await _opened(books, f"L-{n}-{account}", name)
    return books


async def _opened(books: SqlBooks, ref: str, name: str) -> None:
    await books.open(BookedAccount(ref, name, "loan", "Biashara", "KES", NOW.date(), {"words": {}, "amount": 5}))
    paid = [Leg(ref, "float", 5, "KES", NOW.date(), "repaid"), Leg(ref, f"{ref}:principal", -5, "KES", NOW.date(), "")]
    await books.write(paid)


async def test_everybody_gets_their_own_accounts(books: SqlBooks) -> None:
    alone = [await books.accounts_with_legs(name) for name in NAMES]
    assert [len(found) for found in alone] == [0, 0, *(n % 3 for n in range(2, len(NAMES)))]
    assert await asyncio.gather(*map(books.accounts_with_legs, NAMES)) == alone


async def test_a_name_that_no_database_takes_fails_nobody_else(books: SqlBooks) -> None:
    others = ["a,b", "plain", "it's"]
    expected = [await books.accounts_with_legs(name) for name in others]
    wrong = books.accounts_with_legs("plain\0")
    found = await asyncio.gather(wrong, *map(books.accounts_with_legs, others), return_exceptions=True)
    assert found[1:] == expected
    assert found[0] == [] or isinstance(found[0], sa.exc.DBAPIError)


async def test_inside_a_write_it_sees_what_that_wrote_and_others_do_not(books: SqlBooks) -> None:
    async with books.database.write():
        await _opened(books, "L-new", "plain")
        assert [account.ref for account, _ in await books.accounts_with_legs("plain")] == ["L-new"]
        assert await asyncio.gather(*(books.accounts_with_legs(name) for name in ("plain", ""))) == [[], []]
    assert len(await books.accounts_with_legs("plain")) == 1
