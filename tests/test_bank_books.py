"""Double entry in SQL and in memory: atomic, balanced, once, and never changed."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import replace

import pytest
import sqlalchemy as sa
from msgspec import structs

from flows.ports import BookedAccount, Books, Leg, Moved
from flows.products.chart import Unbalanced
from flows.products.memory import MemoryBooks
from gateway.clock import SetClock
from gateway.record.books import SqlBooks
from gateway.record.database import Database
from gateway.record.tables import client

NOW = dt.datetime(2026, 3, 20, 9, tzinfo=dt.UTC)
TODAY = NOW.date()
ACCOUNT = BookedAccount("L-1", "c", "loan", "Biashara", "KES", TODAY, {"words": {"made of": {}}, "amount": 5})
IN, OUT = (
    Leg("k", "float", 500, "KES", TODAY, "repaid", "SJK7"),
    Leg("k", "L-1:principal", -500, "KES", TODAY, "repaid"),
)

UNBALANCED = {
    "one leg": [IN],
    "not zero": [IN, replace(OUT, minor=-499)],
    "two keys": [IN, replace(OUT, key="other")],
    "two currencies": [IN, replace(OUT, currency="UGX")],
    "a leg of nothing": [IN, OUT, replace(IN, minor=0)],
    "no legs": [],
}


class Contract:
    async def test_an_account_is_kept_as_it_was_opened(self, books: Books) -> None:
        await books.open(ACCOUNT)
        await books.open(structs.replace(ACCOUNT, nickname="Other"))
        assert await books.account("L-1") == ACCOUNT
        assert await books.accounts_of("c") == [ACCOUNT]
        assert await books.account("L-2") is None
        assert await books.accounts_of("d") == []

    async def test_a_posting_is_written_once(self, books: Books) -> None:
        await books.open(ACCOUNT)
        assert await books.write([IN, OUT])
        assert not await books.write([IN, OUT])
        assert not await books.write([replace(IN, minor=1), replace(OUT, minor=-1)])
        assert await books.legs_of("L-1") == [OUT]

    async def test_two_at_once(self, books: Books) -> None:
        await books.open(ACCOUNT)
        written = await asyncio.gather(*(books.write([IN, OUT]) for _ in range(6)))
        assert sorted(written) == [False] * 5 + [True]
        assert await books.legs_of("L-1") == [OUT]

    @pytest.mark.parametrize("what", UNBALANCED)
    async def test_only_what_sums_to_zero(self, books: Books, what: str) -> None:
        await books.open(ACCOUNT)
        with pytest.raises(Unbalanced):
            await books.write(UNBALANCED[what])
        assert await books.legs_of("L-1") == []

    async def test_who_read_before_somebody_else_wrote_is_told(self, books: Books) -> None:
        await books.open(ACCOUNT)
        assert await books.write([IN, OUT], seen=0)
        with pytest.raises(Moved):
            await books.write([replace(IN, key="k2"), replace(OUT, key="k2")], seen=0)
        assert await books.write([replace(IN, key="k2"), replace(OUT, key="k2")], seen=1)
        assert len(await books.legs_of("L-1")) == 2

    async def test_of_two_that_read_the_same_one_is_told(self, books: Books) -> None:
        await books.open(ACCOUNT)
        pairs = [[replace(IN, key=key), replace(OUT, key=key)] for key in ("a", "b", "c", "d")]
        done = await asyncio.gather(*(books.write(legs, seen=0) for legs in pairs), return_exceptions=True)
        assert sorted(type(result).__name__ for result in done) == ["Moved", "Moved", "Moved", "bool"]
        assert len(await books.legs_of("L-1")) == 1


class TestMemory(Contract):
    @pytest.fixture
    def books(self) -> Books:
        return MemoryBooks()


class TestSql(Contract):
    @pytest.fixture
    async def books(self, database: Database) -> Books:
        async with database.write() as conn:
            row = {"id": "c", "number": "1", "name": "Client", "stage": "active", "created_at": NOW}
            await conn.execute(sa.insert(client).values(row))
        return SqlBooks(database, SetClock(NOW))
