"""What every bank must do, whoever keeps the money: the same balance, the same refusals, no key posted twice.

A bank that is added gets a class with a fixture ``bank``: for the client ``c`` it holds a loan L-1 (4,000 flat at 10 %
for the term, four weekly instalments, opened on 10 March 2026), savings S-1 (100 must stay) and shares V-1 of a group's
fund (100 each, one to five at a weekly meeting, worth 120 by now); all opened on that day. Today is 20 March.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import replace

import pytest
import sqlalchemy as sa

from adapters.banks.local import Bank as LocalBank
from flows.loading.source import SourceFile
from flows.ports import Bank, Books, Entry, Posting, Refused
from flows.products.memory import MemoryBooks
from flows.products.opening import Opening
from flows.products.reading import load_products
from flows.values import Money
from gateway.clock import SetClock
from gateway.record.books import SqlBooks
from gateway.record.database import Database
from gateway.record.tables import client

LOAN = """
product: loan
label: "Loan"
made of:
  credit: {method: flat, rate: 10 % for the term, frequency: weekly, instalments: 4, fees: {form: 50 at disbursement}}
"""
SAVINGS = 'product: savings\nlabel: "Savings"\nmade of: {savings: {minimum: 100}}\n'
SHARES = """
product: shares
label: "Shares"
made of:
  shares: {price: 100, meets: weekly, each meeting: 1 to 5, value: 120, cycle: 52 meetings}
"""
NOW = dt.datetime(2026, 3, 20, 9, tzinfo=dt.UTC)
DAY0, DAY7 = dt.date(2026, 3, 10), dt.date(2026, 3, 17)


def kes(shillings: int) -> Money:
    return Money(shillings * 100, "KES")


PAID = Posting("pay-1", "L-1", kes(1100), DAY7, "repaid", provider_ref="SJK7TEST01")
SAVED = Posting("save-1", "S-1", kes(500), DAY7, "deposited")
BOUGHT = Posting("buy-1", "V-1", kes(250), DAY7, "deposited")
BACK = replace(PAID, key="undo:pay-1", on=NOW.date(), kind="reversed")

REFUSALS = {
    "unknown account": replace(PAID, account="L-2"),
    "wrong currency": replace(PAID, amount=Money(110_000, "UGX")),
    "wrong amount": replace(PAID, amount=kes(0)),
    "wrong kind": replace(PAID, kind="deposited"),
    "wrong day": replace(PAID, on=DAY0 - dt.timedelta(days=1)),
    "too little saved": Posting("out", "S-1", kes(1), DAY7, "withdrawn"),
    "unknown posting": BACK,
}
WRONG_WAY_BACK = {
    "unknown posting": replace(BACK, key="undo:pay-2"),
    "wrong amount": replace(BACK, amount=kes(1000)),
    "wrong day": replace(BACK, on=DAY0),
}


async def local(books: Books) -> LocalBank:
    texts = {"loan": LOAN, "savings": SAVINGS, "shares": SHARES}
    files = [SourceFile(f"products/{name}.yaml", text) for name, text in texts.items()]
    products, faults = load_products(files, "KES")
    assert not faults
    bank = LocalBank(books, products, SetClock(NOW))
    await bank.open(Opening("L-1", "c", "loan", "Biashara", "KES", DAY0, 400_000))
    await bank.open(Opening("S-1", "c", "savings", "Akiba", "KES", DAY0))
    await bank.open(Opening("V-1", "c", "shares", "Hisa", "KES", DAY0))
    return bank


class Contract:
    """The tests that every bank must pass."""

    async def test_balances(self, bank: Bank) -> None:
        await bank.post(PAID)
        await bank.post(SAVED)
        loan, savings, _ = await bank.accounts("c")
        assert (loan.ref, loan.nickname, loan.features) == ("L-1", "Biashara", ("credit",))
        assert (loan.balance, loan.due, loan.overdue, loan.payoff) == (kes(3300), kes(1100), kes(0), kes(3300))
        assert (loan.due_on, loan.last_paid, loan.last_paid_on) == (dt.date(2026, 3, 24), kes(1100), DAY7)
        assert (savings.balance, savings.saved, savings.due, savings.payoff) == (kes(500), kes(500), None, None)
        assert await bank.accounts("nobody") == []

    async def test_a_key_moves_money_once(self, bank: Bank) -> None:
        first = await bank.post(PAID)
        other = replace(PAID, amount=kes(7), on=DAY0)
        assert [await bank.post(PAID), await bank.post(other)] == [first, first]
        assert (await bank.accounts("c"))[0].balance == kes(3300)
        assert await bank.post(replace(PAID, key="pay-2")) != first
        assert (await bank.accounts("c"))[0].balance == kes(2200)

    async def test_a_fee_is_no_money_of_the_account(self, bank: Bank) -> None:
        await bank.post(replace(PAID, fee=1500))
        await bank.post(replace(SAVED, fee=500))
        loan, savings, _ = await bank.accounts("c")
        assert (loan.balance, loan.last_paid, savings.balance) == (kes(3300), kes(1100), kes(500))
        assert [entry.amount for entry in await bank.statement("S-1", 5)] == [kes(500)]
        await bank.post(BACK)
        assert (await bank.accounts("c"))[0].balance == kes(4400)

    async def test_a_key_moves_money_once_also_at_the_same_moment(self, bank: Bank) -> None:
        references = await asyncio.gather(*(bank.post(PAID) for _ in range(5)))
        assert len(set(references)) == 1
        assert (await bank.accounts("c"))[0].balance == kes(3300)

    async def test_two_payments_at_the_same_moment_both_count(self, bank: Bank) -> None:
        await asyncio.gather(*(bank.post(replace(PAID, key=f"part-{n}", amount=kes(275))) for n in range(4)))
        loan = (await bank.accounts("c"))[0]
        assert (loan.balance, loan.due, loan.due_on) == (kes(3300), kes(1100), dt.date(2026, 3, 24))

    @pytest.mark.parametrize("reason", REFUSALS)
    async def test_refuses(self, bank: Bank, reason: str) -> None:
        with pytest.raises(Refused) as refused:
            await bank.post(REFUSALS[reason])
        assert refused.value.reason == reason
        assert [account.balance for account in await bank.accounts("c")] == [kes(4400), kes(0), kes(0)]

    async def test_what_was_refused_can_be_posted_later(self, bank: Bank) -> None:
        out = Posting("out", "S-1", kes(400), DAY7, "withdrawn")
        with pytest.raises(Refused):
            await bank.post(out)
        await bank.post(SAVED)
        await bank.post(out)
        assert (await bank.accounts("c"))[1].balance == kes(100)

    async def test_shares_are_whole_and_the_rest_is_kept(self, bank: Bank) -> None:
        await bank.post(BOUGHT)
        fund = (await bank.accounts("c"))[2]
        assert (fund.features, fund.shares, fund.share_price, fund.kept) == (("shares",), 2, kes(100), kes(50))
        assert (fund.worth, fund.balance, fund.saved, fund.payoff) == (kes(240), kes(290), None, None)
        assert (fund.due, fund.due_on) == (kes(50), dt.date(2026, 3, 24))
        assert (fund.last_paid, fund.shared_out_on, fund.closed) == (kes(250), dt.date(2027, 3, 9), False)
        await bank.post(replace(BOUGHT, key="buy-2", on=NOW.date()))
        fund = (await bank.accounts("c"))[2]
        assert (fund.shares, fund.kept, fund.balance) == (5, kes(0), kes(600))
        assert (fund.due, fund.due_on) == (kes(100), dt.date(2026, 3, 31))
        assert [(entry.kind, entry.amount) for entry in await bank.statement("V-1", 5)] == [("deposited", kes(250))] * 2

    async def test_shares_are_not_taken_out(self, bank: Bank) -> None:
        await bank.post(BOUGHT)
        with pytest.raises(Refused) as refused:
            await bank.post(replace(BOUGHT, key="out", kind="withdrawn"))
        assert refused.value.reason == "wrong kind"

    async def test_what_was_posted_by_mistake_is_as_if_it_had_never_been(self, bank: Bank) -> None:
        before = await bank.accounts("c")
        for posting in (PAID, SAVED, BOUGHT):
            await bank.post(posting)
        for posting in (PAID, SAVED, BOUGHT):
            back = replace(posting, key=f"undo:{posting.key}", on=NOW.date(), kind="reversed")
            first = await bank.post(back)
            assert await bank.post(back) == first
        assert await bank.accounts("c") == before
        taken, paid, _ = await bank.statement("L-1", 5)
        assert (taken.kind, taken.amount, paid.amount) == ("reversed", kes(-1100), kes(1100))

    @pytest.mark.parametrize("reason", WRONG_WAY_BACK)
    async def test_nothing_else_is_taken_back(self, bank: Bank, reason: str) -> None:
        await bank.post(PAID)
        with pytest.raises(Refused) as refused:
            await bank.post(WRONG_WAY_BACK[reason])
        assert refused.value.reason == reason
        assert (await bank.accounts("c"))[0].balance == kes(3300)

    async def test_what_was_taken_out_since_is_not_taken_back(self, bank: Bank) -> None:
        await bank.post(SAVED)
        await bank.post(Posting("out", "S-1", kes(400), DAY7, "withdrawn"))
        with pytest.raises(Refused) as refused:
            await bank.post(replace(SAVED, key="undo:save-1", on=NOW.date(), kind="reversed"))
        assert refused.value.reason == "too little saved"
        assert (await bank.accounts("c"))[1].balance == kes(100)

    async def test_statement(self, bank: Bank) -> None:
        reference = await bank.post(PAID)
        lent = Entry(DAY0, "disbursed", kes(-4000), "")
        entries = await bank.statement("L-1", 10)
        assert [entries[0], replace(entries[1], ref="")] == [Entry(DAY7, "repaid", kes(1100), reference), lent]
        assert await bank.statement("L-1", 1) == entries[:1]
        assert await bank.statement("S-1", 5) == []
        with pytest.raises(Refused):
            await bank.statement("L-2", 5)


class TestLocalInMemory(Contract):
    @pytest.fixture
    async def bank(self) -> Bank:
        return await local(MemoryBooks())


class TestLocalInSql(Contract):
    @pytest.fixture
    async def bank(self, database: Database) -> Bank:
        async with database.write() as conn:
            row = {"id": "c", "number": "1", "name": "Client", "stage": "active", "created_at": NOW}
            await conn.execute(sa.insert(client).values(row))
        return await local(SqlBooks(database, SetClock(NOW)))
