"""The states of a payment over all orders of what can happen, up to a bound: see paying_model.py."""

from __future__ import annotations

import datetime as dt
import os
from collections import deque
from collections.abc import Iterable
from functools import cache
from typing import get_args

import pytest
from paying_model import BOTH, FEE, LESS, NOW, Step, World, answers, begin, heard, later, steps

from flows.paying import facts as f
from flows.paying import looks, machine
from flows.paying.facts import CLOSED, Fact, Payment, State
from flows.values import Money

DEPTH = int(os.environ.get("NJIA_PAYMENT_DEPTH") or 7)  # of everything that can happen; 10 takes some minutes
MONEY = ("taken", "twice", "less")
NOTHING = ("", "declined", "refused")
FINAL = (f.NotTaken, f.NotPaid, f.Busy, f.SessionOpen, f.Decided)
EVERY: tuple[Fact, ...] = (
    f.Acknowledged("x"),
    f.NotTaken("refused"),
    f.Busy(),
    f.NoAnswer(),
    f.Paid("R1", BOTH),
    f.Paid("R9", BOTH),
    f.Paid("", BOTH),
    f.Paid("R1", LESS),
    f.NotPaid("declined"),
    f.StillOpen(),
    f.NotThere(),
    f.Posted("B1"),
    f.AwaitsApproval("B1"),
    f.PostRefused("closed"),
    f.PostUnanswered(),
    f.SessionOver(),
    f.SessionOpen(),
    f.Decided("paid", "asha", "looked"),
    f.Decided("not paid", "asha", "looked"),
    f.Decided("post again", "asha", "looked"),
)


@cache
def explored(resends: bool, depth: int = DEPTH) -> frozenset[World]:
    """Every world that can come to be within ``depth`` steps; each step into one was checked."""
    first = begin()
    seen, left = {first}, deque([(first, 0)])
    while left:
        world, deep = left.popleft()
        for step in steps(world, resends) if deep < depth else ():
            check(world, step, resends)
            if step.world not in seen:
                seen.add(step.world)
                left.append((step.world, deep + 1))
    return frozenset(seen)


def check(before: World, step: Step, resends: bool) -> None:
    """What must hold of each step, whatever came before."""
    world, payment, story = step.world, step.world.payment, (before, step)
    given_back = world.person == "not paid"
    if payment.state == "failed" != before.payment.state:
        assert isinstance(step.fact, FINAL), story
        assert (world.wallet in NOTHING and not (world.slow and not world.wallet)) or given_back, story
    for told in machine.texts(before.payment, payment):
        match told:
            case "not paid":
                assert payment.state == "failed" and (payment.taken is None or given_back), story
            case "paid":
                assert world.bank == "posted" and world.wallet in MONEY and payment.receipt in ("R1", "R2"), story
            case "unknown":
                on_account = payment.bank_ref and payment.state != "pending approval"
                assert payment.state not in CLOSED and not on_account, story
    assert world.sends <= 1 or resends, story
    _check_money(world)
    assert payment.next_at is not None or payment.state in (*CLOSED, "exception"), story


def _check_money(world: World) -> None:
    payment = world.payment
    assert payment.told or payment.state != "exception", "nobody waits for a person without a word"
    assert payment.told != "not paid" or payment.state != "exception", "untrue: a person looks at money that was taken"
    assert world.postings <= 1, world
    if world.posted:
        took = LESS if world.wallet == "less" else BOTH
        assert world.wallet in MONEY and world.person != "not paid", world
        assert world.posted == Money(took.minor - FEE.minor, "KES"), world
    if payment.taken is not None:
        safe = payment.state in (*looks.TAKEN, "posted", "exception")
        assert world.wallet in MONEY and (safe or world.person == "not paid"), world
    if payment.state == "posted":
        assert world.bank == "posted", world


@pytest.mark.parametrize("resends", [True, False])
def test_every_order_up_to_the_bound(resends: bool) -> None:
    met = {world.payment.state for world in explored(resends)}
    assert met == set(get_args(State)), "what is never reached is not checked"


@pytest.mark.parametrize("resends", [True, False])
def test_from_everywhere_it_comes_to_a_true_end(resends: bool) -> None:
    """When nothing goes wrong any more: paid means on the account, or on a person's list."""
    for world in alike(explored(resends, DEPTH - 1)):
        end = settled(world, resends)
        state, reason = end.payment.state, end.payment.reason
        if end.wallet in MONEY and end.person != "not paid":
            assert state == "exception" or (state == "posted" and end.bank == "posted"), (world, end)
            assert state == "posted" or reason in ("amount differs", "paid twice", "bank refused"), (world, end)
        elif state == "exception":
            assert reason in ("no word", "bank refused", "amount differs", "paid twice"), (world, end)
        else:
            assert (state == "failed" and end.wallet in NOTHING) or end.person, (world, end)


def alike(worlds: Iterable[World]) -> Iterable[World]:
    """One of those that differ only in what plays no part from here on."""
    found = {}
    for world in worlds:
        said = frozenset((fact, None) for fact, _ in world.said if isinstance(fact, f.Paid))
        found[world._replace(sends=0, postings=0, posted=None, jumps=0, slow=False, said=said)] = world
    return found.values()


def settled(world: World, resends: bool) -> World:
    """The wallet and the bank answer from now on, and every callback that was sent is delivered."""
    for fact, _ in sorted(world.said, key=repr):
        if isinstance(fact, f.Paid):
            world = heard(world, fact, None, resends).world
    for _ in range(100):
        payment = world.payment
        if payment.next_at is None or (payment.reason == "no word" and world.wallet not in MONEY):
            return world
        world = _answered(later(world, max(payment.next_at - NOW, dt.timedelta())), resends)
    raise AssertionError(f"it never ends: {world}")


def _answered(world: World, resends: bool) -> World:
    if machine.move(world.payment) == "send":
        started = heard(world, f.SessionOver(), None, resends).world
        took = "taken" if world.wallet == "" else world.wallet
        return heard(started._replace(wallet=took), f.Acknowledged(), None, resends).world
    if machine.move(world.payment) == "post":
        refused = world.bank == "refused"
        fact: Fact = f.PostRefused("closed") if refused else f.Posted("B1")
        return heard(world._replace(bank=world.bank if refused else "posted"), fact, None, resends).world
    return heard(world, answers(world)[0], None, resends).world


def payments() -> set[Payment]:
    return {world.payment for resends in (True, False) for world in explored(resends, DEPTH - 1)}


def test_every_fact_in_every_state_twice_is_once() -> None:
    for payment in payments():
        for fact in EVERY:
            for resends in (True, False):
                once = machine.after(payment, fact, NOW, resends=resends, of=payment)
                assert machine.after(once, fact, NOW, resends=resends, of=payment) is once, (payment, fact, once)


def test_what_changes_nothing_gives_the_same_object() -> None:
    for payment in payments():
        for fact in EVERY:
            made = machine.after(payment, fact, NOW)
            assert made is payment or made != payment, (payment, fact)


def test_word_of_money_beats_everything() -> None:
    for payment in payments():
        made = machine.after(payment, f.Paid("R1", BOTH), NOW)
        assert made.taken is not None
        if payment.taken is None:
            assert (made.state, made.receipt, machine.move(made)) == ("succeeded", "R1", "post"), payment


@pytest.mark.parametrize("place", ["suspense", "L-1", "L-2"])
def test_money_that_came_in_apart_is_never_posted_as_well(place: str) -> None:
    """And it is told as paid only where it is on the account, as not paid only where it is on none."""
    for payment in payments():
        for fact in EVERY:
            made = machine.after(payment, fact, NOW, place=place)
            assert made.state != "succeeded" or payment.state == "succeeded", (payment, fact)
            assert machine.after(made, fact, NOW, place=place) is made, (payment, fact)
            if isinstance(fact, f.Decided) and payment.taken and not payment.bank_ref and payment.told != "paid":
                assert made.state != "posted" or place == payment.account, (payment, fact)
                assert made.state != "failed" or payment.state == "failed" or place == "suspense", (payment, fact)


def test_known_money_is_given_up_by_a_person_alone() -> None:
    for payment in payments():
        for fact in EVERY if payment.taken else ():
            made = machine.after(payment, fact, NOW)
            given_up = made.state == "failed" != payment.state
            assert made.taken and (not given_up or isinstance(fact, f.Decided)), (payment, fact)


def test_time_alone_fails_nothing() -> None:
    """However late it is and whatever is not known: it waits, or a person looks as well."""
    unsure: tuple[Fact, ...] = (f.Acknowledged(), f.StillOpen(), f.NotThere(), f.NoAnswer(), f.PostUnanswered())
    for payment in payments():
        for fact in unsure:
            made = machine.after(payment, fact, NOW + dt.timedelta(days=9), resends=True)
            assert made.state == payment.state or made.state not in CLOSED, (payment, fact)
