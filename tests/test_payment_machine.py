"""What moves a payment, case by case, and when it is looked at again. All orders: test_payment_model.py."""

from __future__ import annotations

import datetime as dt

import pytest
from msgspec.structs import replace
from paying_model import BOTH, LESS, NOW, begin

from flows.paying import facts as f
from flows.paying import machine
from flows.paying.facts import Fact, Payment
from flows.values import Money


def sent(**changes: object) -> Payment:
    made = machine.after(begin().payment, f.SessionOver(), NOW)
    return replace(made, **changes)


def test_when_the_wallet_is_asked() -> None:
    """At 5, 10, 20, 40, 60 s; 2, 5, 10, 30 min; each hour; then a person looks too, and it is asked each day."""
    payment, now, looked = sent(), NOW, []
    payment = machine.after(payment, f.Acknowledged(), now)
    while payment.state == "sent":
        assert payment.next_at is not None
        now = payment.next_at
        looked.append((now - NOW).total_seconds())
        payment = machine.after(payment, f.StillOpen(), now)
    assert looked[:9] == [5, 10, 20, 40, 60, 120, 300, 600, 1800]
    assert looked[9:] == [3600 * hour for hour in range(1, 49)]
    assert (payment.state, payment.reason, payment.next_at) == ("exception", "no word", now + dt.timedelta(days=1))
    paid = machine.after(payment, f.Paid("R1", BOTH), now)
    assert (paid.state, machine.move(paid)) == ("succeeded", "post")


def test_the_payer_is_told_once_that_nobody_knows() -> None:
    payment, told, now = sent(), [], NOW
    for seconds in (5, 59, 60, 61, 3600):
        now = NOW + dt.timedelta(seconds=seconds)
        made = machine.after(payment, f.NoAnswer(), now)
        told += [(seconds, word) for word in machine.texts(payment, made)]
        payment = made
    assert told == [(60, "unknown")]


@pytest.mark.parametrize(("resends", "state"), [(True, "created"), (False, "unknown")])
def test_a_request_that_is_not_there_is_sent_again_only_where_that_is_safe(resends: bool, state: str) -> None:
    payment = machine.after(sent(), f.NotThere(), NOW + dt.timedelta(seconds=5), resends=resends)
    assert payment.state == "unknown", "it may not be seen yet"
    payment = machine.after(payment, f.NotThere(), NOW + dt.timedelta(seconds=14), resends=resends)
    assert payment.state == "unknown", "seconds later it may not be seen yet either"
    payment = machine.after(payment, f.NotThere(), NOW + dt.timedelta(seconds=15), resends=resends)
    assert payment.state == state
    assert payment.asked_at == NOW, "something may still come of the first request"


def test_a_busy_phone_is_asked_again_and_given_up_after_ten_minutes() -> None:
    payment, now = begin().payment, NOW
    while payment.state != "failed" and now < NOW + dt.timedelta(hours=1):
        of = machine.after(payment, f.SessionOver(), now)
        payment = machine.after(of, f.Busy(), now, of=of)
        now += dt.timedelta(seconds=5)
    assert payment.reason == "busy"
    assert dt.timedelta(minutes=10) < now - NOW < dt.timedelta(minutes=10, seconds=15)


def test_a_busy_of_an_earlier_request_proves_nothing() -> None:
    first = sent()
    again = machine.after(machine.after(first, f.Busy(), NOW, of=first), f.SessionOver(), NOW + dt.timedelta(seconds=5))
    assert again.state == "sent"
    assert machine.after(again, f.Busy(), NOW, of=first) is again
    assert machine.after(again, f.Busy(), NOW) is again


def again(first: Payment, seconds: float = 20) -> Payment:
    """Sent a second time, since the wallet did not know the first request."""
    now = NOW + dt.timedelta(seconds=seconds)
    lost = machine.after(first, f.NotThere(), NOW, resends=True)
    lost = machine.after(lost, f.NotThere(), now, resends=True)
    return machine.after(lost, f.SessionOver(), now)


def test_a_busy_of_the_second_request_does_not_prove_that_nothing_came_of_the_first() -> None:
    second = again(sent())
    made = machine.after(second, f.Busy(), NOW + dt.timedelta(minutes=11), of=second)
    assert (made.state, made.asked_at, made.told) == ("sent", NOW, "unknown")


def test_a_second_request_may_again_take_its_time() -> None:
    second = again(sent())
    assert (second.state, second.unseen_since, second.asked_at) == ("sent", None, NOW)
    assert machine.after(second, f.NotThere(), NOW + dt.timedelta(seconds=29), resends=True).state == "unknown"


def test_however_often_it_is_sent_a_person_looks_after_two_days() -> None:
    payment, now = sent(), NOW
    while payment.state != "exception" and now < NOW + dt.timedelta(days=4):
        now = max(payment.next_at or now, now)
        fact = f.SessionOver() if payment.state == "created" else f.NotThere()
        payment = machine.after(payment, fact, now, resends=True)
    assert (payment.reason, payment.told, (now - NOW).days) == ("no word", "unknown", 2)


def test_a_phone_that_is_never_free_again_is_a_matter_for_a_person() -> None:
    lost = machine.after(sent(), f.NotThere(), NOW, resends=True)
    lost = machine.after(lost, f.NotThere(), NOW + dt.timedelta(seconds=20), resends=True)
    hours = [machine.after(lost, f.SessionOpen(), NOW + dt.timedelta(hours=each)) for each in (47, 48)]
    assert [(each.state, each.reason) for each in hours] == [("created", ""), ("exception", "no word")]


def test_a_late_answer_keeps_it_from_being_sent_again() -> None:
    lost = machine.after(sent(), f.NotThere(), NOW, resends=True)
    lost = machine.after(lost, f.NotThere(), NOW + dt.timedelta(seconds=10), resends=True)
    assert (lost.state, machine.move(lost)) == ("created", "send")
    late = machine.after(lost, f.StillOpen(), NOW + dt.timedelta(seconds=11))
    assert (late.state, late.asked_at, machine.move(late)) == ("sent", NOW, "ask")


def test_a_doubt_does_not_keep_the_money_from_the_account() -> None:
    taken = machine.after(sent(), f.Paid("R1", BOTH), NOW)
    twice = machine.after(taken, f.Paid("R2", BOTH), NOW)
    assert (twice.state, twice.receipt, machine.move(twice)) == ("succeeded", "R1", "post")
    posted = machine.after(twice, f.Posted("B1"), NOW)
    assert (posted.state, posted.reason, machine.texts(twice, posted)) == ("exception", "paid twice", ("paid",))
    settled = machine.after(posted, f.Decided("paid", "asha", "gave R2 back"), NOW)
    assert settled.state == "posted"
    assert machine.after(settled, f.Paid("R2", BOTH), NOW) is settled, "what was settled is not asked again"


ODD: tuple[tuple[Fact, ...], ...] = (
    (f.Paid("R1", LESS),),
    (f.Paid("R1", BOTH), f.PostRefused("closed")),
    (f.Paid("R1", BOTH), f.PostUnanswered()),
    (f.Paid("R1", BOTH), f.AwaitsApproval("B1")),
    (f.Paid("R1", LESS), f.Decided("not paid", "asha", "gave it back"), f.Paid("R2", BOTH)),
)


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_who_was_told_not_paid_is_told_when_money_was_taken_after_all(odd: tuple[Fact, ...]) -> None:
    payment, now = machine.after(sent(), f.NotPaid("declined"), NOW), NOW + dt.timedelta(minutes=2)
    assert payment.told == "not paid"
    for fact in odd:
        payment = machine.after(payment, fact, now)
    assert payment.told == "unknown"


def test_what_is_on_the_account_stays_there_whatever_a_person_says() -> None:
    posted = machine.after(machine.after(sent(), f.Paid("R1", BOTH), NOW), f.Posted("B1"), NOW)
    twice = machine.after(posted, f.Paid("R2", BOTH), NOW)
    refused = machine.after(machine.after(sent(), f.Paid("R1", BOTH), NOW), f.PostRefused("closed"), NOW)
    by_hand = machine.after(refused, f.Decided("paid", "asha", "posted by hand"), NOW)
    assert by_hand.state == "posted" and not by_hand.bank_ref
    for payment in (twice, machine.after(by_hand, f.Paid("R2", BOTH), NOW)):
        assert (payment.state, payment.reason) == ("exception", "paid twice")
        for way in ("not paid", "post again"):
            assert machine.after(payment, f.Decided(way, "asha", "a mistake"), NOW) is payment


def test_paid_twice_is_not_forgotten_over_a_smaller_doubt() -> None:
    twice = machine.after(machine.after(sent(), f.Paid("R1", BOTH), NOW), f.Paid("R2", BOTH), NOW)
    for fact in (f.PostUnanswered(), f.AwaitsApproval("B1")):
        assert machine.after(twice, fact, NOW).reason == "paid twice"
    assert machine.after(twice, f.Paid("R1", LESS), NOW) is twice
    refused = machine.after(twice, f.PostRefused("closed"), NOW)
    assert (refused.state, refused.reason) == ("exception", "paid twice")


def test_another_amount_is_posted_as_it_was_taken_once_somebody_says_so() -> None:
    odd = machine.after(sent(), f.Paid("R1", LESS), NOW)
    assert (odd.state, odd.reason, odd.next_at) == ("exception", "amount differs", None)
    again = machine.after(odd, f.Decided("post again", "asha", "the payer agrees"), NOW)
    assert (again.state, again.amount, machine.move(again)) == ("succeeded", Money(39_000, "KES"), "post")


@pytest.mark.parametrize("fee", [Money(90_000, "KES"), Money(100, "TZS")])
def test_what_cannot_be_posted_stays_with_the_person(fee: Money) -> None:
    odd = machine.after(sent(), f.Paid("R1", Money(LESS.minor, fee.currency)), NOW)
    odd = replace(odd, fee=Money(fee.minor, "KES"))
    assert machine.after(odd, f.Decided("post again", "asha", "why not"), NOW) is odd


def test_the_bank_is_asked_until_it_answers() -> None:
    payment, now, pauses = machine.after(sent(), f.Paid("R1", BOTH), NOW), NOW, []
    for _ in range(12):
        payment = machine.after(payment, f.PostUnanswered(), now)
        assert payment.next_at is not None
        pauses.append((payment.next_at - now).total_seconds())
        now = payment.next_at
    assert pauses == [5, 5, 10, 20, 20, 60, 180, 300, 600, 600, 600, 600]
    assert payment.state == "posting"


LATE: tuple[Fact, ...] = (
    f.PostUnanswered(),
    f.PostRefused("closed"),
    f.AwaitsApproval("B1"),
    f.NoAnswer(),
    f.Posted("B1"),
)


@pytest.mark.parametrize("late", LATE, ids=repr)
def test_a_late_word_of_the_bank_changes_nothing_once_it_is_posted(late: Fact) -> None:
    posted = machine.after(machine.after(sent(), f.Paid("R1", BOTH), NOW), f.Posted("B1"), NOW)
    assert machine.after(posted, late, NOW) is posted


def test_what_the_bank_refused_is_not_asked_again_by_itself() -> None:
    refused = machine.after(machine.after(sent(), f.Paid("R1", BOTH), NOW), f.PostRefused("closed"), NOW)
    assert machine.after(refused, f.PostUnanswered(), NOW) is refused
    assert machine.after(refused, f.Posted("B1"), NOW).state == "posted", "but what it posted after all is posted"


def test_without_word_for_two_days_it_is_asked_once_a_day() -> None:
    now = NOW + dt.timedelta(hours=50)
    payment = machine.after(sent(), f.NoAnswer(), now)
    for _ in range(3):
        now += dt.timedelta(days=1)
        assert (payment.reason, machine.move(payment), payment.next_at) == ("no word", "ask", now)
        payment = machine.after(payment, f.StillOpen(), now)


def test_money_that_was_claimed_is_asked_for_until_the_wallet_says_what_is_so() -> None:
    failed = machine.after(sent(), f.NotPaid("declined"), NOW)
    assert (failed.next_at, machine.move(failed)) == (None, None)
    woken = replace(failed, next_at=NOW)
    silent = machine.after(woken, f.NoAnswer(), NOW)
    assert (silent.state, machine.move(silent), silent.next_at) == ("failed", "ask", NOW + dt.timedelta(seconds=5))
    assert machine.after(silent, f.NotPaid("declined"), NOW) == failed
    assert machine.after(silent, f.Paid("R1", BOTH), NOW).state == "succeeded"
    assert machine.after(woken, f.NoAnswer(), NOW + dt.timedelta(hours=48)).next_at is None
