"""Accounts of an import, opened in our own ledger (``banks/local``)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from adapters.banks.local import Bank
from flows.ports import BookedAccount, Posting, Refused
from flows.products.features import Product
from flows.products.memory import MemoryBooks
from flows.products.opening import Opening
from flows.values import Money
from gateway.clock import Clock
from gateway.record.columns import NewAccount
from gateway.record.field_cells import amount_in, day
from gateway.record.sheets import Fault

TERMS = {
    "amount": ("what was lent, in major units; empty for savings and shares", "12000"),
    "instalments": ("how many, where the client agreed on another number than the product's", ""),
    "rate": ("the interest, where the client agreed on another than the product's: 24% a year", ""),
    "paid": ("what was paid back or saved in all until the import; taken when the account is opened", "4000"),
    "paid_on": ("the day of the last of it, year-month-day; today if it is empty", ""),
}
REASONS = {
    "unknown product": Fault("product", "there is no product file of this name"),
    "unknown account": Fault("account", "this cannot be the number of an account"),
    "wrong amount": Fault("amount", "a loan needs an amount, and nothing else has one"),
    "wrong day": Fault("paid_on", "it is before the account was opened"),
}


@dataclass(frozen=True, slots=True)
class _Read:
    opening: Opening
    paid: Posting | None


class LocalAccounts:
    """``gateway.record.judging.Accounts`` over our own bank."""

    def __init__(self, bank: Bank, products: Mapping[str, Product], currency: str, clock: Clock) -> None:
        self._bank = bank
        self._products = products
        self._currency = currency
        self._clock = clock

    async def refusal(self, account: NewAccount, standing: BookedAccount | None) -> list[Fault]:
        """Opens it on paper, so that nothing but the bank says what an account may be."""
        try:
            read = self._read(account)
            paper = MemoryBooks()
            bank = Bank(paper, self._products, self._clock)
            await bank.open(read.opening)
            if read.paid:
                await bank.post(read.paid)
        except _Wrong as error:
            return [error.fault]
        except Refused as error:
            return [REASONS.get(error.reason, Fault("account", f"the bank refuses it: {error.reason}"))]
        except ValueError as error:
            return [Fault("rate" if "rate" in account.terms else "instalments", str(error))]
        return _differences(paper.booked[account.ref], standing) if standing else []

    async def open(self, account: NewAccount) -> None:
        read = self._read(account)
        await self._bank.open(read.opening)
        if read.paid:
            await self._bank.post(read.paid)

    def _read(self, account: NewAccount) -> _Read:
        terms = account.terms
        words = {name: terms[name] for name in ("instalments", "rate") if name in terms}
        opening = Opening(
            account.ref,
            account.client,
            account.product,
            account.nickname or account.product,
            self._currency,
            account.opened,
            self._minor("amount", terms),
            {"credit": words} if words else {},
        )
        paid = self._minor("paid", terms)
        return _Read(opening, self._posting(account, paid) if paid else None)

    def _posting(self, account: NewAccount, paid: int) -> Posting:
        product = self._products.get(account.product)
        kind = "repaid" if product and product.features.credit else "deposited"
        try:
            on = day(account.terms["paid_on"]) if "paid_on" in account.terms else self._clock.today()
        except ValueError as error:
            raise _Wrong(Fault("paid_on", str(error))) from None
        return Posting(f"import:{account.ref}", account.ref, Money(paid, self._currency), on, kind)

    def _minor(self, column: str, terms: Mapping[str, str]) -> int:
        try:
            return amount_in(terms.get(column, "0"), self._currency)
        except ValueError as error:
            raise _Wrong(Fault(column, str(error))) from None


class _Wrong(Exception):
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.reason)
        self.fault = fault


def _differences(row: BookedAccount, standing: BookedAccount) -> list[Fault]:
    """An import opens accounts; it does not change what was agreed."""
    pairs: dict[str, tuple[str | dt.date | object, object]] = {
        "product": (row.product, standing.product),
        "opened": (row.opened, standing.opened),
        "amount": (row.terms.get("amount"), standing.terms.get("amount")),
    }
    reason = "the account of this number has it otherwise, and an import does not change an account"
    return [Fault(name, reason) for name, (new, old) in pairs.items() if new != old]
