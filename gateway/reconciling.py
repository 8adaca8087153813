"""Three books laid beside each other: what the wallet says it took, what our record says, and what the bank posted.

The wallet's statement is the truth about money. Every difference is a finding; nothing is put right here.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from adapters.payment import Line
from flows.paying.facts import Payment
from flows.ports import Entry
from flows.values import Money

SETTLES = dt.timedelta(days=1)  # after which a statement has whatever was taken
PROMPT = dt.timedelta(hours=1)  # within which money that was taken is posted, unless the bank is down

Kind = Literal[
    "missed",  # the wallet took it, and we did not know
    "unknown money",  # the wallet took it, and it is no payment of ours
    "not on the statement",  # we were told that it was taken; the statement does not have it
    "amount differs",
    "paid twice",  # two receipts for one payment
    "not posted",  # taken, and still not on the account
    "posted twice",
    "wrong account",  # the bank has it on another account
    "in suspense",  # the money of a payment of ours lies in suspense too, or was moved from there by a person
    "not at the bank",  # the bank said that it had posted it, and its account does not show it
]


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference. ``at`` is when the money moved (or should have); ``payment`` is ours, "" if there is none."""

    kind: Kind
    provider: str
    at: dt.datetime
    amount: Money
    payment: str = ""
    account: str = ""
    receipt: str = ""

    def as_json(self, now: dt.datetime) -> dict[str, Any]:
        """``age_days``: whole days that it has been so; the target is none."""
        return {
            "kind": self.kind,
            "provider": self.provider,
            "payment": self.payment,
            "account": self.account,
            "receipt": self.receipt,
            "amount_minor": self.amount.minor,
            "currency": self.amount.currency,
            "at": self.at.isoformat(),
            "age_days": max(0, (now - self.at).days),
        }


@dataclass(frozen=True, slots=True)
class Books:
    """What is compared, of one provider. ``bank``: by account, its newest entries; ``places``: by receipt, where money
    is that came in without a payment (``suspense``, or the account that it was moved to)."""

    provider: str
    lines: list[Line]
    ours: list[Payment]
    bank: Mapping[str, list[Entry]]
    now: dt.datetime
    places: Mapping[str, str] = field(default_factory=dict)


def match(books: Books) -> dict[str, list[Line]]:
    """By payment of ours, the lines of the statement that are of it: by our reference, else by the receipt."""
    refs = {payment.id for payment in books.ours}
    receipts = {payment.receipt: payment.id for payment in books.ours if payment.receipt}
    found: dict[str, list[Line]] = defaultdict(list)
    for line in books.lines:
        found[line.ref if line.ref in refs else receipts.get(line.receipt, "")].append(line)
    return found


def compare(books: Books) -> list[Finding]:
    """Every difference, by the day of the money."""
    matched = match(books)
    found = [_of_line("unknown money", books.provider, line) for line in matched.pop("", [])]
    for payment in books.ours:
        found += _at_the_wallet(books, payment, matched.get(payment.id, []))
        if payment.taken is None:
            continue
        place = books.places.get(payment.receipt)
        if place is not None and (payment.bank_ref or payment.state != "posted" or place != payment.account):
            found.append(_of_payment("in suspense", payment))
        elif place is None or payment.bank_ref:
            found += _at_the_bank(books, payment)
    return sorted(found, key=lambda finding: (finding.at, finding.payment, finding.receipt))


def _at_the_wallet(books: Books, payment: Payment, lines: list[Line]) -> Iterator[Finding]:
    for line in lines:
        if payment.taken is None:
            yield _of_line("missed", books.provider, line, payment)
        elif line.receipt != payment.receipt:
            yield _of_line("paid twice", books.provider, line, payment)
        elif line.amount != payment.taken:
            yield _of_line("amount differs", books.provider, line, payment)
    if payment.taken is not None and not lines and books.now - payment.moved_at > SETTLES:
        yield _of_payment("not on the statement", payment)


def _at_the_bank(books: Books, payment: Payment) -> Iterator[Finding]:
    if not payment.bank_ref:
        if books.now - payment.moved_at > PROMPT:
            yield _of_payment("not posted", payment)
        return
    where = Counter(ref for ref, entries in books.bank.items() for entry in entries if entry.ref == payment.bank_ref)
    posted = [entry for entry in books.bank.get(payment.account, []) if entry.ref == payment.bank_ref]
    if where.total() > 1:
        yield _of_payment("posted twice", payment)
    elif not posted:
        yield _of_payment("wrong account" if where else "not at the bank", payment)
    elif posted[0].amount != payment.amount:
        yield _of_payment("amount differs", payment)


def _of_line(kind: Kind, provider: str, line: Line, payment: Payment | None = None) -> Finding:
    ours, account = (payment.id, payment.account) if payment else ("", "")
    return Finding(kind, provider, line.at, line.amount, ours, account, line.receipt)


def _of_payment(kind: Kind, payment: Payment) -> Finding:
    amount = payment.taken or payment.amount
    return Finding(kind, payment.provider, payment.moved_at, amount, payment.id, payment.account, payment.receipt)


def accounts_of(payments: Iterable[Payment]) -> set[str]:
    """The accounts whose statements the bank is to be asked for."""
    return {payment.account for payment in payments if payment.bank_ref}
