"""The simulated wallet: each behaviour, and that what it took and has to tell outlives every process of ours."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from msgspec import structs
from redis.asyncio import Redis
from wallets import NOW, PAYMENT, WALLET, Bed, bed, opened

from adapters.channel import BadSettings
from adapters.payment import Unanswered
from adapters.simulation import BEHAVIOURS, Behaviour, MemoryNotebook
from flows.paying.facts import Acknowledged, Busy, NoAnswer
from gateway.clock import SetClock
from gateway.store.notebook import Notebook
from worker.pretending import telling

# behaviour: what the request says; then after 0, 10 and 100 seconds: what asking says, callbacks posted, money taken
WAYS: dict[Behaviour, tuple[type, list[tuple[str, int, int]]]] = {
    "succeed": (Acknowledged, [("StillOpen", 0, 0), ("Paid", 1, 1), ("Paid", 1, 1)]),
    "refuse": (Acknowledged, [("StillOpen", 0, 0), ("NotPaid", 1, 0), ("NotPaid", 1, 0)]),
    "late": (Acknowledged, [("StillOpen", 0, 0), ("StillOpen", 0, 1), ("Paid", 1, 1)]),
    "twice": (Acknowledged, [("StillOpen", 0, 0), ("Paid", 2, 1), ("Paid", 2, 1)]),
    "callback-first": (Acknowledged, [("Paid", 1, 1), ("Paid", 1, 1), ("Paid", 1, 1)]),
    "silent": (NoAnswer, [("Unanswered", 0, 0), ("Unanswered", 0, 0), ("Unanswered", 0, 0)]),
    "lose": (NoAnswer, [("NotThere", 0, 0), ("NotThere", 0, 0), ("NotThere", 0, 0)]),
}


@pytest.fixture(params=["memory", "redis"])
async def notebook(request: pytest.FixtureRequest) -> AsyncIterator[Any]:
    if request.param == "memory":
        yield MemoryNotebook()
        return
    async with Redis.from_url(request.getfixturevalue("valkey_url")) as redis:
        yield Notebook(redis, "simulated")


@pytest.fixture
async def made(notebook: Any) -> AsyncIterator[Bed]:
    async with bed(notebook) as one:
        yield one


async def asked(provider: Any, ref: str = "pay-1") -> str:
    try:
        return type(await provider.ask(ref)).__name__
    except Unanswered:
        return "Unanswered"


async def taken(provider: Any) -> int:
    return len(await provider.statement(NOW.replace(year=2000), NOW.replace(year=2100)))


def test_every_behaviour_is_described() -> None:
    assert set(WAYS) == set(BEHAVIOURS)


@pytest.mark.parametrize("behaviour", WAYS)
async def test_behaves(made: Bed, behaviour: Behaviour) -> None:
    says, course = WAYS[behaviour]
    await made.payer(behaviour)
    assert isinstance(await made.provider.request(PAYMENT), says)
    seen = []
    for seconds in (0, 10, 90):
        await made.later(seconds)
        seen.append((await asked(made.provider), len(made.posted), await taken(made.provider)))
    assert seen == course


async def test_what_was_lost_arrives_when_it_is_sent_again(made: Bed) -> None:
    await made.payer("lose")
    assert isinstance(await made.provider.request(PAYMENT), NoAnswer)
    assert isinstance(await made.provider.request(PAYMENT), Acknowledged)
    await made.later(10)
    assert (await asked(made.provider), await taken(made.provider), len(made.posted)) == ("Paid", 1, 1)
    assert isinstance(await made.provider.request(structs.replace(PAYMENT, ref="pay-2")), NoAnswer)


@pytest.mark.parametrize(
    ("then", "ends", "money"), [("succeed", "Paid", 1), ("refuse", "NotPaid", 0), ("lose", "Paid", 1)]
)
async def test_silence_ends_when_it_is_told_to(made: Bed, then: Behaviour, ends: str, money: int) -> None:
    await made.payer("silent")
    await made.provider.request(PAYMENT)
    await made.later(3600)
    assert (await asked(made.provider), await taken(made.provider)) == ("Unanswered", 0)
    await made.payer(then)
    assert await asked(made.provider) == "StillOpen"
    await made.later(10)
    assert (await asked(made.provider), await taken(made.provider), len(made.posted)) == (ends, money, 1)


async def test_silence_ends_also_if_nobody_asks(made: Bed, notebook: Any) -> None:
    await made.payer("silent")
    await made.provider.request(PAYMENT)
    await made.later(3600)
    assert (len(made.posted), await taken(made.provider)) == (0, 0)
    await made.payer("succeed")
    await made.later(0.25)
    assert (len(made.posted), await taken(made.provider)) == (0, 0)
    await made.later(1)
    assert (len(made.posted), await taken(made.provider), await asked(made.provider)) == (1, 1, "Paid")
    await made.later(1)
    assert [await notebook.pages(section) for section in ("silent:", "due:")] == [[], []]


async def test_a_behaviour_is_of_one_number_and_of_what_is_asked_from_then_on(made: Bed) -> None:
    await made.provider.request(PAYMENT)
    await made.payer("refuse")
    other = structs.replace(PAYMENT, ref="pay-2", wallet="+254700000002")
    await made.provider.request(other)
    await made.provider.request(structs.replace(PAYMENT, ref="pay-3"))
    await made.later(10)
    assert [await asked(made.provider, f"pay-{n}") for n in (1, 2, 3)] == ["Paid", "Paid", "NotPaid"]


async def test_it_refuses_while_the_phone_is_in_a_session(notebook: Any) -> None:
    talking = {WALLET}

    async def in_session(phone: str) -> bool:
        return phone in talking

    async with bed(notebook, in_session=in_session) as made:
        assert await made.provider.request(PAYMENT) == Busy()
        await made.later(10)
        assert (await asked(made.provider), await taken(made.provider)) == ("NotThere", 0)
        talking.clear()
        assert isinstance(await made.provider.request(PAYMENT), Acknowledged)
        talking.add(WALLET)
        assert isinstance(await made.provider.request(PAYMENT), Acknowledged)  # it is there already


async def test_it_forgets_nothing_when_every_process_dies(notebook: Any) -> None:
    clock = SetClock(NOW)
    first = opened(notebook, clock)
    await first.behave(WALLET, "late")
    await first.request(PAYMENT)
    async with bed(notebook, clock) as second:  # another process, another port
        await second.later(60)
        assert (await asked(second.provider), await taken(second.provider), second.posted) == ("StillOpen", 1, [])
        await second.later(20)
        assert len(second.posted) == 1
        await second.later(20)
        assert len(second.posted) == 1
        assert isinstance(await second.provider.request(structs.replace(PAYMENT, ref="pay-2")), Acknowledged)
        assert await asked(second.provider, "pay-2") == "StillOpen"


async def test_of_two_that_tell_one_does(made: Bed, notebook: Any) -> None:
    for n in range(20):
        await made.provider.request(structs.replace(PAYMENT, ref=f"pay-{n}"))
    made.clock.advance(10)
    (tell,) = telling({"simulated": made.provider}).values()
    await asyncio.gather(tell(), tell(), tell())
    assert sorted(json.loads(one.body)["reference"] for one in made.posted) == sorted(f"pay-{n}" for n in range(20))
    assert await notebook.pages("due:") == []


async def test_a_note_without_its_payment_is_thrown_away_later(made: Bed, notebook: Any) -> None:
    """As when a process was killed between the two."""
    await notebook.put("due:pay-1", None, repr(NOW.timestamp()).encode())
    await made.later(10)
    assert isinstance(await made.provider.request(PAYMENT), Acknowledged)
    await made.later(10)
    assert len(made.posted) == 1
    await notebook.put("due:pay-2", None, repr(NOW.timestamp()).encode())
    await made.later(100)
    assert await notebook.pages("due:") == []


async def test_a_callback_that_nobody_hears_is_lost(notebook: Any) -> None:
    clock = SetClock(NOW)
    deaf = opened(notebook, clock, "http://127.0.0.1:9/payments/simulated")
    await deaf.behave(WALLET, "callback-first")
    assert isinstance(await deaf.request(PAYMENT), Acknowledged)
    await deaf.behave(WALLET, "twice")
    await deaf.request(structs.replace(PAYMENT, ref="pay-2"))
    clock.advance(10)
    await deaf.tell()
    assert [await asked(deaf, ref) for ref in ("pay-1", "pay-2")] == ["Paid", "Paid"]


async def test_receipts_look_like_receipts_and_differ() -> None:
    wallet, clock = MemoryNotebook(), SetClock(NOW)
    provider = opened(wallet, clock)
    for n in range(500):
        await provider.request(structs.replace(PAYMENT, ref=f"{n:032x}"))
    clock.advance(10)
    receipts = {line.receipt for line in await provider.statement(NOW, NOW.replace(year=2100))}
    assert len(receipts) == 500 and all(len(one) == 10 and one.isalnum() and one.isupper() for one in receipts)


async def test_a_notebook_that_is_down_stops_the_sweep_and_is_tried_again() -> None:
    async with Redis.from_url("redis://127.0.0.1:9") as redis:
        provider = opened(Notebook(redis, "simulated"), SetClock(NOW))
        (tell,) = telling({"simulated": provider}).values()
        with pytest.raises(OSError, match="notebook"):
            await tell()
        with pytest.raises(Unanswered):
            await provider.behave(WALLET, "succeed")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (
            {"late_second": 5},
            r"\[payments\.simulated\] late_second: there is no such setting\. Did you mean late_seconds\?",
        ),
        ({"late_seconds": "soon"}, "late_seconds: must be a whole number of seconds"),
        ({"late_seconds": 0}, "late_seconds: must be a whole number"),
        ({"late_seconds": True}, "late_seconds: must be a whole number"),
        ({"secret": "short"}, "secret: must have 16 characters or more"),
    ],
)
def test_settings_that_cannot_work(options: dict[str, Any], says: str) -> None:
    with pytest.raises(BadSettings, match=says):
        opened(MemoryNotebook(), SetClock(NOW), **options)


def test_outside_of_a_demonstration_there_is_none() -> None:
    with pytest.raises(BadSettings, match="takes no real money: it is for demonstrations only"):
        opened(None, SetClock(NOW))
