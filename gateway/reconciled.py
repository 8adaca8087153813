"""Gathers the three books for ``njia pay reconcile``, and writes down what only the statement knew."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from adapters.payment import Line, Provider, Unanswered
from flows.paying.facts import Paid, Payment
from flows.ports import Bank, Books, Entry, Posting, Refused, Unavailable
from flows.products.allocate import suspense_legs
from flows.products.chart import SUSPENSE
from gateway.clock import Clock
from gateway.reconciling import Books as Compared
from gateway.reconciling import Finding, compare, match
from gateway.record import payment_lists, payments
from gateway.record.database import Database
from gateway.record.payments import Row
from gateway.suspense import moved

SECONDS = 30.0  # for a statement
ENTRIES = 2000  # of an account that the bank is asked for
BEFORE = dt.timedelta(days=3)  # a payment may be older than the money: asked two days ago, taken today

TextsOf = Callable[[Row, Any], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What reconciling needs of the house."""

    db: Database
    clock: Clock
    bank: Bank
    books: Books  # our own ledger, for money that is nobody's yet
    providers: Mapping[str, Provider]
    texts_of: Callable[[str], Awaitable[TextsOf]]  # of a release: an amount that differs is told at once


@dataclass(slots=True)
class Report:
    """What one run came to. ``silent``: who did not answer, of the wallets and the bank."""

    since: dt.datetime
    until: dt.datetime
    lines: int = 0
    matched: int = 0
    findings: list[Finding] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)


async def reconcile(reach: Reach, since: dt.datetime, until: dt.datetime, *, act: bool) -> Report:
    """Compares ``[since, until)`` for every wallet. With ``act``, money that we did not know of is taken up: by its
    payment, which is then posted and told, or, where it is no payment of ours, in the book ``suspense``.

    Raises Unavailable when the record is down.
    """
    report = Report(since, until)
    for name, provider in reach.providers.items():
        try:
            async with asyncio.timeout(SECONDS):
                lines = await provider.statement(since, until)
        except (Unanswered, TimeoutError):
            report.silent.append(name)
            continue
        await _one(reach, report, name, provider, lines, act=act)
    return report


async def _one(reach: Reach, report: Report, name: str, provider: Provider, lines: list[Line], *, act: bool) -> None:
    ours = await payment_lists.since(reach.db, name, report.since - BEFORE)
    bank = await _at_the_bank(reach, report, ours)
    settled = {one.receipt: one.account for one in await moved(reach.db)}  # a person has found out whose it was
    places = settled | {one["receipt"]: SUSPENSE for one in await payment_lists.suspended(reach.db)}
    compared = Compared(name, lines, ours, bank, reach.clock.now(), places)
    found = [one for one in compare(compared) if one.kind != "unknown money" or one.receipt not in settled]
    report.lines += len(lines)
    report.matched += len(lines) - sum(finding.kind in ("missed", "unknown money", "paid twice") for finding in found)
    report.findings += found
    if act:
        await _take_up(reach, provider, compared)


async def _at_the_bank(reach: Reach, report: Report, ours: list[Payment]) -> dict[str, list[Entry]]:
    """By account, what the bank shows, for everybody who has paid."""
    found: dict[str, list[Entry]] = {}
    try:
        for client in sorted({payment.client for payment in ours if payment.bank_ref}):
            for account in await reach.bank.accounts(client):
                found[account.ref] = await reach.bank.statement(account.ref, ENTRIES)
    except (Unavailable, Refused):
        report.silent.append("bank")
    return found


async def _take_up(reach: Reach, provider: Provider, compared: Compared) -> None:
    matched = match(compared)
    for line in matched.pop("", []):
        await _suspend(reach.books, compared.provider, line)
    known = {payment.id: payment for payment in compared.ours}
    for ref, lines in matched.items():
        for line in lines:
            if known[ref].taken is None or line.receipt != known[ref].receipt:
                fact = Paid(line.receipt, line.amount, line.at)
                now = reach.clock.now()
                row = await payments.find(reach.db, ref)
                texts = await reach.texts_of(row.release if row else "")
                await payments.apply(reach.db, ref, fact, now, texts, resends=provider.resends)


async def _suspend(books: Books, provider: str, line: Line) -> None:
    """The money came in, and it is nobody's until a person knows whose. Written once, however often it is found."""
    key = f"suspense:{provider}:{line.receipt}"
    posting = Posting(key, SUSPENSE, line.amount, line.at.date(), "unknown", provider_ref=line.receipt)
    await books.write(suspense_legs(posting))
