"""The books that money is kept in. A book of an account is ``<ref>:<part>``; the institution's own are listed here.

Debit is positive, credit negative. What is owed on a loan is a debit in ``<ref>:principal``; what a client has paid of
interest, fee and penalty is a credit in those books (they are income when they are paid); what is saved or put into
shares is a credit.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Iterable
from typing import Literal

from flows.ports import Leg

FLOAT = "float"  # money that came in and goes out
FEES = "income:fees"  # what payers paid on top of what their accounts got
INTEREST_PAID = "expense:interest"  # to savers
SUSPENSE = "suspense"  # money that came in and that nobody can say yet whom it is for: read as an account of nobody
REVERSED = "reversed"  # the kind of a posting that takes another one back:
UNDO = "undo:"  # its key begins with this, and the key of that one follows
OURS = ("float", "income", "expense", "suspense")

Book = Literal["principal", "interest", "fee", "penalty", "savings", "shares", "surplus"]
BOOKS: tuple[Book, ...] = ("principal", "interest", "fee", "penalty", "savings", "shares", "surplus")

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # without I, L, O and U: read aloud, they are mistaken


class Unbalanced(ValueError):
    """These legs are no posting: they do not sum to zero, or are not all of one key, or one of them is zero."""


def book(ref: str, part: Book) -> str:
    return f"{ref}:{part}"


def account_of(name: str) -> str | None:
    """The account that a book belongs to, None for the institution's own."""
    if name == SUSPENSE:
        return SUSPENSE
    ref, _, part = name.rpartition(":")
    return ref if part in BOOKS and ref and ref not in OURS else None


def is_free(ref: str) -> bool:
    """Whether an account may have this reference: it must not read as one of the institution's books."""
    return bool(ref) and ref not in OURS and ":" not in ref


def check_balanced(legs: Iterable[Leg]) -> None:
    """Raises Unbalanced unless the legs are one posting."""
    sums: dict[str, int] = defaultdict(int)
    keys = set()
    for leg in legs:
        keys.add(leg.key)
        sums[leg.currency] += leg.minor
        if leg.minor == 0:
            raise Unbalanced(f"a leg in {leg.book} moves nothing")
    if len(keys) != 1 or any(sums.values()):
        raise Unbalanced("the legs of a posting have one key and sum to zero in each currency")


def lies(legs: Iterable[Leg], receipt: str, currency: str) -> int:
    """How much of the money of that receipt lies in suspense still, by the legs there."""
    return -sum(
        leg.minor for leg in legs if (leg.book, leg.provider_ref, leg.currency) == (SUSPENSE, receipt, currency)
    )


def undo(key: str) -> str:
    """The key of the posting that takes back the one of this key. A posting is taken back once: keys are unique."""
    return UNDO + key


def undone(legs: Iterable[Leg], day: dt.date) -> set[str]:
    """The keys of the postings that were taken back by the end of ``day``."""
    return {leg.key.removeprefix(UNDO) for leg in legs if leg.kind == REVERSED and leg.on <= day}


def reference(key: str) -> str:
    """What a posting is called in receipts and statements: the same for the same key, always."""
    number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:7])
    return "".join(_LETTERS[number >> shift & 31] for shift in range(45, -1, -5))
