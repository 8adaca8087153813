"""What a payer is texted once it is known: in the words of the release that the payment was made in."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from typing import Any, Protocol

from flows.paying.facts import Told
from flows.release import Release, titled
from flows.words.book import MissingWords
from flows.words.printing import Unprintable
from gateway.record.payments import Row

log = logging.getLogger("njia.payments")

TextOf = Callable[[Row, Told], str]
OWN = {"paid": "told_paid", "not paid": "told_not_paid", "unknown": "told_unknown"}  # keys of system.yaml


class Kept(Protocol):
    """Where releases are."""

    async def get(self, release: str) -> Release | None: ...


async def words_for(kept: Kept, release: str, current: Release, today: dt.date) -> TextOf:
    """Makes the texts of a payment that was agreed to in ``release``.

    Where that is gone, or its words need what was not kept, the engine's own sentence says the same.
    """
    found = current if release == current.hash else await kept.get(release)

    def text(row: Row, told: Told) -> str:
        words = (found and _flow_words(found, row, told, today)) or _own_words(found or current, row, told, today)
        return words + _fee(found or current, row, told, today)

    return text


def _flow_words(release: Release, row: Row, told: Told, today: dt.date) -> str:
    names: dict[str, Any] = {**release.names, **row.names, "receipt": row.payment.receipt}
    try:
        return release.words.render(row.language, row.flow, f"{row.step}.{told}", names, today)
    except (MissingWords, Unprintable) as error:
        log.warning("payment %s is told of in the engine's own words: %s", row.payment.id, error)
        return ""


def _fee(release: Release, row: Row, told: Told, today: dt.date) -> str:
    """A receipt says what was paid on top, if anything was."""
    if told != "paid" or not row.payment.fee.minor:
        return ""
    try:
        return " " + release.words.render(row.language, "", "told_fee", {"fee": row.payment.fee}, today)
    except MissingWords:  # an institution's own system.yaml may be older
        return ""


def _own_words(release: Release, row: Row, told: Told, today: dt.date) -> str:
    payment = row.payment
    named = {"institution": titled(release.institution), "amount": payment.amount, "receipt": payment.receipt}
    return release.words.render(row.language, "", OWN[told], named, today)
