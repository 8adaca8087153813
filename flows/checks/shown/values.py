"""The values that a text may have to print: for each type the largest that is plausible, and a usual one.

Bounds come from the type, from what a question takes, from the data dictionary and from the record. They are values
and not lengths: the words print them as they print those of clients.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, Final

from flows.actions.read_statement import LIMIT as LINES
from flows.checks.subject import Subject
from flows.money import exponent
from flows.sources.institution_languages import own_name
from flows.sources.my_payable import SLIP
from flows.values import MEDIA, Kind, Media, Money, Name, Phone, Place, Value
from flows.words.printing import style_of

TODAY: Final = dt.date(2026, 6, 15)
NAME_LETTERS: Final = 30  # of a person's or a group's short name
TEXT_LETTERS: Final = 20  # of a reference, a receipt, a number that staff gave
TYPED_LETTERS: Final = 80  # of an answer in words: what the tightest network carries of one (Safaricom, Kenya)
FIGURES: Final = 12  # of a number that is typed and has no other bound: more are taken as a slip
COUNTED: Final = 9_999_999  # shares, days, numbers of the record
CODE: Final = "*384*12345#"  # a service code that is shared among institutions
_LETTERS: Final = "Wanjiru wa Mwangi na Kamau wa Otieno Odhiambo wa Nyambura Chebet "


@dataclass(frozen=True)
class Sizes:
    """Values of one size in one language."""

    subject: Subject
    language: str
    largest: bool

    def of(self, kind: Kind, low: Value = None, high: Value = None, options: tuple[str, ...] = ()) -> Value:
        """A value of this type, between bounds that are values (or not known: None)."""
        made = _MAKERS[kind](self, high, options)
        if not self.largest and isinstance(low, type(made)) and made < low:
            return low
        return made

    @cached_property
    def currency(self) -> str:
        return self.subject.institution.currency

    def money(self, high: Value = None, _: tuple[str, ...] = ()) -> Money:
        unit: int = 10 ** exponent(self.currency)
        if not self.largest:
            usual = Money(1500 * unit, self.currency)
            return min(usual, high) if isinstance(high, Money) else usual
        most = high if isinstance(high, Money) else Money(SLIP * unit, self.currency)
        below = Money(max(most.minor - 1, 0), self.currency)  # with cents, where the currency has some
        return max(most, below, key=lambda amount: len(self.shown(amount)))

    def number(self, high: Value = None, _: tuple[str, ...] = ()) -> int | Decimal:
        if isinstance(high, int | Decimal) and not isinstance(high, bool):
            return high if self.largest else min(12, high)
        return COUNTED if self.largest else 12

    def date(self, _: Value = None, __: tuple[str, ...] = ()) -> dt.date:
        """The month with the longest name, in another year."""
        if not self.largest:
            return dt.date(TODAY.year, 6, 30)
        months = style_of(self.language, self.subject.institution.country).months
        return dt.date(TODAY.year + 2, max(range(1, 13), key=lambda month: len(months[month - 1])), 28)

    def phone(self, _: Value = None, __: tuple[str, ...] = ()) -> Phone:
        return Phone("+254700000000123" if self.largest else "+254700000001")  # E.164 has 15 figures at most

    def name(self, _: Value = None, __: tuple[str, ...] = ()) -> Name:
        """An account is often called as its product is."""
        labels = [product.label for product in self.subject.products.values()]
        return Name(max([_LETTERS[:NAME_LETTERS].strip(), *labels], key=len) if self.largest else "Biashara")

    def text(self, _: Value = None, __: tuple[str, ...] = ()) -> str:
        """What the record calls by a word of its own (a kind of request, of movement) is a text too."""
        words = [text for key, text in self._system.items() if key.startswith(("entry_", "case_"))]
        return max(["L-2026-000000017-002", *words], key=len) if self.largest else "L-1001"

    def typed(self) -> str:
        """Words that a client typed."""
        return _LETTERS.ljust(TYPED_LETTERS, "a")[:TYPED_LETTERS] if self.largest else "My shop"

    def place(self, _: Value = None, __: tuple[str, ...] = ()) -> Place:
        return Place(self.typed())

    def media(self, _: Value = None, __: tuple[str, ...] = ()) -> Media:
        longest = max(MEDIA, key=lambda kind: len(self._system.get(f"media_{kind}") or kind))
        kind = longest if self.largest else "photo"
        return Media("f" * 64, kind, "application/octet-stream", 10**9)

    def choice(self, _: Value = None, options: tuple[str, ...] = ()) -> str:
        return max(options or ("in arrears now",), key=len) if self.largest else (options or ("active",))[0]

    def choices(self, _: Value = None, options: tuple[str, ...] = ()) -> list[str]:
        return list(options) if self.largest else list(options[:2])

    def yes_no(self, _: Value = None, __: tuple[str, ...] = ()) -> bool:
        return len(self.shown(True)) >= len(self.shown(False)) if self.largest else True

    def listed(self, _: Value = None, __: tuple[str, ...] = ()) -> list[str]:
        return ["credit", "savings", "shares"] if self.largest else ["credit"]

    def lines(self) -> list[dict[str, Value]]:
        """The lines of a statement."""
        kinds = [key.removeprefix("entry_") for key in self._system if key.startswith("entry_")] or ["repaid"]
        longest = max(kinds, key=lambda kind: len(str(self._system.get(f"entry_{kind}"))))
        line = {"on": self.date(), "kind": longest if self.largest else kinds[0], "amount": self.money()}
        return [line] * (LINES if self.largest else 3)

    def languages(self) -> list[dict[str, Value]]:
        """All that the institution speaks: this list is known."""
        codes = self.subject.institution.languages
        return [{"id": code, "code": code, "own_name": own_name(code)} for code in codes]

    def shown(self, value: Value) -> str:
        return self.subject.words.show(self.language, value, None if self.largest else TODAY)

    @property
    def _system(self) -> dict[str, str]:
        return dict(self.subject.system.get(self.language) or {})


_MAKERS: Final[dict[Kind, Callable[[Sizes, Any, tuple[str, ...]], Value]]] = {
    Kind.TEXT: Sizes.text,
    Kind.NUMBER: Sizes.number,
    Kind.RATING: Sizes.number,
    Kind.MONEY: Sizes.money,
    Kind.DATE: Sizes.date,
    Kind.PHONE: Sizes.phone,
    Kind.NAME: Sizes.name,
    Kind.CHOICE: Sizes.choice,
    Kind.CHOICES: Sizes.choices,
    Kind.YES_NO: Sizes.yes_no,
    Kind.PLACE: Sizes.place,
    Kind.MEDIA: Sizes.media,
    Kind.SECRET: Sizes.text,  # never printed
    Kind.RECORD: Sizes.text,  # only its fields are
    Kind.LIST: Sizes.listed,
}
