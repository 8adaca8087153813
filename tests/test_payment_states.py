"""The page about payments tells the truth about their states."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from functools import cache
from itertools import product
from typing import get_args

import pages
from paying_model import NOW, begin
from test_payment_model import EVERY

from flows.paying import facts as f
from flows.paying import machine
from flows.paying.facts import Payment, State
from flows.paying.looks import GIVE_UP, TOO_LONG, UNSEEN

PAGE = pages.TEXTS["docs/money-in-two-steps.md"]
ORDER = list(get_args(State))


def rows(heading: str) -> list[list[str]]:
    """The cells of the table with this first line."""
    lines = PAGE.split(heading + "\n", 1)[1].splitlines()[1:]
    table = lines[: next((n for n, line in enumerate(lines) if not line.startswith("|")), len(lines))]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


def kind(payment: Payment, now: dt.datetime) -> tuple[object, ...]:
    """What its next moves depend on."""
    ages = (now - (at or now) for at in (payment.created_at, payment.asked_at, payment.unseen_since))
    known = (payment.state, payment.reason, payment.taken, payment.receipt, payment.bank_ref, payment.told)
    asked = (
        payment.asked_at is None,
        payment.unseen_since is None,
        payment.asked_at == payment.moved_at,
        payment.next_at is None,
    )
    return (*known, *asked, *((age >= UNSEEN) + (age > TOO_LONG) + (age >= GIVE_UP) for age in ages))


@cache
def changes() -> dict[tuple[str, str], set[str]]:
    """What moves a payment from one state to another, and the reasons: all facts in all kinds of payment there are."""
    made: dict[tuple[str, str], set[str]] = defaultdict(set)
    left = [(begin().payment, NOW)]
    seen = {kind(*left[0])}
    while left:
        payment, then = left.pop()
        for fact, passed, place in product(EVERY, (0, 10, 11 * 60, 49 * 3600), (None, "suspense", payment.account)):
            now = then + dt.timedelta(seconds=passed)
            after = machine.after(payment, fact, now, resends=True, of=payment, place=place)
            if after.state != payment.state:
                made[payment.state, after.state].add(type(fact).__name__)
            made["reason", after.reason if after.state == "exception" else ""].add(after.state)
            if kind(after, now) not in seen:
                seen.add(kind(after, now))
                left.append((after, now))
    return made


def test_every_change_of_state_is_on_the_page() -> None:
    names = [type(fact).__name__ for fact in EVERY]
    said = [
        f"| `{old}` | `{new}` | {', '.join(sorted(by, key=names.index))} |"
        for (old, new), by in changes().items()
        if old != "reason"
    ]
    said.sort(key=lambda line: [ORDER.index(word) for word in line.split("`")[1:4:2]])
    assert PAGE.split("| from | to | by |\n|---|---|---|\n")[1].split("\n\n")[0].splitlines() == said, "\n".join(said)


def test_every_state_reason_and_fact_is_on_the_page() -> None:
    assert [state.strip("`") for state, _ in rows("| state | it means |")] == ORDER
    reasons = [row[0].strip("`") for row in rows("| reason | what happened | what a person can decide |")]
    assert sorted(reasons) == sorted(why for old, why in changes() if old == "reason" and why)
    known = {kind.__name__ for kind in get_args(f.Fact)}
    assert {row[0].strip("`") for row in rows("| fact | from | what is known |")} == known


def test_every_fact_is_tried() -> None:
    assert {type(fact) for fact in EVERY} == set(get_args(f.Fact))
