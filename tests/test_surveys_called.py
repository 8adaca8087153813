"""The survey on the phone: what a call to a running gateway leaves in the record, and of two phones one has it."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from houses import Served, served, settings_of
from wire import Phone

from gateway.inviting import inviting
from gateway.playing.desk import drain
from gateway.record import contacts, tables
from gateway.record.clients import Told
from gateway.record.showing import show

AKINYI, HER_OTHER, NOBODY = "+254700000001", "+254711000001", "+254700000999"
MAIN, FIRST = "CON Jamii\n1 Pay", "CON 6 questions. Your officer will not see your answers."


async def happen(gateway: Served, phone: str, event: str = "loan disbursed") -> Any:
    return await gateway.wire.send("POST", "/demo/event", json.dumps({"phone": phone, "event": event}).encode())


async def pass_(gateway: Served, time: dt.timedelta) -> None:
    """The clock of all processes: one that is moved here alone goes back when this process looks at the others'."""
    body = json.dumps({"advance": time.total_seconds()}).encode()
    assert (await gateway.wire.send("POST", "/demo/clock", body)).status == 200


async def invite(gateway: Served) -> None:
    """A loan was paid out, and the days go by until there is an SMS."""
    assert (await happen(gateway, AKINYI)).status == 200
    house = gateway.house
    await inviting(house).sweep()
    await pass_(gateway, dt.timedelta(days=3))
    for _ in range(12):
        await inviting(house).sweep()
        await pass_(gateway, dt.timedelta(hours=2))
    await inviting(house).sweep()
    (row,) = await hers(gateway)
    assert row.state == "invited"


async def hers(gateway: Served) -> list[Any]:
    """Her invitations: other sample people have new loans too."""
    return [row for row in await rows(gateway, tables.invitation) if row.address in (AKINYI, HER_OTHER)]


async def rows(gateway: Served, table: sa.Table) -> list[Any]:
    await drain(gateway.house)
    async with gateway.house.stores.db.read() as conn:
        return list(await conn.execute(sa.select(table)))


async def test_every_answer_is_kept_at_once_and_hidden(people_url: str, valkey_url: str, tmp_path: Path) -> None:
    async with served(settings_of(people_url, valkey_url, tmp_path)) as gateway:
        await invite(gateway)
        phone = Phone(gateway.wire, AKINYI)
        assert (await phone.dial("ATUid_1")).startswith(FIRST)
        (row,) = await hers(gateway)
        assert (row.state, row.step, row.claimed_from) == ("begun", "full", AKINYI)
        for typed, step in (("1", "ease"), ("4", "extra"), ("1", "more")):
            await phone.type(typed)
            (row,) = await hers(gateway)
            assert row.step == step
        said = await rows(gateway, tables.observation)
        assert [(one.step, one.value, one.flow) for one in said] == [
            ("full", "yes", "loan_feedback"),
            ("ease", 4, "loan_feedback"),
            ("extra", "yes", "loan_feedback"),
        ]
        assert {one.hidden_from for one in said} == {"branch,officer"}
        (case,) = await rows(gateway, tables.case)
        assert (case.kind, set(case.hidden_from.split(","))) == ("fraud", {"officer", "branch"})
        assert (await phone.type("He wanted 500")).startswith("END Thank you.")
        (row,) = await hers(gateway)
        assert (row.state, row.open_for) == ("completed", None)
        assert {one.step for one in await rows(gateway, tables.reached)} == {"full", "ease", "extra", "more"}
        assert (await phone.dial("ATUid_2")).startswith(MAIN)
        shown = await show(gateway.house.stores.db, gateway.house.bank, AKINYI)
        assert [(one["flow"], one["state"]) for one in shown["invitations"]] == [("loan_feedback", "completed")]


async def test_a_repeat_of_the_first_request_begins_it_once(people_url: str, valkey_url: str, tmp_path: Path) -> None:
    async with served(settings_of(people_url, valkey_url, tmp_path)) as gateway:
        await invite(gateway)
        phone = Phone(gateway.wire, AKINYI)
        first = await phone.dial("ATUid_1")
        assert await phone.again() == first
        assert first.startswith(FIRST)


async def test_of_two_phones_one_has_it(people_url: str, valkey_url: str, tmp_path: Path) -> None:
    async with served(settings_of(people_url, valkey_url, tmp_path)) as gateway:
        db, clock = gateway.house.stores.db, gateway.house.stores.clock
        async with db.write() as conn:
            who = await conn.scalar(sa.select(tables.contact.c.client).where(tables.contact.c.address == AKINYI))
            await contacts.add(conn, str(who), HER_OTHER, Told(clock.now(), "test"))
            values = {"address": HER_OTHER, "language": "en", "notice": "1"}
            await conn.execute(sa.insert(tables.address).values(**values))
        await invite(gateway)
        one, other = Phone(gateway.wire, AKINYI), Phone(gateway.wire, HER_OTHER)
        assert (await one.dial("ATUid_1")).startswith(FIRST)
        assert (await other.dial("ATUid_2")).startswith(MAIN)
        assert (await one.type("1")).startswith("CON How easy was it?")


@pytest.mark.parametrize(
    ("phone", "event", "status"),
    [(AKINYI, "loan disbursed", 200), ("0700 000 001", "loan disbursed", 200), (NOBODY, "loan disbursed", 404),
     ("+254700000006", "loan disbursed", 404),
     ("no number", "loan disbursed", 400), (AKINYI, "", 400), (AKINYI, "X!", 400)],
)  # fmt: skip
async def test_what_can_have_happened(
    sqlite_people: Path, valkey_url: str, tmp_path: Path, phone: str, event: str, status: int
) -> None:
    path = tmp_path / "people.db"
    path.write_bytes(sqlite_people.read_bytes())
    async with served(settings_of(f"sqlite+aiosqlite:///{path}", valkey_url, tmp_path)) as gateway:
        assert (await happen(gateway, phone, event)).status == status
