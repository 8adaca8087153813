"""What follows from the terms of an account and from nothing else, worked out once and kept while there is room.

The words that an account was opened on never change, so what was worked out is never wrong. Many accounts are opened on
the same words, for the same amount or on the same day: what is kept serves all of them, and nobody may change it.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

import msgspec

from flows.ports import BookedAccount
from flows.products import schedule
from flows.products.features import Features, Frequency
from flows.products.lines import Line
from flows.products.terms import agreed

MOST = 1024  # of each kind; for loans of 25 instalments they take some 5 MB in all


def features_of(account: BookedAccount) -> Features:
    """The terms that the account was opened on. Raises ValueError if they cannot be read."""
    return _features(msgspec.json.encode(account.terms["words"]), account.currency)


def terms_of(account: BookedAccount) -> tuple[Features, list[Line]]:
    """These terms, and what falls due of its loan, if it is one: lines of which nothing is paid.

    Raises ValueError if the terms cannot be read.
    """
    words = msgspec.json.encode(account.terms["words"])
    features = _features(words, account.currency)
    if (credit := features.credit) is None:
        return features, []
    due = _days(credit.frequency, credit.instalments, account.opened)
    sums = _sums(words, account.currency, int(account.terms["amount"]))
    begins = (account.opened, *due)
    return features, [Line(start, end, *parts) for start, end, parts in zip(begins, due, sums, strict=False)]


@lru_cache(MOST)
def _features(words: bytes, currency: str) -> Features:
    return agreed(msgspec.json.decode(words), currency)


@lru_cache(MOST)
def _sums(words: bytes, currency: str, amount: int) -> tuple[tuple[int, int, int], ...]:
    credit = _features(words, currency).credit
    return schedule.sums(credit, amount) if credit else ()


@lru_cache(MOST)
def _days(frequency: Frequency, instalments: int, opened: dt.date) -> tuple[dt.date, ...]:
    return schedule.days(frequency, instalments, opened)
