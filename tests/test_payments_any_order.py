"""The same facts in any order, any number of times, from several processes: one receipt, one posting, one truth."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import AsyncIterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from payers import BOTH, PHONE, asked, at, client, its, sms, texts

from flows.paying import facts as f
from flows.paying import machine
from flows.paying.facts import Fact, Payment
from flows.ports import Caller
from gateway.record import payments, tables
from gateway.record.database import Database

PAID, AGAIN = f.Paid("R1", BOTH), f.Paid("R2", BOTH)
UNSURE: tuple[Fact, ...] = (f.Acknowledged("x"), f.NoAnswer(), f.StillOpen(), f.NotThere(), f.Busy(), f.SessionOpen())
STORIES: dict[str, tuple[tuple[Fact, ...], str, str]] = {  # what becomes known, and the end of it
    "paid": ((PAID,), "posted", ""),
    "paid after a no": ((PAID, f.NotPaid("declined")), "posted", ""),
    "paid twice": ((PAID, AGAIN), "exception", "paid twice"),
    "another amount": ((f.Paid("R1", BOTH._replace(minor=1)),), "exception", "amount differs"),
    "another amount after a no": (
        (f.Paid("R1", BOTH._replace(minor=1)), f.NotPaid("declined")),
        "exception",
        "amount differs",
    ),
    "declined": ((f.NotPaid("declined"),), "failed", "declined"),
}


@asynccontextmanager
async def processes(url: str, count: int) -> AsyncIterator[list[Database]]:
    """As many connections of their own as processes would have."""
    opened = [Database(url, pool=1) for _ in range(count)]
    yield opened
    for db in opened:
        await db.close()


async def learn(db: Database, payment: Payment, facts: list[Fact]) -> None:
    """What a worker does with what it hears: when the money is there, the bank is asked."""
    for fact in facts:
        made = await payments.apply(db, payment.id, fact, at(9), texts, resends=True)
        if machine.move(made) == "post":
            await payments.apply(db, payment.id, f.Posted("B1"), at(9), texts)


async def begun(db: Database) -> Payment:
    """A payment that has just been sent, alone in the database."""
    async with db.write() as conn:
        for table in (tables.outbox, tables.payment_evidence, tables.payment, tables.effect):
            await conn.execute(sa.delete(table))
        known = await conn.scalar(sa.select(tables.client.c.id))
    caller = Caller(PHONE, "ussd", known, "sw", "c" * 32) if known else await client(db)
    started = await payments.start(db, (await asked(db, caller)).id, at(0))
    assert started
    return started


async def judge(db: Database, payment: Payment, story: str) -> None:
    facts, state, reason = STORIES[story]
    end = await its(db, payment.id)
    assert (end.state, end.reason) == (state, reason)
    told = [(word.partition(":")[0], text) for word, _, text in await sms(db)]
    assert (end.told == "not paid") == (state == "failed"), "what was not so is corrected"
    paid = [text for word, text in told if word == "paid"]
    if state == "failed":
        assert [word for word, _ in told] == ["not paid"]
    else:
        posted = bool(end.bank_ref)
        assert paid == ([f"paid: 50000 {end.receipt}"] if posted else [])
        assert posted == (reason != "amount differs")
        assert {word for word, _ in told} <= {"paid", "not paid", "unknown"}
        assert posted or "unknown" in {word for word, _ in told}, "nobody waits for a person without a word"
    assert set(await payments.said(db, payment.id)) == set(facts)


@pytest.mark.parametrize("story", STORIES)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
async def test_any_order_from_any_process(database_url: str, story: str, data: st.DataObject) -> None:
    known = STORIES[story][0]
    heard = data.draw(st.lists(st.sampled_from([*known, *UNSURE]), max_size=6))
    order = data.draw(st.permutations([*known, *heard]))
    to = data.draw(st.lists(st.integers(0, 2), min_size=len(order), max_size=len(order)))
    async with processes(database_url, 3) as dbs:
        payment = await begun(dbs[0])
        shares = [[fact for fact, process in zip(order, to, strict=True) if process == n] for n in range(3)]
        await asyncio.gather(*(learn(db, payment, share) for db, share in zip(dbs, shares, strict=True)))
        await judge(dbs[0], payment, story)


def _elsewhere(url: str, payment: Payment, facts: list[Fact]) -> None:
    async def run() -> None:
        async with processes(url, 1) as (db,):
            await learn(db, payment, facts)

    asyncio.run(run())


async def test_in_processes_of_their_own(database_url: str) -> None:
    async with processes(database_url, 1) as (db,):
        payment = await begun(db)
        orders: list[list[Fact]] = [
            [PAID, AGAIN, PAID],
            [AGAIN, f.NotPaid("declined"), PAID],
            [f.StillOpen(), PAID] * 3,
        ]
        with ProcessPoolExecutor(3, mp_context=multiprocessing.get_context("spawn")) as pool:
            for job in [pool.submit(_elsewhere, database_url, payment, order) for order in orders]:
                await asyncio.wrap_future(job)
        end = await its(db, payment.id)
        assert (end.state, end.reason) == ("exception", "paid twice")
        texted = [text for word, _, text in await sms(db) if word == "paid"]
        assert texted == [f"paid: 50000 {end.receipt}"]
