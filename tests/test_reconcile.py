"""The wallet's statement beside our record and the bank: every kind of difference is found, and none that is none."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from msgspec.structs import replace
from tills import ACCOUNT, AMOUNT, START, Till, opened_till

from adapters.payment import Line, Unanswered
from flows.paying.facts import NoAnswer, Paid, Payment, StillOpen
from flows.ports import Entry
from flows.values import Money
from gateway import reconciled
from gateway.reconciled import Reach, Report, reconcile
from gateway.reconciling import Books, compare
from gateway.record import payment_lists, payments
from gateway.record.books import SqlBooks
from gateway.record.database import Database
from gateway.record.payment_rows import Row
from gateway.suspense import Waiting

NOW, LESS = START + dt.timedelta(days=2), Money(40_000, "KES")
TAKEN: dict[str, Any] = {"receipt": "R1", "taken": AMOUNT, "state": "posted", "bank_ref": "B1"}
LINE = Line("p1", "R1", AMOUNT, "+254700000001", START)
ENTRY = Entry(START.date(), "deposited", AMOUNT, "B1")


def ours(**changes: Any) -> Payment:
    """A payment that went as it should, but for what is said."""
    about = {"id": "p1", "client": "c", "account": ACCOUNT, "amount": AMOUNT, "fee": Money(0, "KES"), "wallet": "+2547"}
    return Payment(**about, provider="purse", created_at=START, **({"moved_at": START} | TAKEN | changes))


OPEN = ours(receipt="", taken=None, state="unknown", bank_ref="")
CASES: dict[str, tuple[list[Line], list[Payment], dict[str, list[Entry]], list[str]]] = {
    "all agree": ([LINE], [ours()], {ACCOUNT: [ENTRY]}, []),
    "matched by the receipt": ([replace(LINE, ref="")], [ours()], {ACCOUNT: [ENTRY]}, []),
    "nothing was taken": ([], [replace(OPEN, state="failed")], {}, []),
    "we did not know": ([LINE], [OPEN], {}, ["missed"]),
    "we were told that it failed": ([LINE], [replace(OPEN, state="failed")], {}, ["missed"]),
    "not ours": ([replace(LINE, ref="", receipt="R9")], [ours()], {ACCOUNT: [ENTRY]}, ["not on it", "unknown money"]),
    "not on the statement": ([], [ours()], {ACCOUNT: [ENTRY]}, ["not on it"]),
    "not on the statement yet": ([], [ours(moved_at=NOW)], {ACCOUNT: [ENTRY]}, []),
    "less was taken": ([replace(LINE, amount=LESS)], [ours()], {ACCOUNT: [ENTRY]}, ["amount differs"]),
    "twice": ([LINE, replace(LINE, receipt="R2")], [ours()], {ACCOUNT: [ENTRY]}, ["paid twice"]),
    "not posted": ([LINE], [ours(state="posting", bank_ref="")], {}, ["not posted"]),
    "not posted yet": ([LINE], [ours(state="posting", bank_ref="", moved_at=NOW)], {}, []),
    "posted twice": ([LINE], [ours()], {ACCOUNT: [ENTRY, ENTRY]}, ["posted twice"]),
    "on another account": ([LINE], [ours()], {ACCOUNT: [], "L-1": [ENTRY]}, ["wrong account"]),
    "the bank lost it": ([LINE], [ours()], {ACCOUNT: []}, ["not at the bank"]),
    "less was posted": (
        [LINE],
        [ours()],
        {ACCOUNT: [Entry(START.date(), "deposited", LESS, "B1")]},
        ["amount differs"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_differs(case: str) -> None:
    lines, payments, bank, kinds = CASES[case]
    found = compare(Books("purse", lines, payments, bank, NOW))
    assert sorted(finding.kind for finding in found) == [k.replace("not on it", "not on the statement") for k in kinds]


# -- what is done about it --------------------------------------------------------------------------------------------


@pytest.fixture
async def till(database: Database, valkey_url: str) -> AsyncIterator[Till]:
    async with opened_till(database, valkey_url) as made:
        made.wallet.requests, made.wallet.answers = [NoAnswer()], [StillOpen()]
        made.bank.statement = statement(made)  # type: ignore[attr-defined]
        yield made


def statement(till: Till) -> Any:
    async def said(account: str, limit: int) -> list[Entry]:
        posted = list(till.bank.posted.values())
        return [Entry(one.on, one.kind, one.amount, f"B-{n}") for n, one in enumerate(posted)]

    return said


async def run(till: Till, *lines: Line | Exception, act: bool = True) -> Report:
    async def says(since: dt.datetime, until: dt.datetime) -> list[Line]:
        for line in lines:
            if isinstance(line, Exception):
                raise line
        return [line for line in lines if isinstance(line, Line)]

    async def texts_of(_release: str) -> Callable[[Row, Any], str]:
        return lambda _row, told: f"{told}."

    till.wallet.statement = says  # type: ignore[attr-defined]
    reach = Reach(
        db=till.db,
        clock=till.clock,
        bank=till.bank,  # type: ignore[arg-type]
        books=SqlBooks(till.db, till.clock),
        providers={"purse": till.wallet},  # type: ignore[dict-item]
        texts_of=texts_of,
    )
    return await reconcile(reach, START - dt.timedelta(days=1), till.clock.now(), act=act)


async def test_money_that_we_missed_is_posted_and_told(till: Till) -> None:
    await till.noticed()
    payment = await till.agree()
    await till.pass_(30)
    line = Line(payment, "SJK7TEST01", AMOUNT, "+254700000001", till.clock.now())
    assert [finding.kind for finding in (await run(till, line, act=False)).findings] == ["missed"]
    assert await till.state(payment) == "sent"
    assert [finding.kind for finding in (await run(till, line)).findings] == ["missed"]
    await till.pass_(10)
    assert (await till.state(payment), list(await till.texts())) == ("posted", ["paid"])
    after = await run(till, line)
    assert (after.findings, after.matched, after.lines) == ([], 1, 1)


async def test_another_amount_that_the_statement_shows_is_told_at_once(till: Till) -> None:
    await till.noticed()
    payment = await till.agree()
    await till.pass_(30)
    await run(till, Line(payment, "SJK7TEST01", LESS, "+254700000001", till.clock.now()))
    assert (await till.state(payment), await till.texts()) == ("exception", {"unknown": "unknown."})


async def test_money_of_nobody_waits_in_suspense_once(till: Till) -> None:
    line = Line("", "R77", AMOUNT, "+254700000009", START)
    for _ in range(2):
        assert [finding.kind for finding in (await run(till, line)).findings] == ["unknown money"]
    waiting = {"receipt": "R77", "currency": "KES", "amount_minor": 50_000, "on": "2026-11-23"}
    assert await payment_lists.suspended(till.db) == [waiting]


async def test_money_that_was_moved_to_its_account_is_no_finding_any_more(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = Line("", "R77", AMOUNT, "+254700000009", START)
    await run(till, line)

    async def moved(_db: Database) -> list[Waiting]:
        return [Waiting("R77", AMOUNT, ACCOUNT, "moved:0:R77")]

    monkeypatch.setattr(reconciled, "moved", moved)
    report = await run(till, line)
    assert (report.findings, report.matched) == ([], 1)


@pytest.mark.parametrize(
    ("place", "payment", "found"),
    [
        ("suspense", ours(), ["in suspense"]),
        (ACCOUNT, ours(), ["in suspense"]),
        ("suspense", ours(state="exception", reason="in suspense", bank_ref=""), ["in suspense"]),
        (ACCOUNT, ours(state="exception", reason="in suspense", bank_ref=""), ["in suspense"]),
        ("suspense", ours(bank_ref=""), ["in suspense"]),
        ("L-9", ours(bank_ref=""), ["in suspense"]),
        (ACCOUNT, ours(bank_ref=""), []),
    ],
)
def test_money_of_a_payment_that_is_in_suspense_too(place: str, payment: Payment, found: list[str]) -> None:
    """Settled it is where a person has moved it to the account and decided the payment."""
    books = Books("purse", [LINE], [payment], {ACCOUNT: [ENTRY]}, NOW, {"R1": place})
    assert [finding.kind for finding in compare(books) if finding.kind == "in suspense"] == found
    assert found or compare(books) == []


async def test_it_is_found_in_the_record(till: Till) -> None:
    """Scenario: the statement had the line without our reference, then the wallet told of the payment."""
    await till.noticed()
    payment = await till.agree()
    await till.pass_(30)
    line = Line("", "SJK7TEST01", AMOUNT, "+254700000001", till.clock.now())
    assert [finding.kind for finding in (await run(till, line)).findings] == ["unknown money"]
    await payments.apply(till.db, payment, Paid("SJK7TEST01", AMOUNT), till.clock.now(), lambda _row, _told: "")
    assert ((await till.row(payment)).payment.reason, till.bank.posted) == ("in suspense", {})
    assert [finding.kind for finding in (await run(till, line)).findings] == ["in suspense"]


async def test_a_wallet_that_does_not_answer_is_said_to_be_silent(till: Till) -> None:
    report = await run(till, Unanswered())
    assert (report.silent, report.findings) == (["purse"], [])
