"""Where the money is and what was said of it, after the drill: the wallet's statement, the record, the ledger, texts.

The wallet's statement is the truth. Every payment of it must be on its account once, told once, and nobody may ever
have been told a thing that was not so at that moment.
"""

from __future__ import annotations

import datetime as dt
import json
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from drill.payers import Call
from drill.product import Product
from drill.screens import shows

from flows.paying.facts import CLOSED
from flows.products.chart import FEES
from gateway.record import tables
from gateway.record.database import Database
from gateway.record.payment_rows import Row, rows
from gateway.session_over import MOMENT

KEY = "payment:"
WRITING = 5.0  # seconds after the moment that a history gives within which it is written: a database may be busy
CHECKING = ("created", "sent", "unknown", "succeeded", "posting", "pending approval", "exception")
SAYS = {"last_payment.paid": ("posted",), "last_payment.not_paid": ("failed",), "last_payment.checking": CHECKING}


@dataclass(slots=True)
class Books:
    """Everything that is compared. ``taken``: by reference, the wallet's lines."""

    payments: list[Row]
    taken: dict[str, list[dict[str, Any]]]
    legs: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))  # by posting of a payment
    texts: dict[str, Any] = field(default_factory=dict)  # by reference of the outbox


async def read(url: str, product: Product) -> Books:
    with urllib.request.urlopen(product.url("/payments/simulated/statement"), timeout=60) as response:
        lines = json.loads(response.read())
    db, taken = Database(url), defaultdict(list)
    for line in lines:
        taken[line["ref"]].append(line)
    async with db.read(snapshot=True) as conn:
        books = Books(await rows(conn), taken)
        for leg in await conn.execute(sa.select(tables.ledger).where(tables.ledger.c.key.like(f"{KEY}%"))):
            books.legs[leg.key.removeprefix(KEY)].append(leg)
        for text in await conn.execute(sa.select(tables.outbox).where(tables.outbox.c.ref.like(f"{KEY}%"))):
            books.texts[text.ref.removeprefix(KEY)] = text
    await db.close()
    return books


async def due(url: str, now: dt.datetime) -> int:
    """How many payments somebody should look at now."""
    db = Database(url)
    async with db.read() as conn:
        found = await conn.scalar(sa.select(sa.func.count()).where(tables.payment.c.next_at <= now))
    await db.close()
    return found or 0


class Judge:
    """``odd`` gathers what should not be."""

    def __init__(self, books: Books, calls: list[Call], jumps: list[float]) -> None:
        """``jumps``: when the clock was moved, by the time before."""
        self.books, self.calls, self.jumps = books, calls, jumps
        self.left: list[float] = []  # seconds from the end of a session until its payment has left
        self.odd: list[str] = []
        self.told: Counter[str] = Counter()

    def all(self) -> list[str]:
        for ref in sorted(self.books.taken.keys() - {row.payment.id for row in self.books.payments}):
            self.odd.append(f"{ref}: the wallet took money for a payment that nobody knows")
        for ref in sorted(self.books.legs.keys() - self.books.taken.keys()):
            self.odd.append(f"{ref}: posted, and the wallet took nothing")
        for row in self.books.payments:
            self.odd += [f"{row.payment.id} ({row.payment.state}): {what}" for what in self._payment(row)]
        for call in self.calls:
            self.odd += [f"{call.payer.phone}: {what}: {call.told!r}" for what in self._call(call)]
        return self.odd

    # -- each payment -------------------------------------------------------------------------------------------------

    def _payment(self, row: Row) -> Iterator[str]:
        payment, lines = row.payment, self.books.taken.get(row.payment.id, [])
        if payment.state not in (*CLOSED, "exception"):
            yield "neither closed nor with a person"
        if len(lines) > 1:
            yield f"the wallet took money {len(lines)} times"
        if lines:
            yield from self._taken(row, lines[0])
        yield from self._texts(row, bool(lines))
        yield from self._left(row)

    def _taken(self, row: Row, line: dict[str, Any]) -> Iterator[str]:
        payment, legs = row.payment, self.books.legs.get(row.payment.id, [])
        account = -sum(leg.minor for leg in legs if leg.account == payment.account)
        if payment.state != "posted":
            yield "the wallet took money, and it is not posted"
        if not account == line["amount_minor"] - payment.fee.minor == payment.amount.minor:
            yield f"taken {line['amount_minor']}, agreed {payment.amount.minor}, on the account {account}"
        if -sum(leg.minor for leg in legs if leg.book == FEES) != payment.fee.minor:
            yield "the fee that was agreed to is not in its book"
        if sum(leg.minor for leg in legs) or {leg.provider_ref for leg in legs} != {line["receipt"]}:
            yield "the legs are no posting of this receipt"
        if payment.receipt != line["receipt"] or line["phone"] != payment.wallet:
            yield "the receipt or the number is another one"

    def _texts(self, row: Row, was_taken: bool) -> Iterator[str]:
        ref, texts = row.payment.id, self.books.texts
        paid, not_paid, unknown = (texts.get(f"{ref}:{told}") for told in ("paid", "not paid", "unknown"))
        if bool(paid) != was_taken:
            yield "a receipt for no money" if paid else "money without a receipt"
        if paid and (row.payment.receipt not in paid.text or paid.created_at < self._posted_at(ref)):
            yield f"the receipt is another one, or went out before the posting: {paid.text!r}"
        if not_paid and was_taken:
            yield "was told not to have paid"
        if row.payment.told == "not paid" and row.payment.state != "failed":
            yield "was told not to have paid, and not that this is in doubt"
        if row.payment.state == "failed" and not not_paid:
            yield "failed, and nobody was told"
        corrected = texts.get(f"{ref}:unknown:2")
        for text in (paid, not_paid, unknown, *([corrected] if corrected else [])):
            if text is not None and (text.state != "sent" or text.to != row.address):
                yield f"a text is {text.state}"
            self.told[text.ref.split(":")[2] if text is not None else ""] += 1

    def _posted_at(self, ref: str) -> dt.datetime:
        return min((leg.at for leg in self.books.legs.get(ref, [])), default=dt.datetime.max.replace(tzinfo=dt.UTC))

    def _left(self, row: Row) -> Iterator[str]:
        """A wallet is asked only when the session is over: without a notice, a moment after its last screen."""
        call, following = self._call_of(row)
        asked = row.payment.asked_at.timestamp() if row.payment.asked_at else None
        if asked is None or call is None or (following is not None and following.began <= asked):
            return
        if not call.noticed and asked < call.times[-1][0] + MOMENT:
            yield "the wallet was asked before the session was over"
        if not any(call.over_at < jump <= asked for jump in self.jumps):
            self.left.append(max(0.0, asked - call.over_at))

    def _call_of(self, row: Row) -> tuple[Call | None, Call | None]:
        """The call in which it was agreed to, and the next one of that phone."""
        theirs = [call for call in self.calls if call.payer.phone == row.address]
        made = row.payment.created_at.timestamp()
        at = next((n for n, call in enumerate(theirs) if call.began <= made <= call.ended), None)
        return (None, None) if at is None else (theirs[at], next(iter(theirs[at + 1 :]), None))

    # -- each call ----------------------------------------------------------------------------------------------------

    def _call(self, call: Call) -> Iterator[str]:
        ours = [row for row in self.books.payments if row.address == call.payer.phone]
        made = [row for row in ours if call.began <= row.payment.created_at.timestamp() <= call.ended]
        told = call.told
        if shows("repay.prompt", told) and len(made) != 1:
            yield f"was told that the wallet asks, and {len(made)} payments were made"
        if not call.agreed and made:
            yield "a payment was made that nobody agreed to"
        if shows("repay.waiting", told) and not self._was(call, ours, CHECKING):
            yield "was told to have asked already, and nothing was open"
        for key, states in SAYS.items():
            if shows(key, told) and not self._was(call, self._newest(call, ours), states):
                yield f"was told {key}"

    def _newest(self, call: Call, ours: list[Row]) -> list[Row]:
        """The last payment; or either of two, if one was made during the call."""
        before = [row for row in ours if row.payment.created_at.timestamp() <= call.ended]
        last = [row for row in before if row.payment.created_at.timestamp() < call.began][-1:]
        return [*last, *(row for row in before if row.payment.created_at.timestamp() >= call.began)]

    def _was(self, call: Call, ours: list[Row], states: tuple[str, ...]) -> bool:
        """Whether one of these payments was in one of the states at some moment of the call's last hop."""
        since, until = call.times[-1][0] - WRITING, call.times[-1][1]
        return any(state in states for row in ours for state in _during(row, since, until))


def _during(row: Row, since: float, until: float) -> Iterator[str]:
    moments = [(state, at.timestamp()) for state, at, _ in row.history]
    for (state, at), (_, left) in zip(moments, [*moments[1:], ("", float("inf"))], strict=True):
        if at <= until and left >= since:
            yield state
