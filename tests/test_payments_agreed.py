"""Payments as conversations see them: written once, one open for an account, the last one told as it is."""

from __future__ import annotations

import asyncio
import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from payers import (
    AMOUNT,
    BOTH,
    PHONE,
    START,
    agreed,
    asked,
    client,
    count,
    its,
    learn,
    port,
    sent,
)

from flows.paying import facts as f
from flows.ports import Payable, Unavailable
from flows.values import Money, Name, Phone, Secret
from gateway.record import payments, tables
from gateway.record.database import Database
from gateway.record.typed_json import plain, typed

PAID = f.Paid("R1", BOTH)


async def test_what_was_agreed_to_is_written_down(database: Database) -> None:
    caller = await client(database)
    payment = await asked(database, caller)
    row = await payments.find(database, payment.id)
    assert row
    assert (payment.client, payment.account, payment.amount, payment.fee) == (caller.client, "L-1", *BOTH_PARTS)
    assert (payment.state, payment.next_at, payment.wallet, payment.provider) == ("created", START, PHONE, "m")
    assert (row.key, row.address, row.language, row.flow, row.step, row.release) == (
        "k",
        PHONE,
        "sw",
        "repay",
        "pay",
        "r1",
    )
    assert row.names == agreed().names
    assert isinstance(row.names["payer"], Name)
    assert row.history == [("created", START, "the client agreed")]
    assert PHONE not in repr(row).replace(repr(row.payment), "")


BOTH_PARTS = (AMOUNT, agreed().fee)


async def test_the_same_key_is_one_payment(database: Database) -> None:
    caller = await client(database)
    answers = await asyncio.gather(*(port(database).collect("k", caller, agreed()) for _ in range(4)))
    assert {exit_ for exit_, _ in answers} == {"asked"}
    assert await count(database, tables.payment) == 1


async def test_of_two_at_once_for_one_account_one_is_asked(database: Database) -> None:
    caller = await client(database)
    answers = await asyncio.gather(*(port(database).collect(f"k{n}", caller, agreed()) for n in range(4)))
    assert sorted(exit_ for exit_, _ in answers) == ["already asked"] * 3 + ["asked"]
    assert await count(database, tables.payment) == 1


async def test_the_open_one_is_shown(database: Database) -> None:
    caller = await client(database)
    await asked(database, caller)
    exit_, open_ = await port(database, 60).collect("k2", caller, agreed(amount=Money(70_000, "KES")))
    nairobi = dt.timezone(dt.timedelta(hours=3))
    assert (exit_, open_) == ("already asked", Payable("checking", AMOUNT, "L-1", "Biashara", START))
    assert open_ and open_.at.utcoffset() == nairobi.utcoffset(None)
    assert (await port(database).collect("k2", caller, agreed()))[0] == "already asked", "the same key, the same exit"


async def test_another_account_or_another_client_is_another_payment(database: Database) -> None:
    caller, other = await client(database), await client(database, "C-2")
    await asked(database, caller)
    await asked(database, caller, "k2", account="L-2")
    await asked(database, other, "k3")
    assert await count(database, tables.payment) == 3


async def test_when_it_is_closed_a_new_one_may_begin(database: Database) -> None:
    caller = await client(database)
    payment = await asked(database, caller)
    await sent(database, payment)
    await learn(database, payment, f.NotPaid("declined"))
    again = await asked(database, caller, "k2")
    woken = await learn(database, payment, PAID, seconds=9)
    assert woken.state == "succeeded", "money beats what was said before, whatever else is open"
    assert (await port(database).collect("k3", caller, agreed()))[0] == "already asked"
    assert (await its(database, again.id)).state == "created"


async def test_without_a_wallet_nothing_is_written(database: Database) -> None:
    caller = await client(database)
    with pytest.raises(Unavailable):
        await port(database, provider="").collect("k", caller, agreed())
    assert await count(database, tables.payment) == 0


async def test_the_last_payment_is_told_as_it_is(database: Database) -> None:
    caller = await client(database)
    assert await port(database).last(caller) is None
    payment = await asked(database, caller)

    async def told() -> str:
        found = await port(database).last(caller)
        return f"{found.state} {found.receipt}".strip() if found else ""

    assert await told() == "checking"
    await sent(database, payment)
    await learn(database, payment, PAID)
    assert await told() == "checking R1", "taken, and not on the account yet"
    await learn(database, payment, f.Posted("B1"))
    assert await told() == "paid R1"
    await learn(database, payment, f.Paid("R2", BOTH))
    assert await told() == "paid R1", "a second receipt is for a person; the first is on the account"
    other = await client(database, "C-2")
    refused = await asked(database, other, "k2")
    await sent(database, refused)
    await learn(database, refused, f.NotTaken("wallet limit"))
    found = await port(database).last(other)
    assert found and found.state == "not paid"


async def test_the_nickname_of_our_own_ledger(database: Database) -> None:
    caller = await client(database)
    row = {"ref": "L-1", "client": caller.client, "product": "p", "nickname": "Shamba", "currency": "KES"}
    async with database.write() as conn:
        await conn.execute(sa.insert(tables.account).values(**row, opened=START.date(), terms={}))
    await asked(database, caller, nickname="")
    last = await port(database).last(caller)
    assert last and last.nickname == "Shamba"


def test_values_come_back_with_their_types() -> None:
    values: dict[str, Any] = {
        "a": Money(5, "KES"),
        "b": {"c": Name("Asha"), "d": [START.date(), START, Phone(PHONE)]},
        "e": None,
    }
    values |= {"f": Decimal("1.5"), "g": True, "h": "text", "i": 7}
    back = typed(plain(values))
    assert back == values and type(back["b"]["c"]) is Name and type(back["b"]["d"][2]) is Phone
    with pytest.raises(TypeError, match="Secret"):
        plain({"pin": Secret("1234")})
