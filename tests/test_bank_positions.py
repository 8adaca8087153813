"""What the local bank tells of an account, for every mix of features: the table of ``banks/positions.yaml``."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from adapters.banks.local import Bank
from flows.money import money
from flows.ports import Account, BookedAccount, Posting
from flows.products.allocate import allocate, opening_legs, payment_legs
from flows.products.features import Product
from flows.products.memory import MemoryBooks
from flows.products.opening import Opening
from flows.products.position import payoff, position
from flows.products.standing import stand
from flows.products.terms import agreed
from flows.values import Money

TABLE = yaml.safe_load((Path(__file__).parent / "banks" / "positions.yaml").read_text())
CASES = TABLE["cases"]
DAY0 = dt.date(2026, 1, 1)
AMOUNTS = ("balance", "due", "overdue", "payoff", "saved", "last_paid", "worth", "kept")
OTHERS = ("due_on", "closed", "shares", "shared_out_on")


class OnDay:
    def __init__(self, day: int) -> None:
        self.day = DAY0 + dt.timedelta(days=day)

    def today(self) -> dt.date:
        return self.day


async def account_of(case: dict[str, Any]) -> Account:
    words = {"made of": TABLE["terms"][case["of"]]} | ({"extra": case["extra"]} if "extra" in case else {})
    features = agreed(words, "KES")
    bank = Bank(MemoryBooks(), {"p": Product("p", "P", features, words)}, OnDay(case["day"]))
    await bank.open(Opening("A-1", "c", "p", "Mine", "KES", DAY0, 400_000 if features.credit else 0))
    for number, move in enumerate(case.get("moves", [])):
        day, kind, amount = move.split()
        on = DAY0 + dt.timedelta(days=int(day))
        await bank.post(Posting(str(number), "A-1", money(amount, "KES"), on, kind))
    return (await bank.accounts("c"))[0]


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
async def test_position(case: dict[str, Any]) -> None:
    account = await account_of(case)
    expected = {name: case[name] for name in (*AMOUNTS, *OTHERS) if name in case}
    assert {name: _told(account, name) for name in expected} == expected


def _told(account: Account, name: str) -> Any:
    value = getattr(account, name)
    if isinstance(value, Money):
        return value.minor / 100
    return (value - DAY0).days if isinstance(value, dt.date) else value


# -- rules that hold for every account --------------------------------------------------------------------------------

PENALTIES: list[dict[str, str]] = [{}, {"penalty": "50 after 3 days"}, {"penalty": "2 % of overdue after 7 days"}]


@st.composite
def accounts(draw: st.DrawFn) -> BookedAccount:
    method = draw(st.sampled_from(["flat", "declining"]))
    credit = {
        "method": method,
        "rate": draw(st.sampled_from(["0 % a year", "24 % a year", "3.5 % a month"])),
        "frequency": draw(st.sampled_from(["weekly", "fortnightly", "monthly"])),
        "instalments": str(draw(st.integers(1, 12))),
        "early payoff": draw(st.sampled_from(["whole interest", "interest of this period", "interest to date"])),
        "fees": {"service": draw(st.sampled_from(["0 each instalment", "5 each instalment"]))},
        **draw(st.sampled_from(PENALTIES)),
        **draw(st.sampled_from([{}, {"pays first": "principal, interest, fee, penalty"}])),
    }
    made_of: dict[str, Any] = {"credit": credit}
    if draw(st.booleans()):
        made_of["savings"] = {"plan": "50 weekly"}
    if draw(st.booleans()):
        made_of["shares"] = {"price": "70", "each meeting": "1 to 3"}
    words: dict[str, Any] = {"made of": made_of, "extra": draw(st.sampled_from(sorted(made_of)))}
    amount = draw(st.integers(1, 2_000_000))
    return BookedAccount("A-1", "c", "p", "Mine", "KES", DAY0, {"words": words, "amount": amount})


payments = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 400_000)), max_size=8)


@given(accounts(), payments, st.integers(0, 60))
def test_no_payment_is_lost_and_the_payoff_closes(
    account: BookedAccount, paid: list[tuple[int, int]], more: int
) -> None:
    legs, day = opening_legs(account, "open"), DAY0
    for number, (wait, minor) in enumerate(paid):
        day += dt.timedelta(days=wait)
        legs += _posted(account, legs, day, minor, f"k{number}")
        before, at = sum(m for _, m in paid[: number + 1]), stand(account, legs, day)
        kept = sum(sum(line.paid.values()) for line in at.lines) + at.saved + at.surplus
        assert kept + sum(put for _, put in at.put_in) == before
        assert all(line.unpaid(part) >= 0 for line in at.lines for part in line.owed)
    day += dt.timedelta(days=more)
    closes = payoff(stand(account, legs, day))
    if closes:
        legs += _posted(account, legs, day, closes, "last")
    for later in (0, 100, 1000):
        told = position(account, legs, day + dt.timedelta(days=later))
        assert (told.payoff, told.balance) == (Money(0, "KES"), Money(0, "KES"))
        assert told.overdue == Money(0, "KES")


def _posted(account: BookedAccount, legs: list[Any], day: dt.date, minor: int, key: str) -> list[Any]:
    parts = allocate(stand(account, legs, day), minor)
    assert sum(parts.values()) == minor
    made = payment_legs(Posting(key, account.ref, Money(minor, "KES"), day, "repaid"), parts)
    assert sum(leg.minor for leg in made) == 0
    return made
