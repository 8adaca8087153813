"""``njia pay``: what needs a person is listed and settled, and who settled it stays on the record."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from tills import AMOUNT, START, Till, opened_till

from flows.paying.facts import NoAnswer, Paid
from flows.ports import Posting, Refused
from flows.products.allocate import suspense_legs
from flows.products.chart import SUSPENSE
from gateway.cli import njia
from gateway.record import tables
from gateway.record.books import SqlBooks
from gateway.record.database import Database

PAID = Paid("SJK7TEST01", AMOUNT)
ON_ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # where the database does not matter


@pytest.fixture(autouse=True)
def given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str, valkey_url: str) -> None:
    monkeypatch.chdir(tmp_path)
    urls = {"NJIA_DATABASE__URL": database_url, "NJIA_REDIS__URL": valkey_url}
    for name, value in {**urls, "NJIA_DATA": str(tmp_path / "data"), "NJIA_HOME": ""}.items():
        monkeypatch.setenv(name, value)


def run(*words: str) -> Result:
    return CliRunner().invoke(njia, words, prog_name="njia")


def at_the_till(url: str, valkey_url: str, work: Callable[[Till], Awaitable[Any]]) -> Any:
    async def opened() -> Any:
        db = Database(url)
        async with opened_till(db, valkey_url) as till:
            try:
                return await work(till)
            finally:
                await db.close()

    return asyncio.run(opened())


async def refused_by_the_bank(till: Till) -> str:
    till.wallet.answers, till.bank.fails = [PAID], [Refused("unknown account")]
    return await tried(till)


async def without_a_word(till: Till) -> str:
    till.wallet.requests = till.wallet.answers = [NoAnswer()]
    return await tried(till)


async def tried(till: Till) -> str:
    await till.noticed()
    payment = await till.agree()
    await till.pass_(30, step=5)
    await till.pass_(49 * 3600, step=3600)
    return payment


async def seen(url: str, payment: str) -> tuple[str, str, list[str]]:
    """State, the last reason of the history, and what is noted in the audit."""
    db = Database(url)
    async with db.read() as conn:
        row = (await conn.execute(sa.select(tables.payment).where(tables.payment.c.id == payment))).one()
        noted = await conn.scalars(sa.select(tables.audit.c.what).where(tables.audit.c.about == payment))
        found = row.state, row.history[-1][2], list(noted)
    await db.close()
    return found


def test_what_the_bank_refused_is_listed_and_posted_again(database_url: str, valkey_url: str) -> None:
    payment = at_the_till(database_url, valkey_url, refused_by_the_bank)
    (listed,) = json.loads(run("--json", "pay", "list", "--needs-person").output)["payments"]
    assert (listed["id"], listed["state"], listed["reason"]) == (payment, "exception", "bank refused")
    assert "exception (bank refused)" in run("pay", "list").output
    said = run("pay", "decide", payment, "--post-again", "--why", "the account was reopened")
    assert (said.exit_code, said.output) == (0, "It is succeeded now.\n")
    state, why, noted = asyncio.run(seen(database_url, payment))
    assert (state, noted) == ("succeeded", ["payment decided"])
    assert "the account was reopened" in why
    assert run("pay", "list", "--needs-person").output == "None.\n"


@ON_ONE
def test_nobody_can_say_so_a_person_does(database_url: str, valkey_url: str) -> None:
    payment = at_the_till(database_url, valkey_url, without_a_word)
    said = run("pay", "decide", payment, "--not-paid", "--why", "their support has looked")
    assert (said.exit_code, said.output) == (0, "It is failed now.\n")

    async def texts() -> list[str]:
        db = Database(database_url)
        async with db.read() as conn:
            found = list(await conn.scalars(sa.select(tables.outbox.c.text).order_by(tables.outbox.c.created_at)))
        await db.close()
        return found

    assert "was not made" in asyncio.run(texts())[-1]


@ON_ONE
def test_with_a_receipt_that_lies_in_suspense_its_money_is_moved_first(database_url: str, valkey_url: str) -> None:
    async def apart(till: Till) -> str:
        payment = await without_a_word(till)
        found = Posting("suspense:purse:R1", SUSPENSE, AMOUNT, START.date(), "unknown", provider_ref="R1")
        await SqlBooks(till.db, till.clock).write(suspense_legs(found))
        return payment

    payment = at_the_till(database_url, valkey_url, apart)
    paid = run("pay", "decide", payment, "--paid", "--receipt", " R1 ", "--why", "seen")
    assert (paid.exit_code, "It is exception now. Its money came in apart from it" in paid.output) == (0, True)
    again = run("pay", "decide", payment, "--post-again", "--why", "seen")
    assert again.exit_code == 1 and "Move it to its account, then say --paid" in again.output


@ON_ONE
@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("none", "--paid", "--why", "seen"), 1, "There is no such payment."),
        (("none", "--why", "seen"), 2, "Choose one of"),
        (("none", "--paid"), 2, "Say what you saw"),
    ],
)
def test_what_cannot_be_decided(words: tuple[str, ...], code: int, says: str) -> None:
    done = run("pay", "decide", *words)
    assert done.exit_code == code
    assert says in done.output


@ON_ONE
def test_money_that_was_posted_is_not_decided_away(database_url: str, valkey_url: str) -> None:
    async def posted(till: Till) -> str:
        till.wallet.answers = [PAID]
        return await tried(till)

    payment = at_the_till(database_url, valkey_url, posted)
    done = run("pay", "decide", payment, "--not-paid", "--why", "a mistake")
    assert done.exit_code == 1
    assert "It is posted: there is nothing to decide." in done.output


@ON_ONE
def test_without_a_wallet_there_is_nothing_to_reconcile() -> None:
    done = run("pay", "reconcile")
    assert (done.exit_code, done.output) == (0, "0 payments on the statement, 0 of them matched.\n")
