"""A person settles a payment that no program can settle. What they say is a fact like any other, and it is audited."""

from __future__ import annotations

from typing import Literal

from flows.paying import saying
from flows.paying.facts import Decided, Payment
from gateway.desk.rooms import Visit
from gateway.later_words import words_for
from gateway.record import payments
from gateway.record.payment_rows import Row

Way = Literal["paid", "not paid", "post again"]
WAYS: dict[Way, str] = {
    "paid": "It was paid: the wallet has taken the money.",
    "not paid": "It was not paid: the wallet has taken nothing, and will not.",
    "post again": "Ask the bank again to post it.",
}
HELD = (
    "Its money came in apart from it. Where that lies in suspense, move it to the account, and then close the payment "
    "as paid; where it stands on another account, take it back from there first."
)


class DecideError(Exception):
    """It cannot be decided; the text says why."""


def ways(payment: Payment) -> dict[Way, str]:
    """What can be decided of it: nothing but of an exception, and nothing that the bank has settled already."""
    if payment.state != "exception":
        return {}
    on_account = bool(payment.bank_ref) or payment.told == "paid"
    may: dict[Way, bool] = {"paid": True, "not paid": not on_account, "post again": not on_account}
    may["post again"] = may["post again"] and payment.taken is not None
    words = dict(WAYS)
    if payment.taken is not None:
        words["paid"] = "It is settled: it stands on the account, or was put right by hand. Close it."
        words["not paid"] = "It was not paid, or the wallet gave the money back. Close it."
    return {way: words[way] for way in WAYS if may[way]}


async def decide(visit: Visit, row: Row, way: Way, why: str, receipt: str) -> str:
    """The state it is in then. Raises DecideError, Unavailable, Uncertain."""
    house = visit.house
    fact = Decided(way, visit.staff.email, why, receipt)
    texts = await words_for(house.releases, row.release, house.releases.current, house.stores.clock.today())
    async with visit.db.write():
        decided = await payments.apply(visit.db, row.payment.id, fact, visit.now(), texts)
        counted = await _counted(visit, row, fact)
        if counted:
            await visit.audit("payment decided", row.payment.id, why, {"way": way})
    if not counted:
        if decided.reason == "in suspense":
            raise DecideError(f"Nothing was decided. {HELD}")
        raise DecideError(f"Nothing was decided: more has come to be known, and it is {decided.state} now.")
    return decided.state


async def _counted(visit: Visit, row: Row, fact: Decided) -> bool:
    """Whether its history has this decision now; evidence that came first may have settled it otherwise."""
    later = await payments.find(visit.db, row.payment.id)
    new = later.history[len(row.history) :] if later else []
    return saying.why(fact) in [because for _, _, because in new]
