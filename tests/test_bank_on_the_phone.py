"""A bank that is slow, breaks, or contradicts itself: what a client hears, and that what they did is recorded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from houses import Served, served, settings_of
from msgspec.structs import replace
from wire import Phone

from flows.ports import Account, Entry, Refused, Unavailable
from flows.values import Money
from gateway.playing.desk import drain
from gateway.record import tables

CHEBET, PIN = "+254700000008", "7195"  # one loan, and nothing else
BUSY = "We cannot see your accounts now. Please dial *384*7# again later."
LATER = {"1": BUSY, "2": BUSY, "3": BUSY}  # pay, balance, statement


class Odd:
    """The bank, as it is but for what a test makes of its answers."""

    def __init__(self, bank: Any) -> None:
        self.bank, self.slow = bank, False
        self.fails: Exception | None = None
        self.forgets = False
        self.changes: dict[str, Any] = {}

    async def accounts(self, client: str) -> list[Account]:
        if self.slow:
            await asyncio.Event().wait()
        if self.fails:
            raise self.fails
        return [replace(each, **self.changes) for each in await self.bank.accounts(client)]

    async def statement(self, account: str, limit: int) -> list[Entry]:
        if self.forgets:
            raise Refused("unknown account")
        return list(await self.bank.statement(account, limit))


@pytest.fixture
async def gateway(sqlite_people: Path, valkey_url: str, tmp_path: Path) -> AsyncIterator[tuple[Served, Odd]]:
    path = tmp_path / "people.db"
    path.write_bytes(sqlite_people.read_bytes())
    async with served(settings_of(f"sqlite+aiosqlite:///{path}", valkey_url, tmp_path)) as made:
        world: Any = made.house.gate.world
        world.bank = Odd(made.house.bank)
        yield made, world.bank


async def heard(gateway: Served) -> list[str]:
    """The outcomes of all conversations in the record."""
    await drain(gateway.house)
    async with gateway.house.stores.db.read() as conn:
        return list(await conn.scalars(sa.select(tables.conversation.c.outcome)))


async def asked(gateway: Served, what: str) -> tuple[Phone, str]:
    phone = Phone(gateway.wire, CHEBET)
    await phone.dial("S1", what)
    return phone, await phone.type(PIN)


@pytest.mark.parametrize("what", LATER)
@pytest.mark.parametrize("fails", [Unavailable(), None], ids=["down", "slow"])
async def test_a_bank_that_is_down_or_slow(gateway: tuple[Served, Odd], what: str, fails: Exception | None) -> None:
    served_, bank = gateway
    bank.fails, bank.slow = fails, fails is None
    loop = asyncio.get_running_loop()
    began = loop.time()
    phone, shown = await asked(served_, what)
    assert shown == f"END {LATER[what]}"
    assert loop.time() - began < served_.house.gate.lines["ussd"].profile.answer_seconds
    bank.fails, bank.slow = None, False
    assert await phone.again() == shown, "what was said stays said"
    assert await heard(served_) == ["completed"]
    _, shown = await asked_again(served_, what)
    assert "Biashara" in shown


async def asked_again(gateway: Served, what: str) -> tuple[Phone, str]:
    phone = Phone(gateway.wire, CHEBET)
    await phone.dial("S2", what)
    return phone, await phone.type(PIN)


async def test_a_bank_that_does_not_know_its_own_account(gateway: tuple[Served, Odd]) -> None:
    """It lists the account, and has never heard of it when it is asked what moved there."""
    served_, bank = gateway
    bank.forgets = True
    _, shown = await asked(served_, "3")
    assert shown == f"END {BUSY}"
    phone = Phone(served_.wire, CHEBET)
    await phone.dial("S2", "6", "3")
    await phone.type(PIN)
    assert (await phone.type("1")).startswith("CON We have no list to show you now.\nHow much was it, when")
    assert (await phone.type("300 on Monday")).startswith("END We will look into it by")


async def test_more_is_due_than_closes_it(gateway: tuple[Served, Odd]) -> None:
    """What the amounts of a bank do not agree on is not offered, and not taken when it is typed."""
    served_, bank = gateway
    bank.changes = {"due": Money(900_000, "KES"), "payoff": Money(10_000, "KES")}
    phone, shown = await asked(served_, "1")
    assert shown == "CON How much for Biashara?\n1 All of it KES 100\n2 Another amount\n0 Back"
    await phone.type("2")
    assert (await phone.type("9000")).startswith("CON The most is KES 100.")
    assert (await phone.type("100")).startswith("CON Pay KES 100 ")


@pytest.mark.parametrize("amount", [0, -500])
async def test_nothing_is_owed_and_something_is_due(gateway: tuple[Served, Odd], amount: int) -> None:
    served_, bank = gateway
    bank.changes = {"due": Money(amount, "KES"), "payoff": Money(amount, "KES"), "balance": Money(500_000, "KES")}
    _, shown = await asked(served_, "1")
    assert shown == "END You have nothing to pay today."
