"""Our own ledger, for an institution or a group that has no core banking system.

Balances, dues and payoffs are not stored: they follow from the terms an account was opened on and from its legs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from adapters.bank import Day, Given
from flows.money import exponent
from flows.ports import Account, BookedAccount, Books, Entry, Leg, Moved, Posting, Refused, Unavailable
from flows.products.allocate import (
    allocate,
    interest_legs,
    opening_legs,
    payment_legs,
    reversal_legs,
    suspense_legs,
)
from flows.products.chart import FLOAT, REVERSED, SUSPENSE, UNDO, is_free, lies, reference
from flows.products.features import Features, Product
from flows.products.interest import interest_of_month
from flows.products.kept import features_of
from flows.products.opening import Opening, agreed_words
from flows.products.position import position, statement
from flows.products.standing import stand
from flows.values import Money

KINDS = ("repaid", "deposited", "withdrawn")  # and REVERSED, which takes one of these back
UNKNOWN = "unknown"  # the kind of money that goes to SUSPENSE, and of no other
TRIES = 8  # so often an account is read again when somebody else posts to it at the same moment


def open_bank(given: Given) -> Bank:
    return Bank(given.books, given.products, given.clock)


class Bank:
    """``flows.ports.Bank`` over ``flows.ports.Books``."""

    def __init__(self, books: Books, products: Mapping[str, Product], clock: Day) -> None:
        self.books = books
        self.products = products
        self.clock = clock

    async def accounts(self, client: str) -> list[Account]:
        today = self.clock.today()
        return [
            position(account, legs, today, self._worth_of_a_share(account))
            for account, legs in await self.books.accounts_with_legs(client)
        ]

    async def statement(self, account: str, limit: int) -> list[Entry]:
        found = await self.books.account_with_legs(account)
        if found is None:
            raise Refused("unknown account")
        return statement(*found, self.clock.today(), limit)

    async def post(self, posting: Posting) -> str:
        """Kinds: ``repaid``, ``deposited``, ``withdrawn``, ``reversed``; and ``unknown``, into ``suspense``, which is
        kept like an account of nobody. Raises Refused, and Unavailable as the books do."""
        if posting.account == SUSPENSE:
            return await self._suspend(posting)
        account = await self._account(posting.account)
        _check(posting, account)
        for _ in range(TRIES):
            legs = await self.books.legs_of(account.ref)
            if any(leg.key == posting.key for leg in legs):
                break
            suspense = await self._suspense(posting)
            try:
                await self.books.write(_legs(posting, account, legs, suspense), len(legs))
                break
            except Moved:
                continue
        else:
            raise Unavailable("too many postings to one account at the same moment")
        return reference(posting.key)

    async def _suspense(self, posting: Posting) -> list[Leg]:
        """The legs in suspense, where the posting takes money out of it or may put it back."""
        if not (posting.suspended or posting.kind == REVERSED):
            return []
        legs = await self.books.legs_of(SUSPENSE)
        if posting.suspended and posting.kind not in ("repaid", "deposited"):
            raise Refused("wrong kind")
        if posting.suspended and lies(legs, posting.provider_ref, posting.amount.currency) < posting.amount.minor:
            raise Refused("unknown posting")
        return legs

    async def _suspend(self, posting: Posting) -> str:
        if posting.amount.minor <= 0:
            raise Refused("wrong amount")
        if posting.kind == REVERSED:
            legs = _taken_back(posting, [leg for leg in await self.books.legs_of(SUSPENSE) if leg.kind == UNKNOWN])
        elif posting.kind == UNKNOWN:
            legs = suspense_legs(posting)
        else:
            raise Refused("wrong kind")
        try:
            await self.books.write(legs)
        except Moved:  # it is on somebody's account
            raise Refused("unknown posting") from None
        return reference(posting.key)

    async def open(self, opening: Opening) -> dt.date:
        """Opens the account and pays out the loan. Opening it again, even half done, ends with one account, paid out
        once. Returns the day on which it was opened, the first time. Raises Refused."""
        account = self._opened(opening)
        await self.books.open(account)
        account = await self._account(opening.ref)
        legs = opening_legs(account, f"open:{account.ref}")
        if legs:
            await self.books.write(legs)
        return account.opened

    async def credit_interest(self, account: str, month: dt.date) -> int:
        """Credits what the savings earned in the month of that day, once; returns it in minor units."""
        booked = await self._account(account)
        savings = features_of(booked).savings
        if savings is None:
            return 0
        legs, first = await self.books.legs_of(account), month.replace(day=1)
        minor = interest_of_month(savings, legs, first)
        last = (first + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)
        written = interest_legs(booked, minor, last, f"interest:{account}:{first:%Y-%m}")
        return minor if written and await self.books.write(written) else 0

    def _worth_of_a_share(self, account: BookedAccount) -> int:
        """By the product of today: it is counted by the group, and no term that a member has agreed to."""
        product = self.products.get(account.product)
        return product.features.shares.value if product and product.features.shares else 0

    async def _account(self, ref: str) -> BookedAccount:
        found = await self.books.account(ref)
        if found is None:
            raise Refused("unknown account")
        return found

    def _opened(self, opening: Opening) -> BookedAccount:
        product = self.products.get(opening.product)
        if product is None:
            raise Refused("unknown product")
        if not is_free(opening.ref):
            raise Refused("unknown account")
        if opening.amount < 0 or (opening.amount > 0) != (product.features.credit is not None):
            raise Refused("wrong amount")
        exponent(opening.currency)
        terms = {"words": agreed_words(product, opening), "amount": opening.amount}
        values = (opening.ref, opening.client, opening.product, opening.nickname, opening.currency, opening.on, terms)
        account = BookedAccount(*values)
        features_of(account)
        return account


def _check(posting: Posting, account: BookedAccount) -> None:
    if posting.amount.currency != account.currency:
        raise Refused("wrong currency")
    if posting.amount.minor <= 0 or posting.fee < 0 or (posting.fee and posting.kind not in ("repaid", "deposited")):
        raise Refused("wrong amount")
    if not _takes(features_of(account), posting.kind):
        raise Refused("wrong kind")
    if posting.on < account.opened:
        raise Refused("wrong day")


def _takes(features: Features, kind: str) -> bool:
    if kind == "deposited":
        return features.savings is not None or features.shares is not None
    return features.savings is not None if kind == "withdrawn" else kind in (*KINDS, REVERSED)


def _legs(posting: Posting, account: BookedAccount, legs: list[Leg], suspense: list[Leg]) -> list[Leg]:
    if posting.kind == REVERSED:
        moved = {leg.key for leg in suspense}
        return _taken_back(posting, legs, SUSPENSE if posting.key.removeprefix(UNDO) in moved else FLOAT)
    if posting.kind != "withdrawn":
        return payment_legs(posting, allocate(stand(account, legs, posting.on), posting.amount.minor, posting.kind))
    savings = features_of(account).savings
    saved = -sum(leg.minor for leg in legs if leg.book == f"{account.ref}:savings")
    if savings is None or saved - posting.amount.minor < savings.minimum:
        raise Refused("too little saved")
    return payment_legs(posting, {"savings": posting.amount.minor})


def _taken_back(posting: Posting, legs: list[Leg], came: str = FLOAT) -> list[Leg]:
    """What a person, or money that came twice, has put into the account by mistake, or taken from it."""
    key = posting.key.removeprefix(UNDO)
    wrong = [leg for leg in legs if leg.key == key and leg.key != posting.key]
    if not wrong:
        raise Refused("unknown posting")
    if wrong[0].kind not in (*KINDS, UNKNOWN):
        raise Refused("wrong kind")
    if posting.amount != Money(abs(sum(leg.minor for leg in wrong)), wrong[0].currency):
        raise Refused("wrong amount")
    if posting.on < wrong[0].on:
        raise Refused("wrong day")
    back = reversal_legs(posting, wrong, came)
    if sum(leg.minor for leg in (*legs, *back) if leg.book.endswith(":savings")) > 0:
        raise Refused("too little saved")  # some of it has been taken out since
    return back
