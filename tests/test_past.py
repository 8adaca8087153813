"""The made-up clients of a demonstration: the month that they live through, and how it comes into the record."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import re
import shutil
import signal
import subprocess
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from desks import ADMIN, desk
from houses import SECRET, settings_of
from test_demo import gone, recorded, until

from bench.parts import valkey
from flows.people import load_people
from gateway.build import build, open_stores
from gateway.embedded.places import places
from gateway.embedded.programs import command, environment
from gateway.home import Home
from gateway.preparing import prepare
from gateway.reconciled import Reach, reconcile
from gateway.record.books import SqlBooks
from gateway.record.database import Database
from gateway.record.tables import account, case, client, conversation, ledger, message, metadata, outbox, payment, stage
from gateway.settings import Settings
from worker.past import moving, writing
from worker.past.cast import FIRST, cast
from worker.past.house import place

FEW = 24
ID = re.compile(r"\b[0-9a-f]{32}\b|\bS[A-Z0-9]{9}\b|\b[CP]-\d{6,}\b")


def sample_words() -> set[str]:
    source = Home(None).file("people.yaml")
    assert source
    people, _ = load_people(source, "KES")
    names = [*(one.name for one in people.people), *(one.name for one in people.staff)]
    return {word for name in names for word in name.split()}


def test_the_cast_is_the_same_for_a_seed_and_nobody_is_taken_for_a_sample_person() -> None:
    people = cast("one", 300).people
    assert cast("one", 300) == cast("one", 300) and cast("two", 300).people != people
    for name in ("number", "phone", "name"):
        assert len({getattr(one, name) for one in people}) == 300, name
    assert not sample_words() & {word for one in people for word in one.name.split()}
    assert not [one.phone for one in people if one.phone < "+254700010000" or one.phone > "+254700019999"]
    assert {one.language for one in people} == {"en", "sw"}
    kinds = Counter(one.holds for one in people)
    assert kinds["business"] == 120 and len(kinds) == 7, kinds


# -- one small record with a past, for the tests that only look at it -------------------------------------------------


@pytest.fixture(scope="module")
def scene(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Settings, dict[str, Any]]]:
    """The settings of a demonstration that has its past, and what was known of the sample people before."""
    folder = tmp_path_factory.mktemp("past")
    path = shutil.copy(sqlite_template, folder / "njia.db")
    with valkey() as url:
        settings = settings_of(f"sqlite+aiosqlite:///{path}", url, folder, NJIA_DEMO__PEOPLE=str(FEW))
        before = asyncio.run(_written(settings, folder))
        yield settings, before


async def _written(settings: Settings, folder: Path) -> dict[str, Any]:
    await prepare(settings)
    before = await samples(settings)
    kept, keep = folder / "kept", moving.move

    async def move(lived: Database, record: Database) -> None:
        shutil.copy(place(folder).lived, kept.with_suffix(".db"))
        shutil.copy(place(folder).wallet, kept.with_suffix(".json"))
        await keep(lived, record)

    moving.move = move  # a copy of the month as it was lived, for the tests of moving
    try:
        await writing.write(settings)
    finally:
        moving.move = keep
    return before


async def samples(settings: Settings) -> dict[str, Any]:
    """All that is known of the sample people."""
    db = Database(settings.database_url())
    try:
        async with db.read() as conn:
            mine = list(await conn.scalars(sa.select(client.c.id).where(client.c.number < str(FIRST)).order_by("id")))
            return {
                table.name: (
                    await conn.execute(sa.select(table).where(table.c.client.in_(mine)).order_by(*table.c))
                ).all()
                for table in metadata.sorted_tables
                if "client" in table.c and table.name != "client_word"
            }
    finally:
        await db.close()


@pytest.fixture
async def record(scene: tuple[Settings, dict[str, Any]]) -> AsyncIterator[Database]:
    made = Database(scene[0].database_url())
    yield made
    await made.close()


async def rows(db: Database, query: Any) -> list[Any]:
    async with db.read() as conn:
        return list((await conn.execute(query)).all())


async def test_the_sample_people_are_as_they_were(scene: tuple[Settings, dict[str, Any]]) -> None:
    settings, before = scene
    assert before["account"] and before["pin"]
    assert await samples(settings) == before


async def test_everybody_and_their_month_are_there(record: Database) -> None:
    known = await rows(record, sa.select(client.c.number, client.c.id))
    made_up = {of for number, of in known if number >= str(FIRST)}
    newcomers = sum(one.holds == "newcomer" for one in cast(writing.SEED, FEW).people)
    assert len(made_up) == FEW - newcomers + sum(number.startswith("P-") for number, _ in known)
    calls = await rows(record, sa.select(conversation.c.client, conversation.c.outcome, conversation.c.flow))
    assert {of for of, _, flow in calls if flow != "register"} <= made_up | {""}
    assert not [call for call in calls if call[0] == "" and call[2] not in ("register", "main", "about", "language")]
    assert len(calls) > 2 * FEW
    assert {"completed", "hung up"} <= {outcome for _, outcome, _ in calls}
    flows = {flow for _, _, flow in calls}
    assert {"repay", "balance"} <= flows
    spoken = await rows(record, sa.select(message.c.conversation).distinct())
    assert len(spoken) == len(calls)


async def test_every_moment_lies_in_the_past(record: Database) -> None:
    now = dt.datetime.now(dt.UTC)
    for table, column in (
        (message, "at"),
        (ledger, "at"),
        (stage, "since"),
        (outbox, "created_at"),
        (case, "opened_at"),
    ):
        latest = (await rows(record, sa.select(sa.func.max(table.c[column]))))[0][0]
        assert latest is None or latest <= now, table.name


async def _no_texts(_release: str) -> Any:
    return lambda _row, _told: ""


async def test_money_is_taken_once_posted_once_and_told_once(scene: tuple[Settings, Any], record: Database) -> None:
    unbalanced = sa.select(ledger.c.key).group_by(ledger.c.key).having(sa.func.sum(ledger.c.minor) != 0)
    assert not await rows(record, unbalanced)
    paid = await rows(record, sa.select(payment.c.id, payment.c.state, payment.c.bank_ref, payment.c.receipt))
    assert {state for _, state, _, _ in paid} <= {"posted", "failed"}
    house = await build(await open_stores(scene[0]))
    try:
        books = SqlBooks(house.stores.db, house.stores.clock)
        reach = Reach(
            db=house.stores.db,
            clock=house.stores.clock,
            bank=house.bank,
            books=books,
            providers=house.payments,
            texts_of=_no_texts,
        )
        now = house.stores.clock.now()
        report = await reconcile(reach, now - dt.timedelta(days=40), now, act=False)
    finally:
        await house.close()
    posted = [one for one in paid if one[1] == "posted"]
    assert (report.findings, report.silent) == ([], [])
    assert report.lines == report.matched == len(posted) > FEW // 2
    receipts = await rows(record, sa.select(outbox.c.ref).where(outbox.c.ref.like("payment:%:paid")))
    assert sorted(ref for (ref,) in receipts) == sorted(f"payment:{one[0]}:paid" for one in posted)


async def test_nothing_is_left_under_way(record: Database) -> None:
    assert not await rows(record, sa.select(outbox.c.ref).where(outbox.c.state == "queued"))
    assert not await rows(record, sa.select(payment.c.id).where(payment.c.next_at.is_not(None)))


async def test_the_desk_shows_them(scene: tuple[Settings, Any]) -> None:
    settings, _ = scene
    url = settings.redis.url.reveal() if settings.redis.url else ""
    async with desk(settings.database_url(), url, settings.data) as visitor:
        await visitor.log_in(*ADMIN)
        for of in await some_clients(settings):
            page = await visitor.get(f"/desk/clients/{of}")
            assert page.status == 200 and "Something went wrong" not in page.text
        for path in ("/desk/cases", "/desk/payments"):
            assert (await visitor.get(path)).status == 200


async def some_clients(settings: Settings) -> list[str]:
    db = Database(settings.database_url())
    try:
        found = await rows(db, sa.select(client.c.id).where(client.c.number >= str(FIRST)).order_by(client.c.number))
    finally:
        await db.close()
    return [of for (of,) in found[::5]]


# -- once, and whole --------------------------------------------------------------------------------------------------


async def counted(db: Database) -> dict[str, int]:
    async with db.read() as conn:
        tables = [table for table in metadata.sorted_tables if table not in moving.STAYS]
        return {t.name: await conn.scalar(sa.select(sa.func.count()).select_from(t)) or 0 for t in tables}


async def test_a_second_start_writes_nothing(scene: tuple[Settings, Any], record: Database) -> None:
    before = await counted(record)
    await writing.write(scene[0])
    assert await counted(record) == before
    assert [path.name for path in place(scene[0].data).folder.iterdir()] == ["written.json"]


async def test_moved_half_way_it_is_moved_on(scene: tuple[Settings, Any], database: Database, monkeypatch: Any) -> None:
    """On both databases: broken off after each so many transactions, and begun again."""
    lived = Database(f"sqlite+aiosqlite:///{scene[0].data / 'kept.db'}", scratch=True)
    written, limit = 0, 0
    write = Database.write

    def breaking(self: Database) -> Any:
        nonlocal written
        if self is database and (written := written + 1) > limit:
            raise ConnectionError("killed")
        return write(self)

    monkeypatch.setattr(Database, "write", breaking)
    monkeypatch.setattr(moving, "MANY", 40)
    for limit in (1, 5, 12, 30, 10_000):  # noqa: B007 - read by `breaking`
        written = 0
        try:
            await moving.move(lived, database)
        except ConnectionError:
            continue
    monkeypatch.undo()
    try:
        assert await counted(database) == await counted(lived)
    finally:
        await lived.close()


def lines_of(text: str) -> str:
    return ID.sub("…", text)


async def projected(db: Database) -> dict[str, Any]:
    """What was lived, without ids, receipts and numbers that are new each time."""
    return {
        "accounts": await rows(
            db, sa.select(account.c.ref, account.c.product, account.c.opened).order_by(account.c.ref)
        ),
        "ledger": await rows(
            db,
            sa.select(ledger.c.account, ledger.c.on, ledger.c.kind, sa.func.sum(sa.func.abs(ledger.c.minor)))
            .group_by(ledger.c.account, ledger.c.on, ledger.c.kind)
            .order_by(ledger.c.account, ledger.c.on, ledger.c.kind),
        ),
        "said": [
            (at, direction, step, lines_of(text))
            for at, direction, step, text in await rows(
                db,
                sa.select(message.c.at, message.c.direction, message.c.step, message.c.text)
                .join(conversation, conversation.c.id == message.c.conversation)
                .order_by(conversation.c.address, message.c.at, message.c.turn, message.c.direction),
            )
        ],
        "stages": Counter(stage for (stage,) in await rows(db, sa.select(stage.c.stage))),
    }


async def test_the_same_seed_lives_the_same_month(
    scene: tuple[Settings, Any], tmp_path: Path, valkey_url: str, sqlite_template: Path
) -> None:
    path = shutil.copy(sqlite_template, tmp_path / "njia.db")
    again = settings_of(f"sqlite+aiosqlite:///{path}", valkey_url, tmp_path, NJIA_DEMO__PEOPLE=str(FEW))
    await prepare(again)
    await writing.write(again)
    first, second = Database(scene[0].database_url()), Database(again.database_url())
    try:
        one, other = await projected(first), await projected(second)
    finally:
        await first.close()
        await second.close()
    assert one.keys() == other.keys()
    for what in one:
        assert one[what] == other[what], what


# -- killed, and as an outsider sees it -------------------------------------------------------------------------------


def stores_of(settings: Settings) -> dict[str, str]:
    url = settings.redis.url.reveal() if settings.redis.url else ""
    given = {"NJIA_DATABASE__URL": settings.database_url(), "NJIA_REDIS__URL": url, "NJIA_SECURITY__SECRET": SECRET}
    return environment(
        {**given, "NJIA_DATA": str(settings.data), "NJIA_DEMO__ENABLED": "true", "NJIA_DEMO__PEOPLE": "4"}
    )


def test_killed_while_it_lives_it_begins_again(tmp_path: Path, valkey_url: str, sqlite_template: Path) -> None:
    path = shutil.copy(sqlite_template, tmp_path / "njia.db")
    settings = settings_of(f"sqlite+aiosqlite:///{path}", valkey_url, tmp_path, NJIA_DEMO__PEOPLE="4")
    asyncio.run(prepare(settings))
    at = place(tmp_path)
    process = subprocess.Popen(command("worker.past"), env=stores_of(settings), cwd=tmp_path)
    until(lambda: at.living.exists() and at.living.stat().st_size > 0)
    process.kill()
    process.wait()
    until(lambda: not places(at.folder).valkey.exists())
    assert not at.written.exists()
    asyncio.run(writing.write(settings))
    assert json.loads(at.written.read_text())["people"] == 4
    assert asyncio.run(numbers(settings)) == [str(FIRST + n) for n in range(4)]


async def numbers(settings: Settings) -> list[str]:
    db = Database(settings.database_url())
    try:
        found = await rows(db, sa.select(client.c.number).where(client.c.source == "clients.csv").order_by("number"))
    finally:
        await db.close()
    return [number for (number,) in found]


def test_a_demonstration_serves_first_and_gets_its_past_beside(tmp_path: Path) -> None:
    data = tmp_path / "data"
    words = ["--port", "0", "--data", str(data), "--json"]
    running = subprocess.Popen(
        command("gateway", "demo", *words, "--people", "3"),
        env=environment(),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        facts = json.loads(running.stdout.readline())
        assert "past" not in facts["processes"] and len(facts["clients"]) == 13
        until(lambda: "past" in recorded(data) or place(data).written.exists())
        phone = ["phone", "--data", str(data), "--dial", facts["service_code"], "--as", "+254700000003"]
        said = subprocess.run(
            command("gateway", *phone), env=environment(), input="2\n6058\n", capture_output=True, text=True, check=True
        )
        assert "Amana: you saved KES 3,700" in said.stdout, "a sample client is served meanwhile"
        running.send_signal(signal.SIGTERM)
        assert running.wait(30) == 0
        until(lambda: all(gone(pid) for pid in facts["processes"].values()))
        until(lambda: not places(place(data).folder).valkey.exists())
    finally:
        running.kill()
        running.wait()
