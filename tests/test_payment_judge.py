"""The judge of the payment drill, judged: each thing that must not be is found, and nothing where all is well."""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from drill.money import Books, Judge
from drill.network import Asked
from drill.payers import Call, Payer
from tills import ACCOUNT, AMOUNT, CLIENT, START

from flows.paying.facts import Payment
from flows.values import Money
from gateway.record.payment_rows import Row

PHONE, REF, RECEIPT = "+254722000001", "p" * 32, "SJK7TEST01"
PROMPT = "Press OK. M-PESA will now ask for your M-PESA PIN. We will text you the result."
WAITING = "You already asked to pay KES 500. Do not pay again. We will text you."
NOT_PAID = "Not paid: KES 500 on 23 Nov. To pay dial *384*7# and press 1."


def at(seconds: float) -> dt.datetime:
    return START + dt.timedelta(seconds=seconds)


def payment(**changes: Any) -> Payment:
    about = {"id": REF, "client": CLIENT, "account": ACCOUNT, "amount": AMOUNT, "fee": Money(0, "KES"), "wallet": PHONE}
    money = {
        "state": "posted",
        "receipt": RECEIPT,
        "taken": AMOUNT,
        "bank_ref": "B1",
        "told": "paid",
        "asked_at": at(14),
    }
    return Payment(provider="purse", created_at=at(10), moved_at=at(20), **(about | money | changes))


def row(**changes: Any) -> Row:
    states = ["created", "sent", "succeeded", "posted"]
    history = [(state, at(10 + 3 * n), "") for n, state in enumerate(states)]
    around = dict.fromkeys(("key", "conversation", "channel", "service", "flow", "step", "release", "nickname"), "")
    return Row(payment=payment(**changes), address=PHONE, language="en", names={}, history=history, **around)


def leg(book: str, minor: int) -> Any:
    account = ACCOUNT if book.startswith(ACCOUNT) else None
    return SimpleNamespace(account=account, book=book, minor=minor, provider_ref=RECEIPT, at=at(19))


def text(told: str, **changes: Any) -> Any:
    about = {"ref": f"payment:{REF}:{told}", "text": f"KES 500 received, ref {RECEIPT}.", "to": PHONE, "state": "sent"}
    return SimpleNamespace(**(about | {"created_at": at(19)} | changes))


def line(**changes: Any) -> dict[str, Any]:
    return {"ref": REF, "receipt": RECEIPT, "phone": PHONE, "amount_minor": 50_000} | changes


def books() -> Books:
    legs = {REF: [leg("float", 50_000), leg(f"{ACCOUNT}:savings", -50_000)]}
    return Books([row()], {REF: [line()]}, legs, {f"{REF}:paid": text("paid")})


def call(told: str = PROMPT, began: float = 5, means: str = "agree", noticed: bool = True) -> Call:
    payer = Payer(PHONE, "en", "4729", (ACCOUNT,))
    answered = Asked(PHONE, "S1", "1", means=means, answers=[f"END {told}".encode()])
    first = at(began).timestamp()
    return Call(payer, [answered], [(first, first + 6)], noticed=noticed, over_at=first + 7)


def judged(books: Books, *calls: Call) -> list[str]:
    return Judge(books, [*calls], []).all()


def test_where_all_is_well_nothing_is_found() -> None:
    assert judged(books(), call()) == []
    assert judged(books(), call(), call(NOT_PAID, began=5, means="")) != []
    assert judged(Books([], {}, {}, {}), call("Nothing was paid.", means="")) == []


def test_with_a_fee_all_is_well_too() -> None:
    legs = [leg("float", 51_500), leg(f"{ACCOUNT}:savings", -50_000), leg("income:fees", -1_500)]
    paid = row(fee=Money(1_500, "KES"), taken=Money(51_500, "KES"))
    fine = Books([paid], {REF: [line(amount_minor=51_500)]}, {REF: legs}, {f"{REF}:paid": text("paid")})
    assert judged(fine, call()) == []


WRONG: dict[str, Callable[[Books], None]] = {
    "nobody knows what was taken": lambda b: b.taken.update(other=[line(ref="other")]),
    "posted, and nothing was taken": lambda b: b.taken.clear(),
    "taken and not posted": lambda b: b.legs.clear(),
    "taken twice": lambda b: b.taken[REF].append(line(receipt="R2")),
    "less on the account": lambda b: b.legs.update({REF: [leg("float", 40_000), leg(f"{ACCOUNT}:savings", -40_000)]}),
    "no posting": lambda b: b.legs.update({REF: [leg("float", 40_000), leg(f"{ACCOUNT}:savings", -50_000)]}),
    "another receipt": lambda b: b.taken.update({REF: [line(receipt="R2")]}),
    "another number": lambda b: b.taken.update({REF: [line(phone="+254722000002")]}),
    "no receipt": lambda b: b.texts.clear(),
    "a receipt before the posting": lambda b: b.texts.update({f"{REF}:paid": text("paid", created_at=at(18))}),
    "a receipt that did not go out": lambda b: b.texts.update({f"{REF}:paid": text("paid", state="queued")}),
    "told not to have paid": lambda b: b.texts.update({f"{REF}:not paid": text("not paid")}),
    "still open": lambda b: b.payments.__setitem__(0, row(state="posting")),
    "two for one yes": lambda b: b.payments.append(copy.copy(b.payments[0])),
    "a fee that nobody earned": lambda b: b.payments.__setitem__(0, row(fee=Money(100, "KES"))),
    "a fee that nobody agreed to": lambda b: b.legs[REF].extend([leg("float", 100), leg("income:fees", -100)]),
    "asked too early": lambda b: b.payments.__setitem__(0, row(asked_at=at(6))),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_must_not_be_is_found(what: str) -> None:
    wrong = books()
    WRONG[what](wrong)
    assert judged(wrong, call(noticed=False)) != []


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(call(WAITING, began=60), id="nothing is open"),
        pytest.param(call(NOT_PAID, began=60), id="it was paid"),
        pytest.param(call(began=60), id="the wallet asks for nothing"),
        pytest.param(call("Nothing was paid.", means=""), id="nobody agreed to it"),
    ],
)
def test_an_untrue_screen_is_found(said: Call) -> None:
    assert judged(books(), said) != []


def test_a_no_that_nobody_took_back() -> None:
    """Before that payment's money is known to the wallet's statement."""
    doubted = {"state": "exception", "reason": "amount differs", "bank_ref": ""}
    odd = judged(Books([row(**doubted, told="not paid")], {}, {}, {}), call())
    assert odd == [f"{REF} (exception): was told not to have paid, and not that this is in doubt"]
    again = {f"{REF}:{told}": text(told) for told in ("unknown", "not paid", "unknown:2")}
    assert judged(Books([row(**doubted, told="unknown")], {}, {}, again), call()) == []
    again[f"{REF}:unknown:2"] = text("unknown:2", state="queued")
    assert judged(Books([row(**doubted, told="unknown")], {}, {}, again), call()) != []


def test_failed_without_a_word() -> None:
    failed = row(state="failed", receipt="", taken=None, bank_ref="", told="not paid")
    assert judged(Books([failed], {}, {}, {}), call()) != []
    told = {f"{REF}:not paid": text("not paid")}
    assert judged(Books([failed], {}, {}, told), call()) == []
