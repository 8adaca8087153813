"""What is not asked of a wallet though the client agreed: an account that was closed meanwhile, and harassment."""

from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from houses import Served, served, settings_of
from payers import AMOUNT, OTHER, PHONE, START, agreed, client
from wire import Phone

from flows.paying.facts import Payment, Posted
from flows.ports import Account, Caller, Posting, Unavailable
from flows.values import Money
from gateway.clock import SetClock
from gateway.posting import post, takes_money
from gateway.record import contacts, tables
from gateway.record.clients import Told
from gateway.record.collecting import Payments
from gateway.record.database import Database

CHEBET, PIN = "+254700000008", "7195"  # one loan, and nothing else
CLOSED = "END This account takes no more money. Nothing was paid. Dial *384*7# to see your accounts."
DAY = dt.timedelta(days=1)


async def loan(gateway: Served, phone: str) -> tuple[str, Account]:
    async with gateway.house.stores.db.read() as conn:
        who = str(await conn.scalar(sa.select(tables.contact.c.client).where(tables.contact.c.address == phone)))
    (found,) = [one for one in await gateway.house.bank.accounts(who) if "credit" in one.features]
    return who, found


async def repaid_elsewhere(gateway: Served, of: Account) -> None:
    """Somebody pays at the counter what closes it."""
    assert of.payoff is not None
    today = gateway.house.stores.clock.today()
    await gateway.house.bank.post(Posting("counter", of.ref, of.payoff, today, "repaid"))


async def test_closed_between_the_choice_and_the_yes(people_url: str, valkey_url: str, tmp_path: Path) -> None:
    async with served(settings_of(people_url, valkey_url, tmp_path)) as gateway:
        phone = Phone(gateway.wire, CHEBET)
        await phone.dial("S1", "1")
        await phone.type(PIN)
        assert (await phone.type("2")).startswith("CON Pay KES ")
        _, account = await loan(gateway, CHEBET)
        await repaid_elsewhere(gateway, account)
        assert await phone.type("1") == CLOSED
        assert await phone.again() == CLOSED
        async with gateway.house.stores.db.read() as conn:
            assert list(await conn.execute(sa.select(tables.payment))) == []


async def test_closed_between_the_yes_and_the_posting(people_url: str, valkey_url: str, tmp_path: Path) -> None:
    """The wallet has taken it: it is on the account, as money that is kept apart, and in the receipt."""
    async with served(settings_of(people_url, valkey_url, tmp_path)) as gateway:
        who, account = await loan(gateway, CHEBET)
        await repaid_elsewhere(gateway, account)
        now = gateway.house.stores.clock.now()
        times = {"created_at": now, "moved_at": now}
        bound = {"amount": AMOUNT, "fee": Money(0, "KES"), "provider": "simulated", "wallet": PHONE}
        payment = Payment(id="P" * 20, client=who, account=account.ref, **bound, **times)
        for _ in range(2):
            said = await post(gateway.house.bank, payment, gateway.house.stores.clock.today())
            assert isinstance(said, Posted)
        _, after = await loan(gateway, CHEBET)
        assert (after.balance, after.payoff) == (Money(0, "KES"), Money(0, "KES"))
        assert after.last_paid == AMOUNT
        async with gateway.house.stores.db.read() as conn:
            ledger = tables.ledger.c
            legs = await conn.execute(sa.select(ledger.book, ledger.minor).where(ledger.key == f"payment:{payment.id}"))
            assert sorted(map(tuple, legs)) == [(f"{account.ref}:surplus", -50_000), ("float", 50_000)]


class Slow:
    """A bank that does not answer while a client waits, or only breaks."""

    def __init__(self, fails: Exception | None) -> None:
        self.fails = fails

    async def accounts(self, client: str) -> list[Account]:
        if self.fails:
            raise self.fails
        await asyncio.Event().wait()
        return []


@pytest.mark.parametrize("fails", [Unavailable(), KeyError("4729"), None])
async def test_a_bank_that_does_not_say_so_keeps_nobody_from_paying(fails: Exception | None) -> None:
    bank: Any = Slow(fails)
    assert await takes_money(bank, "c", "L-1", 0.01)


async def test_the_same_answer_twice(record: Database) -> None:
    """Whatever the account is by then: what was told of one request is told of its copy."""
    caller, open_ = await client(record), [False, True]

    async def payable(of: str, account: str) -> bool:
        return open_.pop(0)

    port = Payments(record, SetClock(START), "m", payable)
    assert await port.collect("k", caller, agreed()) == ("changed", None)
    assert await port.collect("k", caller, agreed()) == ("changed", None)


# -- other phones -----------------------------------------------------------------------------------------------------


class Asking:
    """Clients who ask other phones to pay, each payment over before the next."""

    def __init__(self, db: Database, most: int) -> None:
        self.db, self.clock, self.made = db, SetClock(START), 0
        self.port = Payments(db, self.clock, "m", others_a_day=most)

    async def ask(self, caller: Caller, wallet: str, account: str = "") -> str:
        self.made += 1
        return (
            await self.port.collect(f"k{self.made}", caller, agreed(wallet=wallet, account=account or f"L-{self.made}"))
        )[0]


def of(caller: Caller, phone: str, number: int) -> Caller:
    return Caller(phone, "ussd", caller.client, "en", f"{number:032d}")


async def test_a_phone_is_asked_for_others_so_often_a_day(record: Database) -> None:
    first, asking = await client(record, "C-1"), Asking(record, 3)
    others = [
        first,
        of(await client(record, "C-2"), "+254700000003", 2),
        of(await client(record, "C-3"), "+254700000004", 3),
    ]
    assert [await asking.ask(each, OTHER) for each in (*others, first)] == ["asked"] * 3 + ["too often"]
    assert await asking.ask(of(first, OTHER, 4), OTHER) == "asked", "for whoever holds it, it is their own"
    assert await asking.ask(first, first.address) == "asked"
    asking.clock.advance(DAY.total_seconds())
    assert await asking.ask(first, OTHER) == "asked"


async def test_a_client_has_others_asked_so_often_a_day(record: Database) -> None:
    caller, asking = await client(record), Asking(record, 3)
    phones = [f"+25471100000{n}" for n in range(4)]
    assert [await asking.ask(caller, phone) for phone in phones] == ["asked"] * 3 + ["too often"]


async def test_nought_is_never(record: Database) -> None:
    assert await Asking(record, 0).ask(await client(record), OTHER) == "too often"


async def test_ones_own_second_phone_is_no_other(record: Database) -> None:
    caller, asking = await client(record), Asking(record, 0)
    async with record.write() as conn:
        await contacts.add(conn, caller.client, OTHER, Told(START, "test"))
    assert await asking.ask(caller, OTHER) == "asked"


async def test_what_is_open_is_told_first(record: Database) -> None:
    caller, asking = await client(record), Asking(record, 1)
    assert [await asking.ask(caller, OTHER, "L-9") for _ in range(2)] == ["asked", "already asked"]


async def test_many_at_once_do_not_get_round_it(record: Database) -> None:
    asking = Asking(record, 3)
    callers = [of(await client(record, f"C-{n}"), f"+25471100000{n}", n) for n in range(8)]
    said = await asyncio.gather(*(asking.ask(each, OTHER) for each in callers))
    assert sorted(said) == ["asked"] * 3 + ["too often"] * 5


async def test_it_is_said_kindly(people_url: str, valkey_url: str, tmp_path: Path) -> None:
    never = {"NJIA_PAYMENTS__SIMULATED__OTHERS_A_DAY": "0"}
    async with served(settings_of(people_url, valkey_url, tmp_path, **never)) as gateway:
        phone = Phone(gateway.wire, "+254700000005")  # who has no PIN
        await phone.dial("S1", "1")
        for typed in ("2", OTHER, "100"):
            shown = await phone.type(typed)
        assert shown.startswith("CON Pay KES 100 "), shown
        assert (await phone.type("1")).startswith(
            "END Other phones were asked to pay too often today. Nothing was paid."
        )
