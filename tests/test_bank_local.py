"""The local bank: opening, the terms an account keeps, interest on savings."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from adapters.banks.local import Bank
from flows.loading.source import SourceFile
from flows.ports import BookedAccount, Entry, Leg, Moved, Posting, Refused, Unavailable
from flows.products.chart import account_of, is_free, reference, undo
from flows.products.memory import MemoryBooks
from flows.products.opening import Opening
from flows.products.reading import load_products
from flows.values import Money
from gateway.clock import SetClock

LOAN = """
product: loan
label: "Loan"
made of:
  credit:
    method: flat
    rate: {rate}
    frequency: weekly
    instalments: 4
    fees: {{form: 50 at disbursement}}
    penalty: 20 after 7 days
"""
SAVINGS = 'product: akiba\nlabel: "Akiba"\nmade of: {savings: {rate: 12 % a year}}\n'
DAY0 = dt.date(2026, 1, 1)
LENT = Opening("L-1", "c", "loan", "Biashara", "KES", DAY0, 400_000)


def bank_with(books: Any, rate: str = "10 % for the term", on: dt.date = DAY0) -> Bank:
    files = [SourceFile("products/loan.yaml", LOAN.format(rate=rate)), SourceFile("products/akiba.yaml", SAVINGS)]
    products, faults = load_products(files, "KES")
    assert not faults
    return Bank(books, products, SetClock(dt.datetime.combine(on, dt.time(12), dt.UTC)))


async def test_opening_pays_out_once_less_the_fees() -> None:
    books = MemoryBooks()
    bank = bank_with(books)
    assert await bank.open(LENT) == DAY0
    later = Opening("L-1", "c", "loan", "Other", "KES", DAY0 + dt.timedelta(days=9), 900_000)
    assert await bank.open(later) == DAY0
    assert [(leg.book, leg.minor, leg.kind) for leg in books.legs] == [
        ("L-1:principal", 400_000, "disbursed"),
        ("float", -395_000, "disbursed"),
        ("L-1:fee", -5_000, "fee"),
    ]
    assert [account.nickname for account in await bank.accounts("c")] == ["Biashara"]


async def test_half_an_opening_is_completed() -> None:
    books = MemoryBooks()
    bank = bank_with(books)
    await bank.open(LENT)
    books.legs.clear()
    await bank.open(LENT)
    assert (await bank.statement("L-1", 5))[0].amount == Money(-400_000, "KES")


async def test_an_account_keeps_the_terms_it_was_opened_on() -> None:
    books = MemoryBooks()
    await bank_with(books).open(LENT)
    dearer = bank_with(books, rate="90 % for the term")
    await dearer.open(Opening("L-2", "c", "loan", "New", "KES", DAY0, 400_000))
    balances = [account.balance.minor for account in await dearer.accounts("c")]
    assert balances == [440_000, 760_000]


async def test_terms_can_be_agreed_for_one_account() -> None:
    books = MemoryBooks()
    bank = bank_with(books)
    await bank.open(Opening("L-1", "c", "loan", "Long", "KES", DAY0, 400_000, {"credit": {"instalments": "8"}}))
    assert (await bank.accounts("c"))[0].due == Money(55_000, "KES")


BAD = {
    "unknown product": Opening("L-1", "c", "nothing", "N", "KES", DAY0, 1),
    "wrong amount": Opening("L-1", "c", "loan", "N", "KES", DAY0, 0),
    "unknown account": Opening("income", "c", "loan", "N", "KES", DAY0, 1),
}


@pytest.mark.parametrize("reason", BAD)
async def test_what_cannot_be_opened(reason: str) -> None:
    books = MemoryBooks()
    with pytest.raises(Refused) as refused:
        await bank_with(books).open(BAD[reason])
    assert refused.value.reason == reason
    assert not books.booked


async def test_savings_take_no_loan() -> None:
    with pytest.raises(Refused):
        await bank_with(MemoryBooks()).open(Opening("S-1", "c", "akiba", "N", "KES", DAY0, 100))


async def test_interest_is_credited_once_a_month() -> None:
    bank = bank_with(MemoryBooks(), on=dt.date(2026, 3, 1))
    await bank.open(Opening("S-1", "c", "akiba", "Akiba", "KES", DAY0))
    await bank.post(Posting("a", "S-1", Money(365_000, "KES"), dt.date(2026, 1, 22), "deposited"))
    # 3,650 shillings at 12 % a year are 1.20 a day: ten days of January, all 28 of February with January's 12 on top.
    assert await bank.credit_interest("S-1", dt.date(2026, 1, 15)) == 1200
    assert await bank.credit_interest("S-1", dt.date(2026, 1, 15)) == 0
    assert await bank.credit_interest("S-1", dt.date(2026, 2, 15)) == 3371
    account = (await bank.accounts("c"))[0]
    assert (account.saved, account.last_paid) == (Money(369_571, "KES"), Money(365_000, "KES"))
    assert (await bank.statement("S-1", 1))[0].kind == "interest"


async def test_what_was_taken_back_earns_nothing() -> None:
    bank = bank_with(MemoryBooks(), on=dt.date(2026, 3, 1))
    await bank.open(Opening("S-1", "c", "akiba", "Akiba", "KES", DAY0))
    for key in ("a", "b"):
        await bank.post(Posting(key, "S-1", Money(365_000, "KES"), dt.date(2026, 1, 22), "deposited"))
    await bank.post(Posting(undo("b"), "S-1", Money(365_000, "KES"), dt.date(2026, 2, 3), "reversed"))
    assert await bank.credit_interest("S-1", dt.date(2026, 1, 15)) == 1200


async def test_a_statement_tells_penalties() -> None:
    bank = bank_with(MemoryBooks(), on=dt.date(2026, 1, 16))
    await bank.open(LENT)
    await bank.post(Posting("a", "L-1", Money(50_000, "KES"), dt.date(2026, 1, 16), "repaid"))
    paid = Entry(dt.date(2026, 1, 16), "repaid", Money(50_000, "KES"), reference("a"))
    charged = Entry(dt.date(2026, 1, 16), "penalty", Money(-2_000, "KES"))
    lent = Entry(DAY0, "disbursed", Money(-400_000, "KES"), reference("open:L-1"))
    entries = await bank.statement("L-1", 9)
    assert sorted(entries[:2], key=str) == sorted([paid, charged], key=str)
    assert entries[2:] == [lent]


class BusyBooks(MemoryBooks):
    """Somebody else is always faster."""

    async def write(self, legs: list[Leg], seen: int | None = None) -> bool:
        if seen is not None:
            raise Moved
        return await super().write(legs)


async def test_a_bank_gives_up_honestly() -> None:
    books = BusyBooks()
    bank = bank_with(books)
    await bank.open(LENT)
    with pytest.raises(Unavailable):
        await bank.post(Posting("a", "L-1", Money(1, "KES"), DAY0, "repaid"))
    assert all(leg.key != "a" for leg in books.legs)


async def test_terms_that_cannot_be_read_are_an_error_and_not_a_balance() -> None:
    books = MemoryBooks()
    terms = {"words": {"made of": {"credit": {"method": "flat"}}}, "amount": 1}
    await books.open(BookedAccount("L-1", "c", "loan", "N", "KES", DAY0, terms))
    with pytest.raises(ValueError, match="rate"):
        await bank_with(books).accounts("c")


def test_references_are_short_stable_and_can_be_read_aloud() -> None:
    assert reference("pay-1") == reference("pay-1")
    made = {reference(f"pay-{n}") for n in range(2000)}
    assert len(made) == 2000
    assert {len(text) for text in made} == {10}
    assert not set("".join(made)) & set("ILOU")


def test_books_have_owners() -> None:
    assert [account_of(book) for book in ("L-1:principal", "income:interest", "float", "L-1:other")] == [
        "L-1",
        None,
        None,
        None,
    ]
    assert [is_free(ref) for ref in ("L-1", "income", "", "a:b")] == [True, False, False, False]
