"""A wallet, a bank, workers and a person around one payment: everything that can happen next, as plain values.

Time does not run: instead of the clock, the payment's own times are moved back. What was said by anybody stays in
``said`` and may be heard at any time, again and again, or never: that is every delay, duplicate, crash and restart.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

from msgspec.structs import replace

from flows.paying import facts as f
from flows.paying import machine
from flows.paying.facts import Fact, Payment
from flows.values import Money

NOW = dt.datetime(2026, 11, 23, 9, 0, tzinfo=dt.UTC)
AMOUNT, FEE, LESS = Money(50_000, "KES"), Money(1_000, "KES"), Money(40_000, "KES")
BOTH = Money(51_000, "KES")
TIMES = ("created_at", "moved_at", "next_at", "asked_at", "unseen_since")
Heard = tuple[Fact, dt.datetime | None]  # the second: of a request's answer, when the payment was sent


class World(NamedTuple):
    """``wallet``: "" (knows nothing of it), asked, taken, twice, less (took another amount), declined, refused."""

    payment: Payment
    wallet: str = ""
    slow: bool = False  # a request is on its way that nobody waits for any more
    bank: str = ""  # "", posted, waiting, refused
    posted: Money | None = None
    sends: int = 0  # requests that may have reached the wallet and were not refused
    postings: int = 0  # requests to the bank that it carried out
    person: str = ""  # what a person decided
    said: frozenset[Heard] = frozenset()
    jumps: int = 0  # of time, beyond what was planned


class Step(NamedTuple):
    name: str
    world: World
    fact: Fact | None = None  # what was heard, if that is what happened


def begin() -> World:
    made = {"id": "p", "client": "c", "account": "L-1", "amount": AMOUNT, "fee": FEE, "provider": "m", "wallet": "+1"}
    return World(Payment(created_at=NOW, moved_at=NOW, next_at=NOW, **made))  # type: ignore[arg-type]


def steps(world: World, resends: bool) -> Iterator[Step]:
    """Everything that can happen next."""
    payment = world.payment
    if payment.next_at is not None and payment.next_at <= NOW:
        yield from _looks(world, resends)
    elif payment.next_at is not None:
        yield Step("wait", later(world, payment.next_at - NOW))
    for fact, of in world.said:
        yield heard(world, fact, of, resends)
    yield from _payer(world)
    yield from _person(world, resends)
    if world.jumps < 1:
        for minutes in (1, 11, 49 * 60):
            yield Step(f"{minutes} minutes", later(world, dt.timedelta(minutes=minutes))._replace(jumps=1))


def heard(world: World, fact: Fact, of: dt.datetime | None, resends: bool) -> Step:
    sent = replace(world.payment, moved_at=of) if of else None
    after = machine.after(world.payment, fact, NOW, resends=resends, of=sent)
    return Step(f"heard {type(fact).__name__}", world._replace(payment=after), fact)


def later(world: World, by: dt.timedelta) -> World:
    """The same world when so much time has passed."""
    old = world.payment
    times = {name: at - by for name in TIMES if (at := getattr(old, name)) is not None}
    said = frozenset((fact, of and of - by) for fact, of in world.said)
    return world._replace(payment=replace(old, **times), said=said)


def _says(world: World, *facts: Fact, of: dt.datetime | None = None) -> World:
    return world._replace(said=world.said | {(fact, of) for fact in facts})


def _looks(world: World, resends: bool) -> Iterator[Step]:
    """A worker claims it; what it learns is said, and may be heard or not."""
    move = machine.move(world.payment)
    claimed = world._replace(payment=replace(world.payment, next_at=NOW + dt.timedelta(seconds=8)))
    match move:
        case "send":
            yield heard(claimed, f.SessionOpen(), None, resends)
            started = heard(claimed, f.SessionOver(), None, resends)
            yield started  # and was killed before it could ask
            yield from _requested(started.world)
        case "ask":
            yield from (Step("asks", _says(claimed, fact)) for fact in (*answers(world), f.NoAnswer()))
        case "post":
            yield from _posts(claimed)


def _requested(world: World) -> Iterator[Step]:
    of = world.payment.moved_at
    yield Step("request lost", _says(world, f.NoAnswer(), of=of))
    yield Step("request slow", _says(world._replace(slow=True), f.NoAnswer(), of=of))
    if world.wallet == "":
        yield Step("busy", _says(world, f.Busy(), of=of))
        yield Step("refused", _says(world._replace(wallet="refused"), f.NotTaken("wallet limit"), of=of))
        world = world._replace(wallet="asked", sends=world.sends + 1)
    elif world.wallet != "refused":
        world = world._replace(sends=world.sends + 1)
    answer = f.NotTaken("wallet limit") if world.wallet == "refused" else f.Acknowledged("x")
    yield Step("arrived", _says(world, answer, of=of))
    yield Step("arrived, no answer", _says(world, f.NoAnswer(), of=of))


def answers(world: World) -> tuple[Fact, ...]:
    """What a wallet that is asked may say: nothing but the truth."""
    match world.wallet:
        case "":
            return (f.NotThere(),)
        case "asked":
            return (f.StillOpen(), f.NotThere())
        case "taken":
            return (f.Paid("R1", BOTH),)
        case "twice":
            return (f.Paid("R1", BOTH), f.Paid("R2", BOTH))
        case "less":
            return (f.Paid("R1", LESS),)
        case "declined":
            return (f.NotPaid("declined"),)
        case _:
            return (f.NotPaid("refused"), f.NotThere())


def _payer(world: World) -> Iterator[Step]:
    if world.slow:
        there = world._replace(slow=False)
        made = there if world.wallet else there._replace(wallet="asked", sends=world.sends + 1)
        yield Step("arrives late", made)
    if world.wallet == "asked":
        for wallet in ("taken", "less", "declined"):
            made = world._replace(wallet=wallet)
            yield Step(f"payer: {wallet}", _says(made, *answers(made)))
    if world.wallet == "taken":
        made = world._replace(wallet="twice")
        yield Step("charged again", _says(made, *answers(made)))


def _posts(world: World) -> Iterator[Step]:
    """The bank posts a key once, and says so again whenever it is asked."""
    amount = world.payment.amount
    done = world._replace(bank="posted", posted=world.posted or amount)
    done = done._replace(postings=world.postings + (world.bank != "posted"))
    if world.bank != "refused":
        yield Step("posts", _says(done, f.Posted("B1")))
        yield Step("posts, no answer", _says(done, f.PostUnanswered()))
    if world.bank in ("", "waiting"):
        yield Step("waits for approval", _says(world._replace(bank="waiting"), f.AwaitsApproval("B1")))
    if world.bank != "posted":
        yield Step("refuses", _says(world._replace(bank="refused"), f.PostRefused("closed")))
    yield Step("bank is down", _says(world, f.PostUnanswered()))


def _person(world: World, resends: bool) -> Iterator[Step]:
    """Staff look before they decide: they say *not paid* only if nothing was taken, or after it was given back."""
    if world.payment.state != "exception" or world.person:
        return
    ways: list[str] = []
    if world.payment.taken is None:
        ways = {"taken": ["paid"], "twice": ["paid"], "declined": ["not paid"], "": ["not paid"]}.get(world.wallet, [])
    elif world.bank != "posted":
        ways = ["not paid", "post again"]
    else:
        ways = ["paid"]
    for way in ways:
        fact = f.Decided(way, "asha", "looked", "R1")  # type: ignore[arg-type]
        gone = world._replace(person=way, wallet="refused" if way == "not paid" and not world.wallet else world.wallet)
        bank = "" if way == "post again" else "returned" if way == "not paid" else world.bank
        step = heard(gone._replace(bank=bank), fact, None, resends)
        yield step._replace(name=f"person: {way}")
