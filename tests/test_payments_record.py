"""Payments in the record: claimed by one, sent by one, moved by facts, told once."""

from __future__ import annotations

import asyncio

import pytest
from payers import (
    BOTH,
    OTHER,
    PHONE,
    START,
    asked,
    at,
    client,
    its,
    learn,
    sent,
    sms,
    texts,
)

from flows.paying import facts as f
from gateway.record import payments
from gateway.record.database import Database
from gateway.record.payments import Row

PAID = f.Paid("R1", BOTH)


async def test_of_two_that_claim_one_gets_it_until_the_lease_ends(database: Database) -> None:
    payment = await asked(database, await client(database))
    ids = await payments.due(database, START, 10)
    assert ids == [payment.id]
    claims = await asyncio.gather(*(payments.claim(database, ids, START) for _ in range(4)))
    assert [row.payment.id for rows in claims for row in rows] == ids
    assert await payments.due(database, at(7.9), 10) == []
    assert await payments.claim(database, ids, at(7.9)) == []
    (again,) = await payments.claim(database, ids, at(8))
    assert again.payment.tries == 2


async def test_the_longest_waiting_comes_first(database: Database) -> None:
    caller = await client(database)
    first = await asked(database, caller)
    second = await asked(database, caller, "k2", account="L-2")
    await learn(database, first, f.SessionOpen(), seconds=5)
    assert await payments.due(database, at(9), 10) == [second.id, first.id]
    assert await payments.due(database, at(9), 1) == [second.id]
    assert await payments.due(database, at(5), 10) == [second.id]


async def test_one_alone_may_send_it(database: Database) -> None:
    payment = await asked(database, await client(database))
    started = await asyncio.gather(*(payments.start(database, payment.id, START) for _ in range(4)))
    (only,) = [each for each in started if each]
    assert (only.state, only.next_at) == ("sent", at(8))
    assert await its(database, payment.id) == only


async def test_nobody_sends_what_is_settled(database: Database) -> None:
    payment = await asked(database, await client(database))
    await sent(database, payment)
    await learn(database, payment, PAID)
    assert await payments.start(database, payment.id, at(5)) is None


async def test_a_busy_counts_for_the_request_that_it_answers(database: Database) -> None:
    payment = await asked(database, await client(database))
    first = await sent(database, payment)
    assert (await learn(database, payment, f.Busy())).state == "sent", "of which request nobody knows"
    back = await learn(database, payment, f.Busy(), of=first)
    assert (back.state, back.next_at, back.asked_at) == ("created", at(5), None)
    await sent(database, payment, 5)
    assert (await learn(database, payment, f.Busy(), seconds=6, of=first)).state == "sent", "of an earlier one"


async def test_an_unknown_payment(database: Database) -> None:
    with pytest.raises(LookupError):
        await payments.apply(database, "x" * 32, PAID, START, texts)
    assert await payments.find(database, "x" * 32) is None
    assert await payments.claim(database, ["x" * 32], START) == []


# -- apply ------------------------------------------------------------------------------------------------------------


async def test_its_history_and_what_the_payer_is_told(database: Database) -> None:
    payment = await asked(database, await client(database))
    await sent(database, payment, 1)
    await learn(database, payment, f.Acknowledged("x"), f.StillOpen(), seconds=2)
    await learn(database, payment, PAID, PAID, seconds=20)
    assert await sms(database) == [], "the receipt goes out when the bank has posted it"
    done = await learn(database, payment, f.Posted("B1"), f.Posted("B1"), seconds=21)
    assert (done.state, done.receipt, done.bank_ref, done.provider_ref, done.next_at) == (
        "posted",
        "R1",
        "B1",
        "x",
        None,
    )
    row = await payments.find(database, payment.id)
    assert row and [(state, (when - START).seconds, why) for state, when, why in row.history] == [
        ("created", 0, "the client agreed"),
        ("sent", 1, "the session is over"),
        ("succeeded", 20, "the wallet took it: R1"),
        ("posted", 21, "the bank posted it: B1"),
    ]
    assert await sms(database) == [("paid", PHONE, "paid: 50000 R1")]


async def test_holder_and_payer_are_told_when_they_are_two(database: Database) -> None:
    payment = await asked(database, await client(database), wallet=OTHER)
    await sent(database, payment)
    await learn(database, payment, f.NotPaid("declined"))
    assert await sms(database) == [("not paid", PHONE, "not paid: 50000"), ("not paid:payer", OTHER, "not paid: 50000")]


async def test_a_no_that_was_not_so_is_corrected_whatever_was_said_before(database: Database) -> None:
    payment = await sent(database, await asked(database, await client(database), wallet=OTHER))
    await learn(database, payment, f.NoAnswer(), seconds=60)
    await learn(database, payment, f.NotPaid("declined"), seconds=70)
    odd = await learn(database, payment, f.Paid("R1", BOTH._replace(minor=1)), seconds=80)
    await learn(database, payment, f.Decided("not paid", "asha", "gave it back"), seconds=90)
    assert (odd.state, odd.told) == ("exception", "unknown")
    assert [word for word, to, _ in await sms(database) if to == PHONE] == [
        "unknown",
        "not paid",
        "unknown:2",
        "not paid:2",
    ]
    assert [word for word, to, _ in await sms(database) if to == OTHER][2] == "unknown:2:payer"


async def test_no_words_no_text(database: Database) -> None:
    payment = await asked(database, await client(database))
    await sent(database, payment)
    made = await payments.apply(database, payment.id, f.NotPaid("declined"), START, lambda row, told: "")
    assert (made.told, await sms(database)) == ("not paid", [])


async def test_words_that_break_leave_the_payment_as_it_was(database: Database) -> None:
    def broken(row: Row, told: f.Told) -> str:
        raise KeyError(told)

    payment = await asked(database, await client(database))
    await sent(database, payment)
    with pytest.raises(KeyError):
        await payments.apply(database, payment.id, f.NotPaid("declined"), START, broken)
    assert (await its(database, payment.id)).state == "sent"
    assert await payments.said(database, payment.id) == []


async def test_names_of_others_are_cut_to_fit(database: Database) -> None:
    payment = await asked(database, await client(database))
    await sent(database, payment)
    long = f.Paid("R" * 300 + "\0", BOTH)
    await learn(database, payment, long, long)
    made = await learn(database, payment, f.Posted("B" * 300))
    assert (made.state, len(made.receipt), len(made.bank_ref)) == ("posted", 80, 80)
