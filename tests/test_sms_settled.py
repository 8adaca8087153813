"""A person says what became of a message of which no program can: once, forwards only, and it is in the audit."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from flows.ports import Caller
from gateway.cli import njia
from gateway.clock import SetClock
from gateway.record import contacts, outbox, tables
from gateway.record.clients import Told
from gateway.record.consents import Consents
from gateway.record.database import Database
from gateway.record.outbox_settling import WAYS, NotWanted, settle, waiting

NOW = dt.datetime(2026, 6, 15, 7, 0, tzinfo=dt.UTC)
CLIENT = "c" * 32
PHONE, TEXT, WHY = "+254700000001", "KES 1,500 received.", "seen on the provider's pages"


async def queued(db: Database, state: str, ref: str = "a", now: dt.datetime = NOW) -> None:
    async with db.write() as conn:
        await outbox.put(conn, ref=ref, to=PHONE, text=TEXT, now=now, purpose="service", client="c1")
    if state == "delivered":
        await outbox.reported(db, ref, "delivered")
    elif state != "queued":
        await (outbox.uncertain if state == "uncertain" else outbox.failed)(db, ref, "no answer")


async def rows(db: Database) -> dict[str, Any]:
    async with db.read() as conn:
        return {row.ref: row for row in await conn.execute(sa.select(tables.outbox))}


async def audited(db: Database) -> list[tuple[str, str, str, dict[str, str], str]]:
    row = tables.audit.c
    async with db.read() as conn:
        return [
            tuple(each) for each in await conn.execute(sa.select(row.who, row.what, row.about, row.details, row.why))
        ]


@pytest.mark.parametrize("state", ["queued", "uncertain", "failed", "delivered"])
@pytest.mark.parametrize("way", WAYS)
async def test_what_can_be_said_of_what(database: Database, state: str, way: Any) -> None:
    await queued(database, state)
    said = await settle(database, "a", way, "asha", WHY, NOW)
    assert bool(said) == (state in WAYS[way])
    noted = [("asha", "message settled", "a", {"way": way}, WHY)]
    assert await audited(database) == (noted if said else [])
    left = await waiting(database, NOW)
    assert [one.ref for one in left] == (["a"] if state in outbox.TROUBLES and not said else [])
    assert await outbox.troubles(database, NOW) == ({state: 1} if left else {})
    if not said:
        assert set(await rows(database)) == {"a"} and (await rows(database))["a"].state == state


async def test_what_is_sent_again_is_another_message(database: Database) -> None:
    await queued(database, "uncertain")
    assert await settle(database, "a", "send again", "asha", WHY, NOW) == "queued"
    found = await rows(database)
    assert (found["a"].state, found["a"].reason) == ("failed", outbox.AGAIN)
    other = found["again:a"]
    assert (other.state, other.to, other.text, other.client) == ("queued", PHONE, TEXT, "c1")
    assert await outbox.due(database, NOW, 10) == ["again:a"]
    assert await outbox.reported(database, "a", "delivered"), "a report that comes after all"
    assert (await rows(database))["a"].state == "delivered"


async def invited(db: Database, ref: str = "invite:i:0", purpose: str = "survey") -> None:
    async with db.write() as conn:
        await outbox.put(conn, ref=ref, to=PHONE, text=TEXT, now=NOW, purpose=purpose, client=CLIENT)
    await outbox.uncertain(db, ref, "no answer")


async def known(db: Database) -> None:
    async with db.write() as conn:
        row = {"id": CLIENT, "number": "C-1", "name": "Akinyi", "stage": "active", "created_at": NOW}
        await conn.execute(sa.insert(tables.client).values(**row))
        await contacts.add(conn, CLIENT, PHONE, Told(NOW))


async def no_more(db: Database, client: str) -> None:
    caller = Caller(PHONE, "ussd", client, "en", "c" * 32)
    await Consents(db, SetClock(NOW)).give(f"k{client}", caller, "survey", False, "")


async def left(db: Database) -> None:
    async with db.write() as conn:
        await contacts.end(conn, CLIENT, PHONE, NOW)


@pytest.mark.parametrize("said", ["client", "number", "left"])
async def test_what_is_not_wanted_any_more_does_not_go_out_again(database: Database, said: str) -> None:
    await known(database)
    await invited(database)
    await invited(database, "payment:p:paid", "service")
    await (left(database) if said == "left" else no_more(database, CLIENT if said == "client" else ""))
    with pytest.raises(NotWanted):
        await settle(database, "invite:i:0", "send again", "asha", WHY, NOW)
    assert len(await waiting(database, NOW)) == 2 and await audited(database) == [], "it waits as before"
    assert await settle(database, "invite:i:0", "not sent", "asha", WHY, NOW) == "failed"
    assert await settle(database, "payment:p:paid", "send again", "asha", WHY, NOW) == "queued"


async def test_what_is_wanted_goes_out_again(database: Database) -> None:
    await known(database)
    await invited(database)
    assert await settle(database, "invite:i:0", "send again", "asha", WHY, NOW) == "queued"


async def test_however_often_and_of_whatever_it_is_sent_again(database: Database) -> None:
    """References stay within their columns: PostgreSQL says so."""
    ref, sent = f"payment:{'p' * 32}:unknown:2:payer", []
    await queued(database, "uncertain", ref)
    for _ in range(30):
        assert await settle(database, ref, "send again", "asha", WHY, NOW) == "queued"
        (ref,) = await outbox.due(database, NOW, 10)
        sent.append(ref)
        await outbox.uncertain(database, ref, "no answer")
    assert sent[1] == f"again:2:payment:{'p' * 32}:unknown:2:payer" and len(set(sent)) == 30
    await queued(database, "failed", "r" * 110)
    assert await settle(database, "r" * 110, "send again", "asha", WHY, NOW) == "queued"


async def test_of_many_at_once_one_decides(database: Database) -> None:
    await queued(database, "uncertain")
    ways: list[Any] = [*WAYS] * 3
    said = await asyncio.gather(*(settle(database, "a", way, "asha", WHY, NOW) for way in ways))
    assert len([one for one in said if one]) == len(await audited(database)) == 1
    assert len(await rows(database)) <= 2


async def test_nobody_waits_for_what_is_long_ago(database: Database) -> None:
    await queued(database, "failed", "old", NOW - dt.timedelta(days=9))
    await queued(database, "failed", "new")
    assert [one.ref for one in await waiting(database, NOW - dt.timedelta(days=7))] == ["new"]


# -- the command ------------------------------------------------------------------------------------------------------


@pytest.fixture
def given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database_url: str, valkey_url: str) -> None:
    monkeypatch.chdir(tmp_path)
    urls = {"NJIA_DATABASE__URL": database_url, "NJIA_REDIS__URL": valkey_url}
    for name, value in {**urls, "NJIA_DATA": str(tmp_path / "data"), "NJIA_HOME": ""}.items():
        monkeypatch.setenv(name, value)
    asyncio.run(_uncertain(database_url))


async def _uncertain(url: str) -> None:
    db = Database(url)
    await queued(db, "uncertain", "payment:P1:paid", dt.datetime.now(dt.UTC))
    await db.close()


def run(*words: str) -> Result:
    return CliRunner().invoke(njia, words, prog_name="njia")


@pytest.mark.usefixtures("given")
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_it_is_listed_and_settled(database_url: str) -> None:
    shown = run("sms", "list")
    assert "payment:P1:paid" in shown.output and "uncertain" in shown.output
    assert PHONE not in shown.output and TEXT not in shown.output
    (listed,) = json.loads(run("--json", "sms", "list").output)
    assert (listed["ref"], listed["state"], listed["reason"]) == ("payment:P1:paid", "uncertain", "no answer")
    assert run("sms", "settle", "payment:P1:paid", "--went-out").exit_code == 2, "without why"
    assert run("sms", "settle", "payment:P1:paid", "--why", WHY).exit_code == 2, "without what"
    done = run("sms", "settle", "payment:P1:paid", "--went-out", "--why", WHY)
    assert (done.exit_code, done.output) == (0, "It is sent now.\n")
    again = run("sms", "settle", "payment:P1:paid", "--send-again", "--why", WHY)
    assert again.exit_code == 1 and "nothing to decide" in again.output
    assert run("sms", "list").output == "None.\n"
