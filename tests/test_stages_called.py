"""Calls while a release is staged: who begins on it, that they end on it, and that surveys go by the same rule."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from houses import Served, served, settings_of
from test_surveys import DAY, House
from wire import Phone

from flows.release import Release
from gateway import publishing
from gateway.clock import Clock
from gateway.home import Home
from gateway.institution import institution
from gateway.inviting import Inviting
from gateway.playing.desk import drain
from gateway.publishing import Sources
from gateway.record import contacts, tables
from gateway.record.clients import Told
from gateway.record.releases import Releases as Kept
from gateway.record.staged import WHOLE, Audience, Staged
from gateway.releases import Releases
from gateway.settings import load
from gateway.staging import Stage

AKINYI, HER_OTHER, STAFF, NOBODY = "+254700000001", "+254711000001", "+254722000100", "+254700000999"
OLD, NEW = "CON Jamii\n1 Pay", "CON Mpya\n1 Pay"


@dataclass
class Town:
    """Two gateway processes on the same stores, and an operator who stages releases."""

    gateways: list[Served]
    new: Sources
    calls: int = field(default=0)

    @property
    def cli(self) -> Releases:
        stores = self.gateways[0].house.stores
        return Releases(stores.redis, Kept(stores.db, Clock()))

    async def stage(self, share: int, *numbers: str) -> None:
        await self.cli.keep(self.new)
        await self.cli.stage(self.new.hash, Audience(share, numbers), "jane")
        await self.follow()

    async def withdraw(self) -> None:
        await self.cli.withdraw("jane")
        await self.follow()

    async def follow(self) -> None:
        for gateway in self.gateways:
            await gateway.house.releases.follow()

    async def dial(self, number: str, at: int = 0) -> tuple[Phone, str]:
        self.calls += 1
        phone = Phone(self.gateways[at].wire, number)
        return phone, await phone.dial(f"ATUid_{self.calls}")

    async def releases(self, number: str) -> list[str]:
        """What the conversations of a number stand on, the oldest first: ``old`` or ``new``."""
        await drain(self.gateways[0].house)
        asked = sa.select(tables.conversation.c.release).where(tables.conversation.c.address == number)
        async with self.gateways[0].house.stores.db.read() as conn:
            rows = await conn.scalars(asked.order_by(tables.conversation.c.started_at, tables.conversation.c.id))
            return ["new" if one == self.new.hash else "old" for one in rows]


@pytest.fixture
async def town(people_url: str, valkey_url: str, tmp_path: Path) -> AsyncIterator[Town]:
    settings = settings_of(people_url, valkey_url, tmp_path)
    made = publishing.gather(Home(), institution(settings))
    async with AsyncExitStack() as stack:
        gateways = [await stack.enter_async_context(served(settings)) for _ in range(2)]
        yield Town(gateways, Sources({**made.institution, "short_name": "Mpya"}, made.files))


async def test_a_conversation_that_began_on_the_stage_ends_on_it(town: Town) -> None:
    await town.stage(0, AKINYI)
    phone, shown = await town.dial(AKINYI)
    assert shown.startswith(NEW)
    await town.withdraw()
    assert await phone.type("00") != "", "on the release that is staged no more"
    _, shown = await town.dial(AKINYI, at=1)
    assert shown.startswith(OLD)
    assert await town.releases(AKINYI) == ["new", "old"]
    said, talk = tables.message.c, tables.conversation.c
    asked = sa.select(talk.release, said.release, said.turn).join(tables.message, said.conversation == talk.id)
    async with town.gateways[0].house.stores.db.read() as conn:
        rows = (await conn.execute(asked)).all()
    assert {whole == each for whole, each, _ in rows} == {True}
    assert {turn for whole, _, turn in rows if whole == town.new.hash} >= {1, 2}


async def test_a_call_goes_on_at_another_process_and_a_redial_takes_it_up(town: Town) -> None:
    await town.stage(0, AKINYI)
    phone, shown = await town.dial(AKINYI)
    assert shown.startswith(NEW)
    phone.wire = town.gateways[1].wire
    assert (await phone.type("98")).startswith("CON")
    await town.withdraw()
    assert "Mpya" in await phone.type("00")


async def test_others_notice_nothing(town: Town) -> None:
    await town.stage(0, STAFF)
    _, shown = await town.dial(AKINYI)
    assert shown.startswith(OLD)
    await town.dial(STAFF, at=1)
    assert await town.releases(STAFF) == ["new"]
    await town.withdraw()
    await town.dial(STAFF)
    assert await town.releases(STAFF) == ["new", "old"]


async def test_a_client_sees_the_same_on_two_phones(town: Town) -> None:
    house = town.gateways[0].house
    async with house.stores.db.write() as conn:
        who = str(await conn.scalar(sa.select(tables.contact.c.client).where(tables.contact.c.address == AKINYI)))
        await contacts.add(conn, who, HER_OTHER, Told(house.stores.clock.now(), "test"))
    await town.stage(WHOLE // 2)
    staged = house.releases.staged
    assert staged is not None
    while staged.takes(AKINYI, who) == staged.takes(HER_OTHER, ""):  # else the test would say nothing
        await town.withdraw()
        await town.stage(WHOLE // 2)
        staged = house.releases.staged
        assert staged is not None
    for number in (AKINYI, HER_OTHER):
        await town.dial(number)
    assert await town.releases(AKINYI) == await town.releases(HER_OTHER) == ["new" if staged.takes("", who) else "old"]


async def test_a_number_that_nobody_is_known_by_counts_by_itself(town: Town) -> None:
    await town.stage(WHOLE // 2)
    staged = town.gateways[0].house.releases.staged
    assert staged is not None
    numbers = [f"+2547110000{n:02d}" for n in range(20)]
    for n, number in enumerate(numbers):
        await town.dial(number, at=n % 2)
    said = [await town.releases(number) for number in numbers]
    assert said == [["new" if staged.takes(number, "") else "old"] for number in numbers]
    assert ["new"] in said and ["old"] in said


async def test_calls_while_it_is_staged_and_withdrawn_again_and_again_all_end_where_they_began(town: Town) -> None:
    numbers = [f"+2547110000{n:02d}" for n in range(10)]
    over = asyncio.Event()

    async def change() -> None:
        while not over.is_set():
            await town.stage(WHOLE // 2)
            await town.withdraw()

    async def call(number: str) -> None:
        for n in range(3):
            phone, shown = await town.dial(number, at=n % 2)
            while shown.startswith("CON") and len(phone.typed) < 4:
                phone.wire = town.gateways[len(phone.typed) % 2].wire
                shown = await phone.type("1")

    changing = asyncio.ensure_future(change())
    await asyncio.gather(*map(call, numbers))
    over.set()
    await changing
    await drain(town.gateways[0].house)
    messages = tables.message
    asked = sa.select(messages.c.conversation, sa.func.count(messages.c.release.distinct()))
    async with town.gateways[0].house.stores.db.read() as conn:
        rows = (await conn.execute(asked.group_by(messages.c.conversation))).all()
    assert len(rows) >= len(numbers)
    assert {count for _, count in rows} == {1}


# -- surveys that start by themselves ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def releases() -> tuple[Release, Release]:
    """Without the survey of a loan, and with it, in other words."""
    settings = load(flags={"demo.enabled": "true"}, environment={})
    made = publishing.gather(Home(), institution(settings))
    flow = "flows/loan_feedback.yaml"
    assert "event:" in made.files[flow]
    without = {path: text for path, text in made.files.items() if "loan_feedback" not in path}
    return publishing.compiled(Sources(made.institution, without)), publishing.compiled(made)


@pytest.fixture
def surveyed(database: Any, releases: tuple[Release, Release]) -> House:
    return House(database, releases[0])


def staging(house: House, release: Release, share: int, *numbers: str) -> Stage:
    """Sweeps from now on know of a staged release."""
    row = Staged(release=release.hash, share=share, numbers=numbers, seed="5" * 32, at=house.clock.now(), who="jane")
    made = Stage(row, release)
    house.inviting = Inviting(
        house.db, house.clock, lambda: house.release, house.inviting.refresh, "*384*7#", lambda: made
    )
    return made


async def test_only_who_would_open_a_survey_is_invited_to_it(
    surveyed: House, releases: tuple[Release, Release]
) -> None:
    stage = staging(surveyed, releases[1], WHOLE // 2, STAFF)
    people = {number: await surveyed.client(str(10_000 + n), number) for n, number in enumerate(numbered(12))}
    people[STAFF] = await surveyed.client("10000001", STAFF)
    for who in people.values():
        await surveyed.happened(who)
    await surveyed.pass_(4 * DAY, DAY / 4)
    made = {row.client for row in await surveyed.rows(tables.invitation)}
    assert made == {who for number, who in people.items() if stage.takes(number, who)}
    assert people[STAFF] in made and len(made) < len(people)


async def test_those_who_do_not_see_it_do_not_stand_in_the_way_of_those_who_do(
    surveyed: House, releases: tuple[Release, Release], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.inviting.MANY", 3)
    stage = staging(surveyed, releases[1], WHOLE // 10)
    people = {number: await surveyed.client(str(10_000 + n), number) for n, number in enumerate(numbered(40))}
    for who in people.values():
        await surveyed.happened(who)
    wanted = {who for number, who in people.items() if stage.takes(number, who)}
    for _ in range(len(wanted) + 1):
        await surveyed.inviting.sweep()
    assert {row.client for row in await surveyed.rows(tables.invitation)} == wanted


async def test_when_it_is_for_all_the_others_are_invited_too(
    surveyed: House, releases: tuple[Release, Release]
) -> None:
    people = [await surveyed.client(str(10_000 + n), number) for n, number in enumerate(numbered(8))]
    staging(surveyed, releases[1], WHOLE // 2)
    for who in people:
        await surveyed.happened(who)
    await surveyed.inviting.sweep()
    before = {row.client: row.id for row in await surveyed.rows(tables.invitation)}
    again = House(surveyed.db, releases[1])
    again.clock.advance(60)
    await again.inviting.sweep()
    after = {row.client: row.id for row in await surveyed.rows(tables.invitation)}
    assert set(after) == set(people) and after.items() >= before.items()


def numbered(many: int) -> list[str]:
    return [f"+2547110001{n:02d}" for n in range(many)]


async def test_a_reminder_is_in_the_words_that_its_client_sees(
    surveyed: House, releases: tuple[Release, Release]
) -> None:
    """Who is invited on the stage is reminded there; where it was withdrawn nobody is, and the invitation closes."""
    who = await surveyed.client("10001", AKINYI)
    staging(surveyed, releases[1], 0, AKINYI)
    await surveyed.happened(who)
    await surveyed.pass_(3 * DAY + dt.timedelta(hours=1))
    assert (await surveyed.one()).state == "invited"
    surveyed.inviting = House(surveyed.db, releases[0]).inviting
    surveyed.inviting = Inviting(surveyed.db, surveyed.clock, lambda: releases[0], surveyed.inviting.refresh, "*384*7#")
    await surveyed.pass_(9 * DAY, DAY)
    row = await surveyed.one()
    assert (row.state, row.reminders) == ("closed", 0)
