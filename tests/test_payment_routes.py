"""What payment providers post, from the bytes on the wire to the record. What nobody should post is in the tables of
``tests/bad_requests``."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from houses import Served, served, settings_of
from wallets import PAYMENT
from wire import Answer, Phone

from adapters.channel import BadSettings
from flows.paying.facts import Acknowledged, Busy, Paid
from flows.ports import Agreed, Caller, Unavailable
from flows.values import Money
from gateway.build import build, open_stores
from gateway.record import payment_evidence, payments, tables
from gateway.settings import Settings, load

AKINYI = "+254700000001"
SECRET = "only the wallet and we know this"
TAKEN = {"status": "completed", "receipt": "SABCDEFGHI", "amount_minor": 50_000, "currency": "KES"}


@pytest.fixture
def settings(people_url: str, valkey_url: str, tmp_path: Path) -> Settings:
    return settings_of(people_url, valkey_url, tmp_path)


@pytest.fixture
async def gateway(settings: Settings) -> AsyncIterator[Served]:
    async with served(settings) as made:
        yield made


def quick(sqlite_people: Path, valkey_url: str, folder: Path, **more: str) -> AbstractAsyncContextManager[Served]:
    path = folder / "people.db"
    path.write_bytes(sqlite_people.read_bytes())
    return served(settings_of(f"sqlite+aiosqlite:///{path}", valkey_url, folder, **more))


async def asked_for(gateway: Served) -> str:
    """A payment of ours, that was written down and sits there."""
    db = gateway.house.stores.db
    async with db.read() as conn:
        client = await conn.scalar(sa.select(tables.contact.c.client).where(tables.contact.c.address == AKINYI))
    caller = Caller(AKINYI, "ussd", client, "en", "d" * 32)
    agreed = Agreed(account="L-1001", amount=Money(50_000, "KES"), fee=Money(0, "KES"), wallet=AKINYI)
    assert (await gateway.house.gate.world.payments.collect("key-1", caller, agreed))[0] == "asked"
    async with db.write() as conn:
        far = gateway.house.stores.clock.now() + dt.timedelta(hours=1)
        await conn.execute(sa.update(tables.payment).values(next_at=far))
        ref: str = await conn.scalar(sa.select(tables.payment.c.id))
    return ref


async def post(gateway: Served, said: dict[str, Any], method: str = "POST", **headers: str) -> Answer:
    body = json.dumps(said).encode()
    return await gateway.wire.send(method, "/payments/simulated", body, Content_Type="application/json", **headers)


async def due(gateway: Served) -> list[str]:
    stores = gateway.house.stores
    return await payments.due(stores.db, stores.clock.now(), 10)


async def kept(gateway: Served) -> list[Any]:
    async with gateway.house.stores.db.read() as conn:
        said = tables.payment_evidence.c
        return list(await conn.execute(sa.select(said.payment, said.kind, said.proven, said.raw).order_by(said.id)))


async def counted(gateway: Served) -> dict[str, float]:
    """Callbacks, by outcome."""
    page = (await gateway.wire.send("GET", "/metrics")).text.splitlines()
    lines = [line for line in page if line.startswith("njia_callbacks_total{")]
    return {line.split('"')[1]: float(line.rsplit(" ", 1)[1]) for line in lines}


async def test_what_is_said_is_kept_once_and_looked_at_now(gateway: Served) -> None:
    ref = await asked_for(gateway)
    assert await due(gateway) == []
    for _ in range(3):
        answer = await post(gateway, {"reference": ref, **TAKEN, "phone": AKINYI})
        assert (answer.status, answer.text) == (200, '{"received": true}\n')
    assert (await post(gateway, {"reference": ref, "status": "failed"}, "PUT")).status == 200
    assert await due(gateway) == [ref]
    found = await kept(gateway)
    assert sorted((row.payment, row.kind, row.proven) for row in found) == [
        (ref, "NotPaid", False),
        (ref, "Paid", False),
    ]
    assert not [row for row in found if AKINYI[1:] in row.raw] and [row for row in found if "SABCDEFGHI" in row.raw]
    assert await counted(gateway) == {"known": 4}


async def test_money_for_a_payment_that_is_not_ours_waits_for_a_person(gateway: Served) -> None:
    for ref in ("not-ours", "not-ours", "f" * 32):
        assert (await post(gateway, {"reference": ref, **TAKEN})).status == 200
    assert (await post(gateway, {"reference": "not-ours", "status": "failed"})).status == 200
    waiting = await payment_evidence.unclaimed(gateway.house.stores.db)
    assert sorted(one.ref for one in waiting) == ["f" * 32, "not-ours"]
    assert {(one.receipt, one.amount, one.proven) for one in waiting} == {("SABCDEFGHI", Money(50_000, "KES"), False)}
    assert await counted(gateway) == {"unknown": 4}


async def test_a_forged_word_changes_nothing_by_itself(gateway: Served) -> None:
    ref = await asked_for(gateway)
    await post(gateway, {"reference": ref, **TAKEN})
    row = await payments.find(gateway.house.stores.db, ref)
    assert row and (row.payment.state, row.payment.receipt, row.payment.taken) == ("created", "", None)
    assert await payments.said(gateway.house.stores.db, ref) == [], "nothing that was not proven is believed"


async def test_signed_callbacks_are_proven_and_others_refused(
    sqlite_people: Path, valkey_url: str, tmp_path: Path
) -> None:
    async with quick(sqlite_people, valkey_url, tmp_path, NJIA_PAYMENTS__SIMULATED__SECRET=SECRET) as gateway:
        said = {"reference": await asked_for(gateway), **TAKEN}
        for signature in ({}, {"X_Wallet_Signature": "0" * 64}, {"X_Wallet_Signature": "é"}):
            answer = await post(gateway, said, **signature)
            assert (answer.status, answer.text) == (403, "X-Wallet-Signature is missing or wrong\n")
        assert (await kept(gateway), await due(gateway)) == ([], [])
        right = hmac.new(SECRET.encode(), json.dumps(said).encode(), hashlib.sha256).hexdigest()
        assert (await post(gateway, said, X_Wallet_Signature=right)).status == 200
        assert await due(gateway) == [said["reference"]]
        assert await payments.said(gateway.house.stores.db, said["reference"]) == [
            Paid("SABCDEFGHI", Money(50_000, "KES"))
        ]
        assert await counted(gateway) == {"known": 1, "rejected": 3}


async def test_only_the_provider_may_call_where_its_addresses_are_known(
    sqlite_people: Path, valkey_url: str, tmp_path: Path
) -> None:
    ours = {"NJIA_PAYMENTS__SIMULATED__ALLOW": "203.0.113.0/24", "NJIA_SECURITY__PROXIES": "127.0.0.1"}
    async with quick(sqlite_people, valkey_url, tmp_path, **ours) as gateway:
        for forwarded in ({}, {"X_Forwarded_For": "198.51.100.7"}, {"X_Forwarded_For": "203.0.113.9, 198.51.100.7"}):
            answer = await post(gateway, {"reference": "x", **TAKEN}, **forwarded)
            assert (answer.status, answer.text) == (403, "this sender is not on the allow list\n")
        assert await kept(gateway) == []
        assert (await post(gateway, {"reference": "x", **TAKEN}, X_Forwarded_For="203.0.113.9")).status == 200
        assert len(await kept(gateway)) == 1


async def test_what_could_not_be_kept_is_asked_for_again(
    sqlite_people: Path, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def down(*_: Any, **__: Any) -> bool:
        raise Unavailable("the client record cannot be reached")

    async with quick(sqlite_people, valkey_url, tmp_path) as gateway:
        monkeypatch.setattr(payments, "evidence", down)
        answer = await post(gateway, {"reference": "x", **TAKEN})
        assert (answer.status, answer.text) == (503, "The client record does not answer. Send this again.\n")
        assert await counted(gateway) == {"not kept": 1}


async def test_other_methods_are_refused(sqlite_people: Path, valkey_url: str, tmp_path: Path) -> None:
    async with quick(sqlite_people, valkey_url, tmp_path) as gateway:
        answer = await gateway.wire.send("GET", "/payments/simulated")
        assert (answer.status, answer.headers["allow"]) == (405, "POST, PUT")


# -- the wallet of a demonstration ------------------------------------------------------------------------------------


async def test_the_wallet_is_steered_and_shows_its_books(sqlite_people: Path, valkey_url: str, tmp_path: Path) -> None:
    async with quick(sqlite_people, valkey_url, tmp_path) as gateway:
        ref = await asked_for(gateway)
        for phone in (AKINYI, "0700000001", "254700000001"):
            body = json.dumps({"phone": phone, "behaviour": "callback-first"}).encode()
            answer = await gateway.wire.send("POST", "/payments/simulated/behave", body)
            assert json.loads(answer.body) == {"phone": AKINYI, "behaviour": "callback-first"}
        asking = type(PAYMENT)(ref, AKINYI, Money(50_000, "KES"), "L-0001", "Jamii")
        wallet = gateway.house.payments["simulated"]
        assert isinstance(await wallet.request(asking), Acknowledged)
        assert [(row.payment, row.kind) for row in await kept(gateway)] == [(ref, "Paid")], (
            "it called before it answered"
        )
        (line,) = json.loads((await gateway.wire.send("GET", "/payments/simulated/statement")).body)
        paid = await wallet.ask(ref)
        assert isinstance(paid, Paid) and paid.at
        assert line == {
            "ref": ref,
            "receipt": paid.receipt,
            "phone": AKINYI,
            "amount_minor": 50_000,
            "currency": "KES",
            "at": paid.at.isoformat(),
        }


async def test_the_wallet_refuses_while_the_phone_is_in_a_session(
    sqlite_people: Path, valkey_url: str, tmp_path: Path
) -> None:
    async with quick(sqlite_people, valkey_url, tmp_path) as gateway:
        wallet, phone = gateway.house.payments["simulated"], Phone(gateway.wire, AKINYI)
        await phone.dial("ATUid_1")
        assert await wallet.request(PAYMENT) == Busy()
        await phone.hang_up()
        assert isinstance(await wallet.request(PAYMENT), Acknowledged)


@pytest.mark.parametrize("path", ["/payments/simulated/behave", "/demo/event", "/demo/clock", "/phone"])
async def test_a_page_of_another_site_steers_nothing(
    sqlite_people: Path, valkey_url: str, tmp_path: Path, path: str
) -> None:
    async with quick(sqlite_people, valkey_url, tmp_path) as gateway:
        body = json.dumps({"phone": AKINYI, "behaviour": "lose", "event": "x", "advance": 86400}).encode()
        answer = await gateway.wire.send("POST", path, body, Sec_Fetch_Site="cross-site")
        assert answer.status == 403
        assert gateway.house.stores.clock.offset == 0


async def test_there_is_no_simulated_wallet_on_live_data(people_url: str, valkey_url: str, tmp_path: Path) -> None:
    (tmp_path / "njia.toml").write_text('[payments.mpesa]\nadapter = "payments/simulated"\n')
    stores = {"NJIA_DATABASE__URL": people_url, "NJIA_REDIS__URL": valkey_url}
    opened = await open_stores(load(tmp_path, environment=stores))
    with pytest.raises(BadSettings, match=r"\[payments\.mpesa\] payments/simulated takes no real money"):
        await build(opened)
    await opened.close()
