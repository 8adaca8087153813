"""One receipt moves money once: by a payment of ours, or out of suspense by a person, and never by both."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from test_bank_contract import NOW
from test_suspense import AMOUNT, FOUND, WHY, made

from flows.paying import facts as f
from flows.paying.facts import Payment
from flows.values import Money
from gateway.record import payments, tables
from gateway.record.database import Database
from gateway.record.payment_rows import columns
from gateway.suspense import CannotMove, Mover, Waiting, moved

PAID = f.Paid("SJK7", AMOUNT)
UNKNOWN: dict[str, Any] = {"state": "unknown", "asked_at": NOW, "next_at": NOW, "told": "unknown"}
NO_WORD: dict[str, Any] = {**UNKNOWN, "state": "exception", "reason": "no word"}


@pytest.fixture
async def mover(database: Database) -> Mover:
    """The money of SJK7 lies in suspense."""
    return await made(database)


async def ours(mover: Mover, account: str = "S-1", **changes: Any) -> None:
    """The payment p."""
    about = {"id": "p", "client": "c", "account": account, "amount": AMOUNT, "fee": Money(0, "KES"), "provider": "m"}
    payment = Payment(wallet="+2547", created_at=NOW, moved_at=NOW, **(about | UNKNOWN | changes))
    row = columns(payment) | {"key": "k", "address": "+2547", "names": {"amount": AMOUNT.minor}, "history": []}
    async with mover.db.write() as conn:
        await conn.execute(sa.insert(tables.payment).values(**row, open_for="x"))


async def learn(mover: Mover, fact: f.Fact) -> Payment:
    return await payments.apply(mover.db, "p", fact, NOW, lambda _row, told: f"{told}.")


def decided(way: Any, receipt: str = "") -> f.Decided:
    return f.Decided(way, "asha", WHY, receipt)


async def told(mover: Mover) -> list[str]:
    async with mover.db.read() as conn:
        return list(await conn.scalars(sa.select(tables.outbox.c.text)))


async def test_what_was_moved_is_not_posted_when_the_wallet_tells_of_it_late(mover: Mover) -> None:
    await ours(mover)
    await mover.move("SJK7", "S-1", WHY)
    late = await learn(mover, PAID)
    assert (late.state, late.reason, late.receipt, late.next_at) == ("exception", "in suspense", "SJK7", None)
    assert await learn(mover, decided("post again")) == await learn(mover, decided("not paid")) == late
    assert (await learn(mover, decided("paid"))).state == "posted"
    assert await told(mover) == ["paid."]
    with pytest.raises(CannotMove, match="its payer was told so"):
        await mover.back("SJK7", WHY)


async def test_who_decides_with_a_receipt_that_lies_in_suspense_moves_its_money_first(mover: Mover) -> None:
    await ours(mover, **NO_WORD)
    held = await learn(mover, decided("paid", "SJK7"))
    assert (held.state, held.reason, held.taken) == ("exception", "in suspense", AMOUNT)
    assert await learn(mover, decided("paid")) == held, "it is on no account yet"
    with pytest.raises(CannotMove, match="for another account"):
        await mover.move("SJK7", "L-1", WHY)
    await mover.move("SJK7", "S-1", WHY)
    assert ((await learn(mover, decided("paid"))).state, await told(mover)) == ("posted", ["paid."])


async def test_what_was_moved_to_the_account_is_paid_by_that(mover: Mover) -> None:
    await ours(mover, **NO_WORD)
    await mover.move("SJK7", "S-1", WHY)
    assert ((await learn(mover, decided("paid", "SJK7"))).state, await told(mover)) == ("posted", ["paid."])


async def test_on_another_account_it_is_neither_paid_nor_not_paid(mover: Mover) -> None:
    await ours(mover)
    await mover.move("SJK7", "L-1", WHY)
    held = await learn(mover, PAID)
    assert await learn(mover, decided("paid")) == await learn(mover, decided("not paid")) == held
    await mover.back("SJK7", WHY)
    assert (await learn(mover, decided("not paid"))).state == "failed", "given back by hand"


async def test_another_amount_that_came_in_apart_is_not_posted_either(mover: Mover) -> None:
    await ours(mover, amount=Money(100, "KES"))
    assert (await learn(mover, PAID)).reason == "in suspense"


@pytest.mark.parametrize("state", ["succeeded", "posting", "posted", "failed"])
async def test_money_of_a_payment_is_not_moved_as_well(mover: Mover, state: str) -> None:
    await ours(mover, state=state, receipt="SJK7", taken=AMOUNT)
    with pytest.raises(CannotMove, match=f"the payment p has this receipt, and is {state}"):
        await mover.move("SJK7", "S-1", WHY)
    assert await moved(mover.db) == []


async def test_a_receipt_that_is_not_in_suspense_any_more_is_posted_as_ever(mover: Mover) -> None:
    await mover.bank.post(replace(FOUND, key=f"undo:{FOUND.key}", kind="reversed"))
    await ours(mover)
    assert (await learn(mover, PAID)).state == "succeeded"


async def test_at_once_one_of_them_has_it(mover: Mover) -> None:
    await ours(mover)
    done = await asyncio.gather(mover.move("SJK7", "S-1", WHY), learn(mover, PAID), return_exceptions=True)
    assert isinstance(done[0], Waiting | CannotMove) and isinstance(done[1], Payment), done
    assert done[1].reason == "in suspense", "posted it is by neither order"
