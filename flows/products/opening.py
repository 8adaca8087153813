"""An account that is to be opened."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flows.products.features import Product


@dataclass(frozen=True, slots=True)
class Opening:
    """``amount`` is what is lent (0 without credit). ``words`` replaces terms of the product for this client, in the
    words of a product file: ``{"credit": {"instalments": "12"}}``."""

    ref: str
    client: str
    product: str
    nickname: str
    currency: str
    on: dt.date
    amount: int = 0
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def agreed_words(product: Product, opening: Opening) -> dict[str, Any]:
    """The words that this account is opened on: the product's, with what was agreed otherwise."""
    made_of = {
        name: {**(terms or {}), **opening.words.get(name, {})} for name, terms in product.words["made of"].items()
    }
    return {**product.words, "made of": made_of}
