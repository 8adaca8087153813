"""PINs that too many people choose, or that those who know a client would try first."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

# Bonneau, Preibusch, Anderson: A birthday present every eleven wallets? (2012): years and dates are a quarter of what
# people choose. 2580 and 0852 are the middle column of a keypad, 1004 is a word in Korean and high on every list.
FAVOURITES = {"2580", "0852", "1004", "1122", "2211", "112233", "332211", "123321", "159753", "147258", "147852"}
FORMS = ("%Y", "%d%m", "%m%d", "%m%y", "%y%m", "%d%m%y", "%m%d%y", "%y%m%d", "%m%Y", "%Y%m")
YEARS = re.compile(r"(19[2-9]|20[0-3])\d")
REPEATED = re.compile(r"(\d{1,3}?)\1+")
LENGTHS = range(4, 7)


@dataclass(frozen=True, slots=True)
class Holder:
    """What is known of whose PIN it will be. ``numbers``: their phones and client number."""

    birth_date: dt.date | None = None
    numbers: tuple[str, ...] = field(default=(), repr=False)


def weak(pin: str, holder: Holder) -> bool:
    """Whether ``pin`` (four to six figures 0-9) is one of the first that a thief would try."""
    if len(pin) not in LENGTHS or not (pin.isascii() and pin.isdigit()):
        return True
    common = pin in FAVOURITES or REPEATED.fullmatch(pin) or YEARS.fullmatch(pin) or _is_stair(pin)
    return bool(common) or _is_birthday(pin, holder.birth_date) or _ends_one(pin, holder.numbers)


def _is_stair(pin: str) -> bool:
    """1234, 9876, 7890, 2468: each figure as far from the one before."""
    steps = {int(b) - int(a) for a, b in pairwise(pin)}
    return len(steps) == 1 or {step % 10 for step in steps} in ({1}, {9})


def _is_birthday(pin: str, born: dt.date | None) -> bool:
    return born is not None and (str(born.year) in pin or pin in {born.strftime(form) for form in FORMS})


def _ends_one(pin: str, numbers: Iterable[str]) -> bool:
    return any(re.sub(r"\D", "", number).endswith(pin) for number in numbers)
