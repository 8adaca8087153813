"""Money that is nobody's yet finds its account: whole, once, by a person with a reason, and back again."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from desks import AGENT, OFFICER, Page, Visitor, desk
from test_bank_contract import NOW, local

from adapters.banks.local import Bank
from flows.ports import Posting, Refused
from flows.products.chart import SUSPENSE, undo
from flows.values import Money
from gateway.cli import njia
from gateway.clock import SetClock
from gateway.desk import payment_pages
from gateway.record import suspended as suspended_
from gateway.record import tables
from gateway.record.books import SqlBooks
from gateway.record.database import Database
from gateway.record.payment_lists import suspended
from gateway.suspense import CannotMove, Mover, Waiting, count_moved, moved

AMOUNT = Money(110_000, "KES")
FOUND = Posting("suspense:mpesa:SJK7", SUSPENSE, AMOUNT, NOW.date(), "unknown", provider_ref="SJK7")
WHY = "she showed me the SMS"


async def made(database: Database) -> Mover:
    """Of the contract's loan L-1, savings S-1 and shares V-1; the money of SJK7 lies in suspense."""
    clock = SetClock(NOW)
    async with database.write() as conn:
        row = {"id": "c", "number": "C-1", "name": "Akinyi", "stage": "active", "created_at": NOW}
        await conn.execute(sa.insert(tables.client).values(**row))
    bank = await local(SqlBooks(database, clock))
    await bank.post(FOUND)
    return Mover(database, clock, bank, "amina@jamii.example")


@pytest.fixture
async def mover(database: Database) -> Mover:
    return await made(database)


async def _books(mover: Mover) -> dict[str, int]:
    """What stands in the books that the money of SJK7 went through."""
    its = tables.ledger.c
    asked = sa.select(its.book, sa.func.sum(its.minor)).where(its.provider_ref == "SJK7").group_by(its.book)
    async with mover.db.read() as conn:
        sums = {book: int(minor) for book, minor in await conn.execute(asked)}
    return {book: minor for book, minor in sums.items() if minor}


async def _audited(mover: Mover) -> list[tuple[str, str, str, str]]:
    async with mover.db.read() as conn:
        asked = sa.select(tables.audit).order_by(tables.audit.c.at, tables.audit.c.id)
        return [(row.who, row.what, row.why, row.details["account"]) for row in await conn.execute(asked)]


# the account, and the books that the money stands in then
TO = {
    "L-1": {"float": 110_000, "L-1:principal": -100_000, "L-1:interest": -10_000},
    "S-1": {"float": 110_000, "S-1:savings": -110_000},
    "V-1": {"float": 110_000, "V-1:shares": -110_000},
}


@pytest.mark.parametrize("account", TO)
async def test_it_is_moved_and_taken_back_and_moved_again(mover: Mover, account: str) -> None:
    before = await mover.bank.accounts("c")
    assert await mover.move("SJK7", account, WHY) == Waiting("SJK7", AMOUNT, account, "moved:0:SJK7")
    assert (await _books(mover), await suspended(mover.db)) == (TO[account], [])
    assert [(one.account, one.amount) for one in await moved(mover.db)] == [(account, AMOUNT)]
    assert await mover.back("SJK7", "another one") == Waiting("SJK7", AMOUNT)
    assert await mover.bank.accounts("c") == before
    assert (await _books(mover), await moved(mover.db)) == ({"float": 110_000, SUSPENSE: -110_000}, [])
    (waits,) = await suspended(mover.db)
    assert (waits["receipt"], waits["amount_minor"]) == ("SJK7", 110_000)
    await mover.move("SJK7", "S-1", "now I am sure")
    assert await _books(mover) == TO["S-1"]
    assert await _audited(mover) == [
        (mover.who, "suspense moved", WHY, account),
        (mover.who, "suspense taken back", "another one", account),
        (mover.who, "suspense moved", "now I am sure", "S-1"),
    ]


async def test_an_account_shows_it_like_any_payment(mover: Mover) -> None:
    await mover.move("SJK7", "S-1", WHY)
    (entry,) = await mover.bank.statement("S-1", 5)
    assert entry.amount == AMOUNT
    assert next(one for one in await mover.bank.accounts("c") if one.ref == "S-1").balance == AMOUNT


async def test_many_of_them_are_read_by_receipt_and_the_newest_first(mover: Mover) -> None:
    """And what else is in the ledger is not read for it: the book is found by its index."""
    for n in range(5):
        receipt, clock = f"R{n}", SetClock(NOW + dt.timedelta(minutes=n))
        bank = Bank(SqlBooks(mover.db, clock), mover.bank.products, clock)  # type: ignore[attr-defined]
        await bank.post(replace(FOUND, key=f"suspense:mpesa:{receipt}", provider_ref=receipt))
        await replace(mover, bank=bank, clock=clock).move(receipt, "S-1", WHY)
    await mover.back("R1", WHY)
    assert [one.receipt for one in await moved(mover.db, limit=3)] == ["R4", "R3", "R2"]
    assert ([one.receipt for one in await moved(mover.db, "R3")], await moved(mover.db, "R1")) == (["R3"], [])
    assert await count_moved(mover.db) == 4
    assert await moved(mover.db, "") == await suspended(mover.db, "") == []
    with pytest.raises(CannotMove):
        await mover.back("", WHY)
    assert {one["receipt"] for one in await suspended(mover.db)} == {"SJK7", "R1"}
    assert [one["receipt"] for one in await suspended(mover.db, "R1")] == ["R1"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_ledger_is_not_gone_through_for_them(mover: Mover) -> None:
    async with mover.db.read() as conn:
        asked = suspended_._standing().compile(dialect=conn.dialect, compile_kwargs={"literal_binds": True})
        plan = [row[-1] for row in await conn.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}")]
    assert not [line for line in plan if line.startswith("SCAN")], plan


async def _twice(mover: Mover) -> None:
    await mover.move("SJK7", "S-1", WHY)
    await mover.move("SJK7", "L-1", WHY)


async def _spent(mover: Mover) -> None:
    await mover.move("SJK7", "S-1", WHY)
    await mover.bank.post(Posting("out", "S-1", Money(50_000, "KES"), NOW.date(), "withdrawn"))
    await mover.back("SJK7", WHY)


async def _given_away(mover: Mover) -> None:
    await mover.bank.post(Posting(undo(FOUND.key), SUSPENSE, AMOUNT, NOW.date(), "reversed"))
    await mover.move("SJK7", "S-1", WHY)


async def _other_money(mover: Mover) -> None:
    other = Posting("suspense:mpesa:SJK8", SUSPENSE, Money(5, "UGX"), NOW.date(), "unknown", provider_ref="SJK8")
    await mover.bank.post(other)
    await mover.move("SJK8", "S-1", WHY)


async def _closed(mover: Mover) -> None:
    """L-1 was paid off meanwhile: nothing is owed on it."""
    await mover.bank.post(Posting("off", "L-1", Money(440_000, "KES"), NOW.date(), "repaid"))
    await mover.move("SJK7", "L-1", WHY)


async def _too_much(mover: Mover) -> None:
    await mover.bank.post(Posting("most", "L-1", Money(400_000, "KES"), NOW.date(), "repaid"))
    await mover.move("SJK7", "L-1", WHY)


REFUSED: dict[str, Callable[[Mover], object]] = {
    "No money of this receipt lies in suspense": _twice,
    "No money of this receipt lies in suspense.": _given_away,
    "No money of this receipt lies in suspense. ": lambda mover: mover.move("SJK9", "S-1", WHY),
    "There is no such account": lambda mover: mover.move("SJK7", "S-9", WHY),
    "There is no such account.": lambda mover: mover.move("SJK7", SUSPENSE, WHY),
    "No money of this receipt was moved": lambda mover: mover.back("SJK7", WHY),
    "taken out of the savings since": _spent,
    "it is closed, or nothing is owed on it": _closed,
    "more than the account takes: KES 400 at most": _too_much,
    "another currency": _other_money,
}


@pytest.mark.parametrize("says", REFUSED)
async def test_what_is_not_done_and_why(mover: Mover, says: str) -> None:
    with pytest.raises(CannotMove) as refused:
        await REFUSED[says](mover)  # type: ignore[misc]
    assert says.strip() in str(refused.value)
    async with mover.db.read() as conn:
        total = sa.select(tables.ledger.c.currency, sa.func.sum(tables.ledger.c.minor)).group_by("currency")
        assert not any(minor for _, minor in await conn.execute(total))


async def test_of_several_who_move_it_at_once_one_has_moved_it(mover: Mover) -> None:
    works = [mover.move("SJK7", account, WHY) for account in ("S-1", "L-1", "S-1", "V-1")]
    done = await asyncio.gather(*works, return_exceptions=True)
    (account,) = [one.account for one in done if isinstance(one, Waiting)]
    assert sum(isinstance(one, CannotMove) for one in done) == 3, done
    assert await _books(mover) == TO[account]
    assert len(await _audited(mover)) == 1
    done = await asyncio.gather(*(mover.back("SJK7", WHY) for _ in range(3)), return_exceptions=True)
    assert sum(isinstance(one, Waiting) for one in done) == 1, done
    assert (await _books(mover), len(await _audited(mover))) == ({"float": 110_000, SUSPENSE: -110_000}, 2)


async def test_it_is_moved_or_given_back_but_not_both(mover: Mover) -> None:
    let_go = Posting(undo(FOUND.key), SUSPENSE, AMOUNT, NOW.date(), "reversed")
    done = await asyncio.gather(mover.move("SJK7", "S-1", WHY), mover.bank.post(let_go), return_exceptions=True)
    assert sum(isinstance(one, CannotMove | Refused) for one in done) == 1, done
    assert SUSPENSE not in await _books(mover)


async def test_the_float_is_not_paid_out_for_what_was_moved(mover: Mover) -> None:
    """A move is taken back by the account that it went to, not by suspense itself."""
    await mover.move("SJK7", "S-1", WHY)
    with pytest.raises(Refused):
        await mover.bank.post(Posting(undo("moved:0:SJK7"), SUSPENSE, AMOUNT, NOW.date(), "reversed"))
    assert await _books(mover) == TO["S-1"]


async def test_only_money_in_goes_that_way(mover: Mover) -> None:
    taken = Posting("k", "S-1", AMOUNT, NOW.date(), "withdrawn", provider_ref="SJK7", suspended=True)
    with pytest.raises(Refused) as refused:
        await mover.bank.post(taken)
    assert refused.value.reason == "wrong kind"


# -- from the terminal ------------------------------------------------------------------------------------------------


def test_from_the_terminal(people_url: str, valkey_url: str, tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"NJIA_DATABASE__URL": people_url, "NJIA_REDIS__URL": valkey_url, "NJIA_DATA": str(tmp_path)}
    for name, value in {**given, "NJIA_HOME": ""}.items():
        monkeypatch.setenv(name, value)

    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(njia, ["pay", "suspense", *words], prog_name="njia")
        return done.exit_code, done.output

    async def found() -> None:
        db = Database(people_url)
        today = dt.datetime.now(dt.UTC).date()
        bank = Bank(SqlBooks(db, SetClock(dt.datetime.now(dt.UTC))), {}, SetClock(dt.datetime.now(dt.UTC)))
        await bank.post(Posting("suspense:m:SJK7", SUSPENSE, AMOUNT, today, "unknown", provider_ref="SJK7"))
        await db.close()

    assert run("list") == (0, "None.\n")
    asyncio.run(found())
    assert "SJK7  KES 1,100  whose?" in run("list")[1]
    assert run("move", "SJK7", "S-1003", "--why", " ")[0] == 2
    assert run("move", "SJK7", "S-9", "--why", WHY)[0] == 1
    assert run("move", "SJK7", "S-1003", "--why", WHY) == (0, "SJK7: KES 1,100 is on S-1003 now.\n")
    assert "S-1003" in run("list")[1]
    assert run("back", "SJK7", "--why", "no") == (0, "SJK7: KES 1,100 is in suspense now.\n")
    assert run("back", "SJK7", "--why", "no")[0] == 1


# -- on the desk ------------------------------------------------------------------------------------------------------


async def _press(visitor: Visitor, do: str, **fields: str) -> Page:
    token = visitor.page.form("/desk/logout").fields["csrf"]
    return await visitor.post("/desk/suspense/SJK7", csrf=token, do=do, **fields)


async def test_on_the_desk(people_url: str, valkey_url: str, tmp_path: Path) -> None:
    async with desk(people_url, valkey_url, tmp_path) as visitor:
        house = visitor.served.house
        today = house.stores.clock.today()
        await house.bank.post(replace(FOUND, on=today))
        await visitor.log_in(*AGENT)
        assert "/desk/suspense/SJK7" in (await visitor.get("/desk/payments")).html
        assert (await visitor.get("/desk/suspense/SJK8")).status == 404
        await visitor.get("/desk/suspense/SJK7")
        assert (await _press(visitor, "look", account="S-1003", why=" ")).status == 400
        assert "There is no such account." in (await _press(visitor, "look", account="S-9", why=WHY)).text
        page = await _press(visitor, "look", account="S-1003", why=f'<b>"{WHY}"')
        assert "Closes it today" not in page.text
        loan = (await _press(visitor, "look", account="L-1002", why=WHY)).text
        assert "Closes it today KES" in loan and "Closed" not in loan
        assert "O. Were" in page.text and "KES 1,100" in page.text and "<b>&" not in page.html
        assert len(await suspended(house.stores.db)) == 1, "only looked"
        page = await _press(visitor, "move", account="S-1003", why=WHY)
        assert "The money is on the account now." in page.text
        await visitor.get("/desk/suspense/SJK7")
        assert (await _press(visitor, "move", account="S-1003", why=WHY)).status == 409
        assert "The money is in suspense again." in (await _press(visitor, "back", why=WHY)).text
        async with house.stores.db.read() as conn:
            found = sa.select(tables.audit.c.who).where(tables.audit.c.what.startswith("suspense"))
            assert list(await conn.scalars(found)) == [AGENT[0]] * 2
        await visitor.send("/desk/logout")
        await visitor.log_in(*OFFICER)
        assert "SJK7" not in (await visitor.get("/desk/payments")).html
        assert (await visitor.get("/desk/suspense/SJK7")).status == 403


async def test_the_desk_says_how_many_more_were_moved(
    people_url: str, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(payment_pages, "MOVED", 1)
    async with desk(people_url, valkey_url, tmp_path) as visitor:
        house = visitor.served.house
        mover = Mover(house.stores.db, house.stores.clock, house.bank, AGENT[0])
        await visitor.log_in(*AGENT)
        for receipt, says in (("R1", False), ("R2", True)):
            found = replace(FOUND, key=f"suspense:m:{receipt}", provider_ref=receipt, on=house.stores.clock.today())
            await house.bank.post(found)
            await mover.move(receipt, "S-1003", WHY)
            assert ("And 1 moved before" in (await visitor.get("/desk/payments")).text) == says
