"""What one payment pays, against examples that others have published."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import yaml

from adapters.banks.local import Bank
from flows.money import minor_units, money
from flows.ports import Posting
from flows.products.chart import undo
from flows.products.features import PARTS, Product
from flows.products.memory import MemoryBooks
from flows.products.opening import Opening
from flows.products.standing import stand
from flows.products.terms import agreed
from gateway.clock import SetClock

EXAMPLES = yaml.safe_load((Path(__file__).parent / "banks" / "published_allocations.yaml").read_text())


@pytest.mark.parametrize("example", EXAMPLES, ids=[e["name"] for e in EXAMPLES])
async def test_agrees_with_a_published_example(example: dict[str, Any]) -> None:
    currency, opened = example["currency"], example["opened"]
    words = {"made of": {"credit": example["credit"]}}
    books = MemoryBooks()
    now = SetClock(dt.datetime.combine(opened, dt.time(9), dt.UTC))
    bank = Bank(books, {"p": Product("p", "P", agreed(words, currency), words)}, now)
    await bank.open(Opening("L-1", "c", "p", "Loan", currency, opened, minor_units(example["amount"], currency)))
    for on, amount in example["paid"].items():
        posting = Posting(f"paid {on}", "L-1", money(amount, currency), on, "repaid")
        await bank.post(posting)
    assert _pays(books, posting.key) == _minor(example["pays"], currency)
    assert await _due(books, on) == _minor(example["leaves"], currency)
    if "taken back" in example:
        await bank.post(Posting(undo(posting.key), "L-1", posting.amount, on, "reversed"))
        assert _pays(books, undo(posting.key)) == {part: -minor for part, minor in _pays(books, posting.key).items()}
        assert await _due(books, on) == _minor(example["taken back"], currency)


def _pays(books: MemoryBooks, key: str) -> dict[str, int]:
    return {leg.book.partition(":")[2]: -leg.minor for leg in books.legs if leg.key == key and leg.book != "float"}


async def _due(books: MemoryBooks, on: dt.date) -> dict[str, int]:
    lines = stand(books.booked["L-1"], await books.legs_of("L-1"), on).lines
    return {part: sum(line.unpaid(part) for line in lines if line.due <= on) for part in PARTS}


def _minor(amounts: dict[str, Any], currency: str) -> dict[str, int]:
    return {part: minor_units(str(amount), currency) for part, amount in amounts.items()}
