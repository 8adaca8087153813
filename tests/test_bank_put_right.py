"""Mistakes are put right by another posting: what was taken back is as if it had never been. And unknown money."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from test_bank_positions import DAY0, TABLE, OnDay

from adapters.banks.local import Bank
from flows.ports import Books, Posting, Refused
from flows.products.chart import SUSPENSE, account_of, is_free, undo
from flows.products.features import Product
from flows.products.memory import MemoryBooks
from flows.products.opening import Opening
from flows.products.terms import agreed
from flows.values import Money
from gateway.clock import SetClock
from gateway.record.books import SqlBooks
from gateway.record.database import Database
from gateway.record.tables import ledger

NOW = dt.datetime(2026, 3, 20, 9, tzinfo=dt.UTC)
FOUND = Posting("unknown:mpesa:SJK7", SUSPENSE, Money(50_000, "KES"), NOW.date(), "unknown", provider_ref="SJK7")
LET_GO = Posting(undo(FOUND.key), SUSPENSE, FOUND.amount, NOW.date(), "reversed")


async def _bank(of: str, day: int) -> Bank:
    words = {"made of": TABLE["terms"][of]}
    features = agreed(words, "KES")
    bank = Bank(MemoryBooks(), {"p": Product("p", "P", features, words)}, OnDay(day))
    await bank.open(Opening("A-1", "c", "p", "Mine", "KES", DAY0, 400_000 if features.credit else 0))
    return bank


def _posting(number: int, day: int, minor: int) -> Posting:
    return Posting(f"k{number}", "A-1", Money(minor, "KES"), DAY0 + dt.timedelta(days=day), "repaid")


paid = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 300_000)), min_size=1, max_size=6)


@settings(max_examples=60)
@given(st.sampled_from(sorted(TABLE["terms"])), paid, st.data())
async def test_the_account_stands_as_if_it_had_never_been(of: str, paid: list[tuple[int, int]], data: Any) -> None:
    """Whenever it is found out; the payments beside it count, each for what it paid."""
    wrong, found = data.draw(st.integers(0, len(paid) - 1)), data.draw(st.integers(41, 60))
    with_it, without = await _bank(of, 60), await _bank(of, 60)
    for number, (day, minor) in enumerate(paid):
        if number == wrong:
            continue
        for bank in (with_it, without):
            await bank.post(_posting(number, day, minor))
    # The last one in time: what comes after a mistake was allocated in good faith, and stays as it was allocated.
    mistake = _posting(wrong, 40, paid[wrong][1])
    await with_it.post(mistake)
    back = Posting(undo(mistake.key), "A-1", mistake.amount, DAY0 + dt.timedelta(days=found), "reversed")
    await with_it.post(back)
    assert await with_it.accounts("c") == await without.accounts("c")
    assert isinstance(with_it.books, MemoryBooks)
    assert sum(leg.minor for leg in with_it.books.legs) == 0


async def test_until_it_was_taken_back_it_counts() -> None:
    bank = await _bank("loan", 8)
    await bank.post(_posting(1, 7, 110_000))
    await bank.post(Posting(undo("k1"), "A-1", Money(110_000, "KES"), DAY0 + dt.timedelta(days=9), "reversed"))
    assert (await bank.accounts("c"))[0].balance == Money(330_000, "KES")
    bank.clock = OnDay(9)
    told = (await bank.accounts("c"))[0]
    assert (told.balance, told.overdue, told.last_paid) == (Money(440_000, "KES"), Money(110_000, "KES"), None)


async def test_taken_back_it_can_be_posted_to_the_right_account() -> None:
    bank = await _bank("savings", 9)
    await bank.post(_posting(1, 7, 500))
    await bank.post(Posting(undo("k1"), "A-1", Money(500, "KES"), DAY0 + dt.timedelta(days=9), "reversed"))
    await bank.post(_posting(2, 9, 500))
    assert (await bank.accounts("c"))[0].balance == Money(500, "KES")


REFUSED = {
    "a reversal": (Posting(undo(undo("k1")), "A-1", Money(500, "KES"), DAY0, "reversed"), "wrong kind"),
    "the loan itself": (Posting(undo("open:A-1"), "A-1", Money(400_000, "KES"), DAY0, "reversed"), "wrong kind"),
    "itself": (Posting("k9", "A-1", Money(500, "KES"), DAY0, "reversed"), "unknown posting"),
}


@pytest.mark.parametrize("what", REFUSED)
async def test_what_is_not_taken_back(what: str) -> None:
    bank = await _bank("loan", 9)
    await bank.post(_posting(1, 0, 500))
    await bank.post(Posting(undo("k1"), "A-1", Money(500, "KES"), DAY0, "reversed"))
    posting, reason = REFUSED[what]
    with pytest.raises(Refused) as refused:
        await bank.post(posting)
    assert refused.value.reason == reason


# -- money that came in and that nobody can say yet whom it is for ----------------------------------------------------


@pytest.fixture(params=["memory", "sqlite_template", "njia_template"])
async def books(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Books]:
    if request.param == "memory":
        yield MemoryBooks()
    elif request.param == "sqlite_template":
        database = Database(f"sqlite:///{shutil.copy(request.getfixturevalue(request.param), tmp_path / 'record.db')}")
        yield SqlBooks(database, SetClock(NOW))
        await database.close()
    else:
        with request.getfixturevalue("postgres").fresh(request.param) as url:
            database = Database(url)
            yield SqlBooks(database, SetClock(NOW))
            await database.close()


async def test_unknown_money_is_kept_once_and_let_go_once(books: Books) -> None:
    bank = Bank(books, {}, SetClock(NOW))
    first = await bank.post(FOUND)
    assert await bank.post(FOUND) == first
    assert sum(leg.minor for leg in await books.legs_of(SUSPENSE)) == -50_000
    gone = await bank.post(LET_GO)
    assert await bank.post(LET_GO) == gone != first
    legs = await books.legs_of(SUSPENSE)
    assert sorted((leg.minor, leg.provider_ref) for leg in legs) == [(-50_000, "SJK7"), (50_000, "SJK7")]


async def test_what_is_not_there_is_not_let_go(books: Books) -> None:
    with pytest.raises(Refused) as refused:
        await Bank(books, {}, SetClock(NOW)).post(LET_GO)
    assert refused.value.reason == "unknown posting"


async def test_nothing_else_is_posted_to_suspense(books: Books) -> None:
    for posting, reason in (("deposited", "wrong kind"), ("unknown", "wrong amount")):
        wrong = Posting("k", SUSPENSE, Money(0 if posting == "unknown" else 5, "KES"), NOW.date(), posting)
        with pytest.raises(Refused) as refused:
            await Bank(books, {}, SetClock(NOW)).post(wrong)
        assert refused.value.reason == reason


def test_suspense_is_nobodys_account() -> None:
    assert account_of(SUSPENSE) == SUSPENSE
    assert not is_free(SUSPENSE)


async def test_the_float_has_what_came_in(database: Database) -> None:
    bank = Bank(SqlBooks(database, SetClock(NOW)), {}, SetClock(NOW))
    for posting in (FOUND, FOUND, LET_GO, Posting("other", SUSPENSE, FOUND.amount, NOW.date(), "unknown")):
        await bank.post(posting)
    async with database.read() as conn:
        sums = await conn.execute(sa.select(ledger.c.book, sa.func.sum(ledger.c.minor)).group_by(ledger.c.book))
        assert dict(tuple(row) for row in sums) == {"float": 50_000, SUSPENSE: -50_000}
