"""What every payment provider must do, whoever takes the money: one reference takes it once, and nothing is guessed.

A provider that is added gets a class with a fixture ``bed``: the provider at a wallet (its vendor's sandbox, or what
stands in for it) whose payer does what the test says, on a clock that the test moves.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from typing import Any, ClassVar

import aiohttp
import pytest
from msgspec import structs
from redis.asyncio import Redis
from wallets import NOW, PAYMENT, WALLET, Bed, bed, opened

from adapters.channel import Rejected, Request
from adapters.payment import Provider, Unanswered
from adapters.simulation import MemoryNotebook
from flows.paying.facts import Acknowledged, NoAnswer, NotPaid, NotThere, Paid, StillOpen
from gateway.clock import SetClock
from gateway.store.notebook import Notebook

EVER = NOW - dt.timedelta(days=1), NOW + dt.timedelta(days=1)
ANSWERED = 10.0  # seconds in which a payer has answered, and the wallet has told of it
NONSENSE = {
    "nothing": b"",
    "no object": b"[]",
    "a form": b"reference=pay-1&status=completed",
    "a page": b"<html>502</html>",
    "half": b'{"reference": "pay-1", "sta',
    "bytes": b"\xff\xfe\x00",
    "deep": b"[" * 100_000,
    "deeper": b'{"more": ' + b"[" * 30_000,
    "a line too many": b'{"reference": "pay-1\\n", "status": "failed"}',
    "no zone": b'{"reference": "pay-1", "status": "failed", "at": "2026-11-23T09:00:00"}',
    "no time": b'{"reference": "pay-1", "status": "failed", "at": "0001-01-01T00:00:00+14:00"}',
    "no reference": b'{"status": "completed", "receipt": "S1", "amount_minor": 100, "currency": "KES"}',
    "a strange reference": b'{"reference": "../x", "status": "completed", "receipt": "S1", "amount_minor": 100}',
    "another status": b'{"reference": "pay-1", "status": "probably"}',
    "no receipt": b'{"reference": "pay-1", "status": "completed", "amount_minor": 51000, "currency": "KES"}',
    "no money": b'{"reference": "pay-1", "status": "completed", "receipt": "S1", "amount_minor": 0, "currency": "KES"}',
    "money in text": b'{"reference": "pay-1", "status": "completed", "receipt": "S1", "amount_minor": "51000"}',
    "half a cent": b'{"reference": "pay-1", "status": "completed", "receipt": "S1", "amount_minor": 0.5}',
    "too much money": b'{"reference": "pay-1", "status": "completed", "receipt": "S1", "amount_minor": 1e40}',
    "other money": b'{"reference": "p", "status": "completed", "receipt": "S1", "amount_minor": 9, "currency": "UGX"}',
}


class Contract:
    """The tests that every provider must pass."""

    forged: ClassVar[bytes]  # what somebody else would post to say that PAYMENT was paid
    nonsense: ClassVar[dict[str, bytes]] = NONSENSE

    async def test_money_is_taken_once_the_payer_agrees(self, bed: Bed) -> None:
        assert isinstance(await bed.provider.request(PAYMENT), Acknowledged)
        assert await bed.provider.statement(*EVER) == []
        assert await bed.provider.ask(PAYMENT.ref) == StillOpen()
        await bed.later(ANSWERED)
        paid = await bed.provider.ask(PAYMENT.ref)
        assert isinstance(paid, Paid) and paid.amount == PAYMENT.amount and paid.receipt
        (line,) = await bed.provider.statement(*EVER)
        assert (line.ref, line.receipt, line.amount, line.wallet) == ("pay-1", paid.receipt, PAYMENT.amount, WALLET)

    async def test_one_reference_takes_money_once(self, bed: Bed) -> None:
        said = await asyncio.gather(*(bed.provider.request(PAYMENT) for _ in range(5)))
        assert {type(one) for one in said} == {Acknowledged}
        await bed.later(ANSWERED)
        paid = await bed.provider.ask(PAYMENT.ref)
        assert isinstance(await bed.provider.request(PAYMENT), Acknowledged)
        await bed.later(ANSWERED)
        assert len(await bed.provider.statement(*EVER)) == 1
        assert await bed.provider.ask(PAYMENT.ref) == paid

    async def test_another_reference_is_another_payment(self, bed: Bed) -> None:
        for ref in ("pay-1", "pay-2"):
            await bed.provider.request(structs.replace(PAYMENT, ref=ref))
        await bed.later(ANSWERED)
        lines = await bed.provider.statement(*EVER)
        assert {line.ref for line in lines} == {"pay-1", "pay-2"} and len({line.receipt for line in lines}) == 2

    async def test_a_payer_who_declines_pays_nothing(self, bed: Bed) -> None:
        await bed.payer("refuse")
        assert isinstance(await bed.provider.request(PAYMENT), Acknowledged)
        await bed.later(ANSWERED)
        assert await bed.provider.ask(PAYMENT.ref) == NotPaid("declined")
        assert await bed.provider.statement(*EVER) == []

    async def test_what_never_arrived_is_not_there(self, bed: Bed) -> None:
        assert await bed.provider.ask("pay-9") == NotThere()

    async def test_a_callback_says_what_asking_says(self, bed: Bed) -> None:
        for does, ref in (("succeed", "pay-1"), ("refuse", "pay-2")):
            await bed.payer(does)  # type: ignore[arg-type]
            await bed.provider.request(structs.replace(PAYMENT, ref=ref))
        await bed.later(ANSWERED)
        said = dict(each for request in bed.posted for each in bed.provider.callback(request))
        assert said == {ref: await bed.provider.ask(ref) for ref in ("pay-1", "pay-2")}
        assert 200 <= bed.provider.acknowledge().status < 300

    async def test_a_forged_callback_is_refused_or_asking_knows_better(self, bed: Bed) -> None:
        await bed.provider.request(PAYMENT)
        forged = Request("POST", "/payments/x", {"Content-Type": "application/json"}, "", self.forged)
        if bed.provider.signed:
            with pytest.raises(Rejected) as rejected:
                bed.provider.callback(forged)
            assert rejected.value.status == 403
        else:
            ((ref, said),) = bed.provider.callback(forged)
            assert ref == PAYMENT.ref and isinstance(said, Paid)
        assert await bed.provider.ask(PAYMENT.ref) == StillOpen()
        assert await bed.provider.statement(*EVER) == []

    async def test_nonsense_is_rejected_and_not_repeated(self, bed: Bed) -> None:
        for name, body in self.nonsense.items():
            with pytest.raises(Rejected) as rejected:
                bed.provider.callback(Request("POST", "/payments/x", {}, "", body))
                pytest.fail(name)
            assert "pay-1" not in rejected.value.reason and WALLET[1:] not in rejected.value.reason, name

    async def test_a_statement_is_of_its_time(self, bed: Bed) -> None:
        await bed.provider.request(PAYMENT)
        await bed.later(ANSWERED)
        ((at, second),) = [(line.at, dt.timedelta(seconds=1)) for line in await bed.provider.statement(*EVER)]
        assert len(await bed.provider.statement(at, at + second)) == 1
        assert await bed.provider.statement(at - second, at) == []
        assert await bed.provider.statement(at + second, at + second) == []

    async def test_it_gives_back_its_connections(self, bed: Bed, monkeypatch: pytest.MonkeyPatch) -> None:
        made: list[aiohttp.ClientSession] = []

        begin = aiohttp.ClientSession.__init__

        def noted(self: aiohttp.ClientSession, *words: Any, **more: Any) -> None:
            begin(self, *words, **more)
            made.append(self)

        monkeypatch.setattr(aiohttp.ClientSession, "__init__", noted)
        for _ in range(2):
            await bed.provider.close()
        await bed.provider.request(PAYMENT)
        await bed.later(ANSWERED)
        await bed.provider.close()
        assert made and all(one.closed for one in made)

    async def test_out_of_reach_nothing_is_claimed(self, away: Provider) -> None:
        assert await away.request(PAYMENT) == NoAnswer()
        for asked in (away.ask("pay-1"), away.statement(*EVER)):
            with pytest.raises(Unanswered) as unanswered:
                await asked
            assert WALLET[1:] not in str(unanswered.value)


class TestSimulated(Contract):
    forged = (
        b'{"reference": "pay-1", "status": "completed", "receipt": "SFORGED001", "amount_minor": 51000,'
        b' "currency": "KES", "at": "2026-11-23T09:00:00Z"}'
    )

    @pytest.fixture(params=["", "only the wallet and we know this"], ids=["unsigned", "signed"])
    async def bed(self, request: pytest.FixtureRequest, valkey_url: str) -> AsyncIterator[Bed]:
        options = {"secret": request.param} if request.param else {}
        async with Redis.from_url(valkey_url) as redis, bed(Notebook(redis, "simulated"), **options) as made:
            yield made

    @pytest.fixture
    async def away(self) -> AsyncIterator[Provider]:
        async with Redis.from_url("redis://127.0.0.1:9") as redis:
            yield opened(Notebook(redis, "simulated"), SetClock(NOW))


class TestSimulatedInMemory(TestSimulated):
    @pytest.fixture
    async def bed(self) -> AsyncIterator[Bed]:
        async with bed(MemoryNotebook()) as made:
            yield made
