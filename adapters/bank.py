"""The contract between a bank and the house.

A bank is one file, ``adapters/banks/<bank>.py``, found by its path (``adapter = "banks/local"``), with a function
``open_bank(given: Given)`` that returns a ``flows.ports.Bank``. It is called once in each process.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from flows.ports import Books
from flows.products.features import Product


class Day(Protocol):
    """The day at the institution, by its clock."""

    def today(self) -> dt.date: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the house gives to a bank; a bank takes what it needs."""

    options: Mapping[str, Any] = field(repr=False)  # the keys of [bank] that only this bank knows
    currency: str  # of the institution, ISO 4217
    clock: Day
    books: Books  # our own ledger, and
    products: Mapping[str, Product]  # our own product files: for a bank that leaves the counting to us
