"""Payments carried out: when the wallet is asked, what is done with its answers, and what a killed worker leaves."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator

import pytest
from staging import PHONE
from tills import ACCOUNT, AMOUNT, Till, opened_till

from adapters.payment import Unanswered
from flows.paying.facts import Acknowledged, Busy, NoAnswer, NotPaid, NotTaken, NotThere, Paid, StillOpen
from flows.ports import Refused, Unavailable, Uncertain
from flows.values import Money
from gateway.record import payments
from gateway.record.database import Database

LEAVES = 2.0  # seconds from the close of a session until its payment has left: what DESIGN promises
KILLED = 15.0  # the same where a worker was killed
SILENT = 3.0  # seconds after which a final screen without a notice counts as closed
PAID = Paid("SJK7TEST01", AMOUNT)
OTHER = "+254700000002"


@pytest.fixture
async def till(database: Database, valkey_url: str) -> AsyncIterator[Till]:
    async with opened_till(database, valkey_url) as made:
        yield made


async def until_asked(till: Till, step: float = 0.1) -> float:
    """Seconds until the wallet is asked, with the looks of a schedule that sweeps each half second."""
    began = till.clock.seconds()
    while not till.wallet.asked:
        assert till.clock.seconds() < began + 60, "the wallet was never asked"
        till.clock.advance(step)
        if round((till.clock.seconds() - began) / step) % 5 == 0:
            await till.sweep()
    return till.clock.seconds() - began


async def test_the_wallet_takes_the_fee_and_the_account_gets_the_amount(till: Till) -> None:
    both = Money(AMOUNT.minor + 1_500, "KES")
    till.wallet.answers = [Paid("SJK7TEST01", both)]
    await till.noticed()
    payment = await till.agree(fee=1_500)
    await till.pass_(30)
    (asked,), posted = till.wallet.asked, till.bank.posted[f"payment:{payment}"]
    assert (asked.amount, posted.amount, posted.fee) == (both, AMOUNT, 1_500)
    assert (await till.state(payment), (await till.texts())["paid"].endswith(" Fee KES 15.")) == ("posted", True)


@pytest.mark.parametrize("taken", [AMOUNT, Money(AMOUNT.minor + 1_499, "KES"), Money(AMOUNT.minor + 3_000, "KES")])
async def test_another_sum_than_amount_and_fee_is_a_matter_for_a_person(till: Till, taken: Money) -> None:
    till.wallet.answers = [Paid("SJK7TEST01", taken)]
    await till.noticed()
    payment = await till.agree(fee=1_500)
    await till.pass_(30)
    row = await till.row(payment)
    assert (row.payment.state, row.payment.reason, till.bank.posted) == ("exception", "amount differs", {})


# -- when it leaves ---------------------------------------------------------------------------------------------------


async def test_no_wallet_is_asked_while_the_session_is_open(till: Till) -> None:
    await till.phone()
    payment = await till.agree()
    await till.pass_(20)
    assert till.wallet.asked == []
    assert await till.state(payment) == "created"


async def test_it_leaves_within_two_seconds_of_the_notice(till: Till) -> None:
    await till.phone()
    await till.agree()
    await till.pass_(5)
    await till.noticed()
    assert await until_asked(till) <= LEAVES


async def test_without_a_notice_a_final_screen_counts_as_closed_after_a_moment(till: Till) -> None:
    await till.phone(closed=True)
    await till.agree()
    assert SILENT <= await until_asked(till) <= SILENT + LEAVES


async def test_a_session_that_was_left_open_is_over_when_the_network_has_ended_it(till: Till) -> None:
    await till.phone()
    await till.agree()
    assert 30 < await until_asked(till) < 50


async def test_who_dials_again_at_once_is_in_a_session_again(till: Till) -> None:
    await till.phone(closed=True)
    await till.agree()
    till.clock.advance(1)
    await till.phone()
    await till.pass_(10)
    assert till.wallet.asked == []
    await till.noticed()
    assert await until_asked(till) <= LEAVES


async def test_the_phone_that_pays_must_be_free_too(till: Till) -> None:
    await till.noticed()
    await till.phone(phone=OTHER)
    await till.agree(wallet=OTHER)
    await till.pass_(5)
    assert till.wallet.asked == []
    await till.phone(phone=OTHER, closed=True, noticed=True)
    assert await until_asked(till) <= LEAVES
    assert till.wallet.asked[0].wallet == OTHER


async def test_it_leaves_within_fifteen_seconds_if_the_worker_was_killed_before_it(till: Till) -> None:
    await till.phone()
    await till.agree()
    await till.noticed()
    till.clock.advance(0.5)
    assert await payments.claim(till.db, await payments.due(till.db, till.clock.now(), 9), till.clock.now())
    assert await until_asked(till) <= KILLED  # that worker was killed with the payment in its hands


@pytest.mark.parametrize("resends", [True, False])
async def test_a_worker_killed_while_it_asks_the_wallet(till: Till, resends: bool) -> None:
    """Nobody knows whether the request arrived: it is looked for first, and sent again only where that is safe."""
    till.wallet.resends, till.wallet.answers = resends, [NotThere()]
    await till.noticed()
    payment = await till.agree()
    assert await payments.start(till.db, payment, till.clock.now())  # and killed
    till.clock.advance(0.5)
    await till.sweep()
    assert till.wallet.looked == 0
    await till.pass_(KILLED)
    assert till.wallet.looked > 0
    await till.pass_(KILLED)
    assert len(till.wallet.asked) == (1 if resends else 0)
    till.wallet.answers = [PAID]
    await till.pass_(60)
    assert await till.state(payment) == "posted"


async def test_of_two_workers_one_asks(till: Till) -> None:
    await till.noticed()
    payment = await till.agree()
    await asyncio.gather(*(till.paying().pay([payment]) for _ in range(4)))
    assert len(till.wallet.asked) == 1


async def test_a_worker_that_was_too_slow_does_not_ask_after_another_has(till: Till) -> None:
    await till.noticed()
    payment = await till.agree()
    slow, quick = till.paying(), till.paying()

    async def looked(*_: object) -> bool:
        till.clock.advance(9)  # its claim has run out
        await quick.pay([payment])
        return True

    slow._session_over = looked  # type: ignore[method-assign]
    await slow.pay([payment])
    assert len(till.wallet.asked) == 1


async def test_what_is_decided_already_is_not_asked_for(till: Till) -> None:
    """A worker was killed between the word of money and the writing of it."""
    await till.noticed()
    payment = await till.agree()
    await callback(till, payment, PAID, proven=True)
    await till.sweep()
    assert (await till.state(payment), till.wallet.asked) == ("posted", [])


# -- what comes of it -------------------------------------------------------------------------------------------------


async def test_money_is_posted_at_once_and_then_told(till: Till) -> None:
    till.wallet.answers = [PAID]
    await till.noticed()
    payment = await till.agree()
    await till.pass_(10)
    assert await till.state(payment) == "posted"
    (posting,) = till.bank.posted.values()
    assert (posting.key, posting.account, posting.amount) == (f"payment:{payment}", ACCOUNT, AMOUNT)
    assert (posting.kind, posting.provider_ref, posting.on) == ("deposited", "SJK7TEST01", dt.date(2026, 11, 23))
    assert await till.texts() == {"paid": "KES 500 received, ref SJK7TEST01. Thank you."}
    assert [state for state, _, _ in (await till.row(payment)).history] == ["created", "sent", "succeeded", "posted"]


async def test_what_the_wallet_is_asked_for(till: Till) -> None:
    await till.noticed()
    payment = await till.agree()
    await till.sweep()
    (asked,) = till.wallet.asked
    assert (asked.ref, asked.wallet, asked.amount) == (payment, PHONE, AMOUNT)
    assert (asked.account, asked.payee) == (ACCOUNT, "Jamii Microfinance")


async def test_on_credit_it_is_a_repayment(till: Till) -> None:
    till.bank.features, till.wallet.answers = ("credit",), [PAID]
    await till.noticed()
    await till.agree()
    await till.pass_(10)
    assert [posting.kind for posting in till.bank.posted.values()] == ["repaid"]


@pytest.mark.parametrize(
    ("fact", "text"),
    [
        (NotTaken("no such wallet"), "Your payment of KES 500 was not made. To try again dial *384*7#."),
        (NotPaid("declined"), "Your payment of KES 500 was not made. To try again dial *384*7#."),
    ],
)
async def test_nothing_was_taken(till: Till, fact: NotTaken | NotPaid, text: str) -> None:
    if isinstance(fact, NotTaken):
        till.wallet.requests = [fact]
    till.wallet.answers = [fact]
    await till.noticed()
    payment = await till.agree()
    await till.pass_(10)
    assert await till.state(payment) == "failed"
    assert await till.texts() == {"not paid": text}
    assert till.bank.tried == 0


class Odd(Exception):
    """A fault of an adapter."""


@pytest.mark.parametrize("error", [Unanswered(), Odd(), NoAnswer()])
async def test_no_answer_is_never_no_payment(till: Till, error: Exception) -> None:
    till.wallet.requests = [error]
    till.wallet.answers = [Unanswered() if isinstance(error, NoAnswer) else error]
    await till.noticed()
    payment = await till.agree()
    await till.pass_(50)
    assert (await till.state(payment), await till.texts()) == ("unknown", {})
    await till.pass_(20)
    assert await till.texts() == {"unknown": "We are still checking your KES 500. Do not pay again. We will text you."}
    till.wallet.answers = [PAID]
    await till.pass_(600, step=30)
    assert await till.state(payment) == "posted"
    assert len(till.wallet.asked) == 1


async def test_a_wallet_that_hangs_is_given_up_and_asked_what_it_did(till: Till) -> None:
    till.wallet.meanwhile = asyncio.Event().wait
    till.wallet.answers = [PAID]
    await till.noticed()
    payment = await till.agree()
    await till.pass_(10)
    assert await till.state(payment) == "posted"
    assert len(till.wallet.asked) == 1


async def test_a_busy_phone_is_asked_again(till: Till) -> None:
    till.wallet.requests, till.wallet.answers = [Busy(), Busy(), Acknowledged()], [StillOpen()]
    await till.noticed()
    payment = await till.agree()
    await till.pass_(20)
    assert (len(till.wallet.asked), await till.state(payment)) == (3, "sent")


async def test_a_wallet_that_njia_toml_no_longer_has(till: Till) -> None:
    """It may come back for a while; then nothing was asked, so nothing was taken, and that is said."""
    await till.noticed()
    payment, other = await till.agree(), till.paying(providers={})
    await till.sweep(other)
    assert await till.state(payment) == "created"
    till.clock.advance(700)
    await till.sweep(other)
    assert (await till.state(payment), list(await till.texts())) == ("failed", ["not paid"])


# -- the bank ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [Unavailable(), Uncertain(), Odd()])
async def test_a_bank_that_is_down_is_asked_until_it_posts(till: Till, error: Exception) -> None:
    till.wallet.answers, till.bank.fails = [PAID], [error] * 12
    await till.noticed()
    payment = await till.agree()
    await till.pass_(30)
    assert (await till.state(payment), await till.texts()) == ("posting", {})
    await till.pass_(7200, step=60)
    assert (await till.state(payment), list(till.bank.posted)) == ("posted", [f"payment:{payment}"])
    assert list(await till.texts()) == ["unknown", "paid"]


async def test_what_the_bank_refuses_is_for_a_person(till: Till) -> None:
    till.wallet.answers, till.bank.fails = [PAID], [Refused("unknown account")]
    await till.noticed()
    payment = await till.agree()
    await till.pass_(600, step=5)
    row = await till.row(payment)
    assert (row.payment.state, row.payment.reason) == ("exception", "bank refused")
    assert list(await till.texts()) == ["unknown"], "the money was taken: they are told not to pay again"
    assert [one.payment.id for one in await payments.needing_person(till.db)] == [payment]
    assert till.bank.tried == 1


# -- callbacks --------------------------------------------------------------------------------------------------------


async def callback(till: Till, payment: str, fact: Paid | NotPaid, *, proven: bool) -> None:
    await payments.evidence(till.db, payment, fact, "{}", till.clock.now(), provider="purse", proven=proven)


async def test_a_callback_that_proves_itself_is_believed(till: Till) -> None:
    till.wallet.answers = [StillOpen()]
    await till.noticed()
    payment = await till.agree()
    await till.pass_(1)
    await callback(till, payment, PAID, proven=True)
    await till.sweep()
    assert (await till.state(payment), till.wallet.looked) == ("posted", 0)


async def test_one_that_does_not_only_makes_us_look(till: Till) -> None:
    till.wallet.answers = [NotPaid("declined")]
    await till.noticed()
    payment = await till.agree()
    await till.pass_(1)
    await callback(till, payment, PAID, proven=False)
    await till.sweep()
    assert (await till.state(payment), till.wallet.looked, till.bank.tried) == ("failed", 1, 0)


async def test_a_callback_before_the_request_returns(till: Till) -> None:
    await till.noticed()
    payment = await till.agree()
    till.wallet.meanwhile = lambda: callback(till, payment, PAID, proven=True)
    await till.sweep()
    await till.pass_(5)
    assert await till.state(payment) == "posted"
    assert list(await till.texts()) == ["paid"]


# -- its words --------------------------------------------------------------------------------------------------------


async def test_a_release_that_is_gone_leaves_the_engines_own_words(till: Till) -> None:
    till.wallet.answers, till.published.lost = [PAID], True
    await till.noticed()
    await till.agree(release="gone")
    await till.pass_(10)
    assert await till.texts() == {"paid": "Jamii: KES 500 received, ref SJK7TEST01. Thank you."}


async def test_words_that_need_what_was_not_kept_do_not_stop_a_receipt(till: Till) -> None:
    till.wallet.answers = [PAID]
    await till.noticed()
    await till.agree(names={})
    await till.pass_(10)
    assert await till.texts() == {"paid": "Jamii: KES 500 received, ref SJK7TEST01. Thank you."}
