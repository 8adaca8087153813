"""What providers say of payments: kept once, applied when it is proven, shown to a person when nobody knows it."""

from __future__ import annotations

import asyncio

import pytest
from payers import (
    AMOUNT,
    BOTH,
    PHONE,
    asked,
    at,
    client,
    count,
    learn,
    sent,
    sms,
)

from flows.paying import facts as f
from flows.paying.facts import Fact
from gateway.record import payments, tables
from gateway.record.database import Database
from gateway.record.payment_evidence import masked

PAID = f.Paid("R1", BOTH)


async def hear(
    db: Database, ref: str, fact: f.Evidence, proven: bool = True, raw: str = "", seconds: float = 3
) -> bool:
    return await payments.evidence(db, ref, fact, raw, at(seconds), provider="m", proven=proven)


async def test_a_callback_is_kept_once_and_makes_it_due(database: Database) -> None:
    payment = await asked(database, await client(database))
    await sent(database, payment)
    assert await payments.due(database, at(3), 10) == []
    for _ in range(3):
        assert await hear(database, payment.id, PAID)
    assert await payments.due(database, at(3), 10) == [payment.id]
    assert await payments.said(database, payment.id) == [PAID]
    assert await count(database, tables.payment_evidence) == 1


async def test_what_a_callback_proved_is_never_passed_over(database: Database) -> None:
    """Whoever is at the payment in that moment, and whatever they learned themselves."""
    payment = await asked(database, await client(database))
    await sent(database, payment)
    await learn(database, payment, PAID)
    await hear(database, payment.id, f.Paid("R2", BOTH))
    posted = await learn(database, payment, f.Posted("B1"))
    assert (posted.state, posted.reason, posted.receipt) == ("exception", "paid twice", "R1")
    row = await payments.find(database, payment.id)
    assert row and [state for state, _, _ in row.history] == ["created", "sent", "succeeded", "succeeded", "exception"]
    assert await sms(database) == [("paid", PHONE, "paid: 50000 R1")]


async def test_nobody_sends_what_a_callback_has_decided(database: Database) -> None:
    payment = await asked(database, await client(database))
    await sent(database, payment)
    for seconds in (5, 20):
        back = await learn(database, payment, f.NotThere(), seconds=seconds, resends=True)
    assert back.state == "created"
    await hear(database, payment.id, PAID, seconds=21)
    assert await payments.start(database, payment.id, at(22)) is None
    assert (await learn(database, payment, f.SessionOpen(), seconds=22)).state == "succeeded"


async def test_many_at_once_are_one(database: Database) -> None:
    payment = await asked(database, await client(database))
    await asyncio.gather(*(hear(database, payment.id, PAID) for _ in range(8)))
    assert await count(database, tables.payment_evidence) == 1


async def test_what_was_only_claimed_is_not_applied(database: Database) -> None:
    payment = await asked(database, await client(database))
    await sent(database, payment)
    await hear(database, payment.id, PAID, proven=False)
    assert await payments.said(database, payment.id) == []
    assert await payments.due(database, at(3), 10) == [payment.id], "the provider is asked"
    await hear(database, payment.id, PAID, proven=True)
    assert await payments.said(database, payment.id) == [PAID]
    await hear(database, payment.id, PAID, proven=False)
    assert await payments.said(database, payment.id) == [PAID], "what was proven stays so"
    assert await count(database, tables.payment_evidence) == 1


async def test_what_asking_brought_is_kept_too(database: Database) -> None:
    payment = await asked(database, await client(database))
    await sent(database, payment)
    await learn(database, payment, f.StillOpen(), f.NotPaid("declined"), PAID, PAID, f.Paid("R2", BOTH))
    kept = await payments.said(database, payment.id)
    assert sorted(kept, key=repr) == [f.NotPaid("declined"), PAID, f.Paid("R2", BOTH)]


WAKES = [(PAID, False), (f.Paid("R2", BOTH), True), (f.NotPaid("declined"), False), (f.StillOpen(), False)]


@pytest.mark.parametrize(("fact", "wakes"), WAKES, ids=repr)
async def test_only_new_money_wakes_what_is_posted(database: Database, fact: f.Evidence, wakes: bool) -> None:
    payment = await asked(database, await client(database))
    await sent(database, payment)
    await learn(database, payment, PAID, f.Posted("B1"))
    await hear(database, payment.id, fact)
    assert bool(await payments.due(database, at(3), 10)) is wakes


async def test_claimed_money_wakes_what_has_failed_and_a_no_lets_it_rest(database: Database) -> None:
    payment = await asked(database, await client(database))
    await sent(database, payment)
    await learn(database, payment, f.NotPaid("declined"))
    await hear(database, payment.id, PAID, proven=False)
    (row,) = await payments.claim(database, await payments.due(database, at(3), 10), at(3))
    assert row.payment.state == "failed"
    rested = await learn(database, payment, f.NotPaid("declined"), seconds=4)
    assert (rested.state, rested.next_at) == ("failed", None)
    assert [told for told, _, _ in await sms(database)] == ["not paid"]


async def test_money_for_what_we_do_not_know_waits_for_a_person(database: Database) -> None:
    payment = await asked(database, await client(database))
    assert not await hear(database, "no such", PAID)
    assert not await hear(database, "no such", f.NotPaid("declined"))
    assert not await payments.evidence(database, payment.id, PAID, "", at(3), provider="another", proven=True)
    waiting = await payments.unclaimed(database)
    assert [(each.ref, each.receipt, each.amount, each.provider) for each in waiting] == [
        ("no such", "R1", BOTH, "m"),
        (payment.id, "R1", BOTH, "another"),
    ]


@pytest.mark.parametrize("ref", ["x" * 5000, "a\0b", "", "' or 1=1"])
async def test_hostile_references(database: Database, ref: str) -> None:
    assert not await hear(database, ref, PAID, raw="\0" + "9" * 9000)
    assert await count(database, tables.payment_evidence) == 1


def test_raw_callbacks_are_masked() -> None:
    assert masked('{"msisdn": "254700000123", "at": "+254700000124", "amount": 51000}') == (
        '{"msisdn": "…123", "at": "…124", "amount": 51000}'
    )
    assert len(masked("x" * 9000)) == 4000


async def test_a_person_s_list(database: Database) -> None:
    caller = await client(database)
    ways: dict[str, list[Fact]] = {
        "fine": [PAID, f.Posted("B")],
        "open": [f.StillOpen()],
        "amount": [f.Paid("R2", AMOUNT)],
        "twice": [f.Paid("R3", BOTH), f.Paid("R4", BOTH)],
        "refused": [f.Paid("R5", BOTH), f.PostRefused("closed")],
        "waits": [f.Paid("R6", BOTH), f.AwaitsApproval("B2")],
    }
    for account, facts in ways.items():
        payment = await asked(database, caller, account, account=account)
        await sent(database, payment)
        await learn(database, payment, *facts)
    needing = await payments.needing_person(database)
    assert {(row.payment.account, row.payment.state, row.payment.reason) for row in needing} == {
        ("amount", "exception", "amount differs"),
        ("twice", "succeeded", "paid twice"),
        ("refused", "exception", "bank refused"),
        ("waits", "pending approval", ""),
    }
