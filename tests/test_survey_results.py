"""What the record says of a survey: every count against the rows themselves, on both databases."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from survey_facts import DAY, FLOW, MENU, MINUTE, REFUSED, Said, believable

from gateway.ids import new_id
from gateway.journal import Entry, Saved
from gateway.record import clients, contacts, journalled, migrations, survey_counts, tables
from gateway.record.clients import Person, Told
from gateway.record.database import Database
from gateway.record.desk import surveys
from gateway.record.desk.staff import Staff
from gateway.record.desk.survey_runs import Scope

NOW = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
DESK = Staff("1", "desk@x.example", "Desk", "agent")
STEPS = ["full", "why", "ease", "hard", "extra", "more"]


async def people(db: Database, count: int = 5) -> list[tuple[str, str]]:
    found = []
    async with db.write() as conn:
        for n in range(count):
            made = await clients.create(conn, Person(number=f"{20000 + n}", name=f"Client {n}"), Told(NOW, "test"))
            await contacts.add(conn, made, f"+25471000000{n}", Told(NOW, "test"))
            found.append((made, f"+25471000000{n}"))
    return found


@pytest.fixture
async def said(database: Database) -> Said:
    return Said(NOW, await people(database))


@pytest.mark.parametrize("seed", range(3))
async def test_every_count_is_that_of_the_rows(database: Database, said: Said, seed: int) -> None:
    believable(said, seed)
    rows = {table: list(kept) for table, kept in said.rows.items()}
    await said.keep(database)
    for flow in (FLOW, MENU):
        found = await surveys.answers(database, Scope(flow), ["full", "why", "ease", "hard", "extra", "score"])
        told = Counter({(one.step, one.absent): 0 for one in found})
        for one in found:
            told[one.step, one.absent] += one.count
        mine = [row for row in rows["observation"] if row["flow"] == flow]
        assert told == Counter((row["step"], row["absent"]) for row in mine), seed
        values = Counter({(one.step, str(one.value)): one.count for one in found if one.kind != "choices"})
        wanted = Counter(
            (row["step"], str(row["value"])) for row in mine if row["step"] in ("full", "ease", "score", "why")
        )
        assert {key: count for key, count in values.items() if key in wanted} == dict(wanted), seed
        shown = Counter(row["step"] for row in rows["reached"] if row["flow"] == flow)
        passed = await surveys.passed(database, Scope(flow), sorted(shown))
        assert {step: one.shown for step, one in passed.items()} == dict(shown), seed
    made, invited = await surveys.funnel(database, Scope(FLOW)), rows["invitation"]
    states = Counter(row["state"] for row in invited)
    assert (made.due, made.left_out) == (len(invited), Counter(r["reason"] for r in invited if r["reason"]))
    assert (made.invited, made.done) == (states["completed"] + states["closed"], states["completed"])
    assert made.begun == sum(row["begun_at"] is not None for row in invited)


async def test_what_a_question_was_skipped_for(database: Database, said: Said) -> None:
    said.invited({"full": "yes", "ease": 5, "extra": "no", "more": REFUSED})
    said.invited({"full": "less", "why": "rule", "ease": 1, "hard": "wait", "extra": "no", "more": "Slow"})
    said.invited({"full": "less", "why": None}, "closed")
    said.invited({"full": None}, "left")
    await said.keep(database)
    passed = await surveys.passed(database, Scope(FLOW), STEPS)
    assert {step: tuple(one) for step, one in passed.items()} == {
        "full": (4, 0),
        "why": (2, 1),
        "ease": (2, 0),
        "hard": (1, 1),
        "extra": (2, 0),
        "more": (2, 0),
    }
    assert await surveys.passed(database, Scope(FLOW), []) == {}


async def test_the_last_answer_counts_and_a_call_that_dropped_is_no_second_client(
    database: Database, said: Said
) -> None:
    """Invited once, answered in two calls, and said something else the second time."""
    said.invited({"full": "less"}, "completed")
    (first,) = said.rows["observation"]
    later = first | {"id": new_id(), "value": "yes", "conversation": new_id(), "at": first["at"] + MINUTE}
    said.rows["observation"].append(later)
    await said.keep(database)
    (answer,) = await surveys.answers(database, Scope(FLOW), ["full"])
    assert (answer.value, answer.count) == ("yes", 1)
    assert (await surveys.funnel(database, Scope(FLOW))).own == 0


@pytest.mark.parametrize(("heard", "run"), [(FLOW, "i1"), (MENU, "")])
def test_a_survey_that_was_begun_in_the_call_of_another(heard: str, run: str) -> None:
    """Each turn carries the invitation that the call came for; another survey in it is the client's own."""
    entry = Entry("c1", 3, 0.0, "said", "ussd", "ussd", "+1", flow=heard, heard_flow=heard)
    entry.saved, entry.invitation, entry.invited = [Saved("f", "text", "yes", "full")], "i1", FLOW
    (row,) = journalled.observations(journalled.turns([entry]))
    assert row[journalled.COLUMNS["observation"].index("invitation")] == run


@pytest.mark.parametrize(
    ("since", "until", "count"), [(None, None, 3), (20, None, 2), (None, 10, 2), (20, 10, 1), (1, None, 0)]
)
async def test_only_the_days_that_are_asked_for(
    database: Database, said: Said, since: int | None, until: int | None, count: int
) -> None:
    for days in (30, 15, 5):
        said.invited({"full": "yes"}, days=days)
    await said.keep(database)
    bounds = [NOW - days * DAY if days is not None else None for days in (since, until)]
    scope = Scope(FLOW, *bounds)
    assert (await surveys.funnel(database, scope)).begun == count
    assert sum(one.count for one in await surveys.answers(database, scope, ["full"])) == count


async def test_by_the_release_that_they_saw(database: Database, said: Said) -> None:
    said.invited({"full": "yes"})
    said.began({"full": "no"}, flow=FLOW)
    said.release = "b" * 64
    said.invited({"full": "less"})
    await said.keep(database)
    found = await surveys.releases(database, FLOW)
    assert {one.release[0]: one.count for one in found} == {"a": 2, "b": 1}
    (answer,) = await surveys.answers(database, Scope(FLOW, release="b" * 64), ["full"])
    assert answer.value == "less"


async def test_quotes_come_newest_first_and_none_is_lost_between_pages(
    database: Database, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(surveys, "PAGE", 3)
    for n in range(8):
        said.invited({"more": f"words {n}"}, days=10 - n // 2)  # two of each moment
    said.invited({"more": REFUSED})
    await said.keep(database)
    seen: list[str] = []
    while found := await surveys.quotes(database, Scope(FLOW), ["more"], DESK, len(seen)):
        seen += [one.text for one in found[:3]]
    assert sorted(seen) == [f"words {n}" for n in range(8)]
    assert [text[-1] in "67" for text in seen[:2]] == [True, True]


async def test_who_may_not_see_an_answer_gets_no_quote(database: Database, said: Said) -> None:
    said.invited({"more": "He asked for money"})
    await said.keep(database)
    officer = Staff("2", "officer@x.example", "Officer", "agent", ref="E-0001")
    assert await surveys.quotes(database, Scope(FLOW), ["more"], officer) == []
    assert len(await surveys.quotes(database, Scope(FLOW), ["more"], DESK)) == 1


async def test_whole_batches(database: Database, said: Said) -> None:
    """Of clients, by when each of them first began; who is there in the same moment is in the same one."""
    said.crowd()
    everybody = said.clients
    for days in range(27, 0, -1):
        said.invited({"full": "yes"}, days=days)
    said.clients = [everybody[1]]  # who was the first
    for days in range(26, 0, -1):
        said.invited({"full": "yes"}, days=days - 0.1)
    await said.keep(database)
    (first,) = await surveys.batches(database, FLOW, NOW - 8.5 * DAY, 10)
    assert (first.first, first.last) == (NOW - 27 * DAY, NOW - 18 * DAY)
    assert await surveys.batches(database, FLOW, NOW - 20 * DAY, 10) == []
    assert [batch.last for batch in await surveys.batches(database, FLOW, NOW, 10)] == [NOW - 18 * DAY, NOW - 8 * DAY]
    said.clients = everybody[100:]
    for _ in range(5):
        said.invited({"full": "yes"}, days=18)
    await said.keep(database)
    first, second = await surveys.batches(database, FLOW, NOW, 10)
    assert first.last == NOW - 18 * DAY and second.last == NOW - 8 * DAY


async def test_how_far_the_schedules_are_behind(database: Database, said: Said) -> None:
    assert await survey_counts.counts(database, NOW) == (0, 0, 0.0)
    said.invited(None, "invited")
    said.invited(None, "scheduled", days=0.25)
    said.invited(None, "scheduled", days=-3)
    said.left_out("no words", days=2)
    said.left_out("no words", days=20)
    await said.keep(database)
    assert await survey_counts.counts(database, NOW) == (1, 1, 6 * 3600.0)


async def test_answers_from_before_find_their_invitation(empty: Database) -> None:
    """The migration: of a client and flow, while the invitation was begun and not over."""
    who, at = {"id": "c1", "number": "1", "name": "A", "stage": "active"}, NOW - 2 * DAY
    invitation = {"id": "i1", "flow": FLOW, "release": "r1", "client": "c1", "event": "e", "state": "completed"}
    invitation |= {"due_at": at, "begun_at": at, "ended_at": at + 5 * MINUTE}
    row = {"client": "c1", "flow": FLOW, "kind": "text", "field": "f", "hidden_from": "officer"}
    answers = [(at + MINUTE, "within"), (at + DAY, "later"), (at - DAY, "before")]
    async with empty.write() as conn:
        await _insert(conn, "client", who | {"created_at": at})
        await _insert(conn, "invitation", invitation)
        for when, step in answers:
            await _insert(conn, "observation", row | {"id": step, "step": step, "conversation": step, "at": when})
        await _insert(conn, "reached", {"invitation": "i1", "step": "full", "at": at})
        await conn.run_sync(lambda sync: command.upgrade(migrations.config(sync), "v0011"))
        found = dict((await conn.execute(sa.text("select step, invitation from observation"))).all())
        assert found == {"within": "i1", "later": "", "before": ""}
        (shown,) = await conn.execute(sa.text("select flow, release from reached"))
        assert tuple(shown) == (FLOW, "r1")
        assert await conn.scalar(sa.text("select hidden_from from invitation")) == "officer"


@pytest.fixture(params=["sqlite_url", "postgres_url"])
async def empty(request: pytest.FixtureRequest) -> Any:
    """A database with the schema of before."""
    db = Database(str(request.getfixturevalue(request.param)))
    async with db.write() as conn:
        await conn.run_sync(lambda sync: command.upgrade(migrations.config(sync), "v0010"))
    yield db
    await db.close()


async def _insert(conn: Any, table: str, row: dict[str, Any]) -> None:
    known = sa.table(table, *(tables.metadata.tables[table].c[name]._copy() for name in row))
    await conn.execute(sa.insert(known).values(**row))
