"""A message from the outbox over HTTP to its provider, and the provider's reports back to the record."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import sqlalchemy as sa
from aiohttp import web
from houses import Served, served, settings_of
from redis.asyncio import Redis

from adapters.channel import Receipt
from flows.ports import Caller, Unavailable
from gateway import reporting
from gateway.clock import Clock
from gateway.record import outbox, tables
from gateway.record.consents import Consents
from gateway.record.database import Database
from gateway.secrets import channel_path
from worker.delivering import Delivery

PHONE = "+254700000001"
OPTIONS = {
    "NJIA_CHANNELS__SMS__ADAPTER": "sms/africastalking",
    "NJIA_CHANNELS__SMS__USERNAME": "njia",
    "NJIA_CHANNELS__SMS__API_KEY": "key-of-a-test",
}


class Provider:
    """Answers as Africa's Talking does; ``first`` is reported before it answers, as a network that is fast would."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.first: list[str] = []
        self.status = ""  # our address for reports

    async def take(self, request: web.Request) -> web.Response:
        form = await request.post()
        self.texts.append(str(form["message"]))
        ref = f"ATXid_{len(self.texts)}"
        for status in self.first:
            assert await self.report(ref, status) == 200
        recipient = {"statusCode": 101, "number": form["to"], "cost": "KES 0.8000", "messageId": ref}
        return web.json_response({"SMSMessageData": {"Message": "", "Recipients": [recipient]}}, status=201)

    async def report(self, ref: str, status: str, **more: str) -> int:
        form = {"id": ref, "status": status, "phoneNumber": "+2547****0001", **more}
        async with aiohttp.ClientSession() as session, session.post(self.status, data=form) as answer:
            return answer.status


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "data").mkdir()
    yield tmp_path / "data"


@asynccontextmanager
async def between(people_url: str, valkey_url: str, folder: Path) -> AsyncIterator[tuple[Served, Provider]]:
    provider = Provider()
    app = web.Application()
    app.router.add_post("/version1/messaging", provider.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    settings = settings_of(people_url, valkey_url, folder, **OPTIONS, NJIA_CHANNELS__SMS__BASE_URL=url)
    try:
        async with served(settings) as here:
            provider.status = f"{here.wire.url}{channel_path(here.house.keys, 'sms')}/status"
            yield here, provider
    finally:
        await runner.cleanup()


async def sent(here: Served, text: str = "Asante", ref: str = "a") -> Any:
    """Queues a message, runs its job, and returns its row."""
    stores = here.house.stores
    async with stores.db.write() as conn:
        await outbox.put(conn, ref=ref, to=PHONE, text=text, now=stores.clock.now())
    reports = reporting.Reports(stores.db, stores.clock, reporting.Early(stores.redis))
    await Delivery(stores.db, stores.clock, here.house.pushing, "sms", reports).deliver([ref])
    return await row(stores.db, ref)


async def row(db: Database, ref: str = "a") -> Any:
    async with db.read() as conn:
        return (await conn.execute(sa.select(tables.outbox).where(tables.outbox.c.ref == ref))).one()


async def test_a_message_and_its_reports(people_url: str, valkey_url: str, folder: Path) -> None:
    async with between(people_url, valkey_url, folder) as (here, provider):
        there = await sent(here, "You said “yes”…")
        assert (there.state, there.provider_ref, there.cost) == ("sent", "ATXid_1", "KES 0.8000")
        assert provider.texts == ['You said "yes"...'] == [there.text], "in the letters of a phone, and kept as it went"
        db = here.house.stores.db
        moves = [("Buffered", "sent"), ("AbsentSubscriber", "failed"), ("Sent", "failed"), ("Success", "delivered")]
        for status, state in [*moves, ("Failed", "delivered"), ("Success", "delivered")]:
            assert await provider.report("ATXid_1", status) == 200
            assert (await row(db)).state == state, status
        used: Any = here.house.pushing["sms"]
        assert used._web._session
    assert used._web._session is None, "the house closes what its channels opened"


async def test_a_report_that_is_faster_than_the_answer(people_url: str, valkey_url: str, folder: Path) -> None:
    async with between(people_url, valkey_url, folder) as (here, provider):
        provider.first = ["Sent", "Success", "Submitted"]
        assert (await sent(here)).state == "delivered"


async def test_why_it_failed_is_kept(people_url: str, valkey_url: str, folder: Path) -> None:
    async with between(people_url, valkey_url, folder) as (here, provider):
        await sent(here)
        assert await provider.report("ATXid_1", "Rejected", failureReason="UserInBlackList") == 200
        there = await row(here.house.stores.db)
        assert (there.state, there.reason) == ("failed", "UserInBlackList")
        stores = here.house.stores
        asked = Consents(stores.db, stores.clock).given
        caller = Caller(address=PHONE, channel="ussd", client="", language="en", conversation="c")
        assert await asked(caller) == {"survey": False, "reminder": True, "marketing": False}, "as after STOP"


async def test_strangers_and_nonsense(people_url: str, valkey_url: str, folder: Path) -> None:
    async with between(people_url, valkey_url, folder) as (here, provider):
        await sent(here)
        good, base = provider.status, here.wire.url
        assert await provider.report("ATXid_404", "Success") == 200, "another program's message on the same account"
        assert await provider.report("", "Success") == 400
        for path in ("/channels/sms/wrong/status", "/channels/nobody/wrong/status", "/channels/ussd/wrong/status"):
            provider.status = base + path
            assert await provider.report("ATXid_1", "Success") == 404, path
        provider.status = good.replace("/status", "")
        assert await provider.report("ATXid_1", "Success") == 404, "nothing comes in here"
        async with aiohttp.ClientSession() as session, session.get(good) as answer:
            assert answer.status == 405
        assert (await row(here.house.stores.db)).state == "sent"


async def test_it_is_sent_again_while_it_cannot_be_written_down(
    people_url: str, valkey_url: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with between(people_url, valkey_url, folder) as (here, provider):
        await sent(here)
        really = outbox.reported

        async def down(*_given: Any) -> bool:
            raise Unavailable

        monkeypatch.setattr(outbox, "reported", down)
        assert await provider.report("ATXid_1", "Success") == 503
        monkeypatch.setattr(outbox, "reported", really)
        assert await provider.report("ATXid_1", "Success") == 200
        assert (await row(here.house.stores.db)).state == "delivered"


async def test_whoever_comes_second_sees_the_first(database: Database, valkey_url: str) -> None:
    """A report that looked at the record too early, and a worker that looked for reports too early."""
    redis = Redis.from_url(valkey_url)
    early, now = reporting.Early(redis), dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
    async with database.write() as conn:
        await outbox.put(conn, ref="a", to=PHONE, text="Asante", now=now)

    class Between(reporting.Early):
        """In the moment before the report is laid down, the message becomes known and its reports are looked for."""

        async def keep(self, receipt: Receipt) -> None:
            await outbox.sent(database, "a", now, "theirs")
            await reporting.Reports(database, Clock(), early).catch_up("theirs")
            await super().keep(receipt)

    await reporting.Reports(database, Clock(), Between(redis)).take(Receipt("theirs", "delivered"))
    assert (await row(database)).state == "delivered"
    await redis.aclose()


async def test_reports_of_nobody_are_few_and_short_lived(database: Database, valkey_url: str) -> None:
    redis = Redis.from_url(valkey_url)
    early = reporting.Early(redis)
    for _ in range(50):
        await reporting.Reports(database, Clock(), early).take(Receipt("theirs", "sent"))
    assert len(await early.of("theirs")) == reporting.MOST
    (key,) = await redis.keys("njia:report:*")
    assert 0 < await redis.ttl(key) <= reporting.SECONDS
    await redis.aclose()
