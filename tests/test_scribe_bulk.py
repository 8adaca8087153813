"""Many rows in one statement: what is written is what came, whatever was typed, and the same as one by one."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects.sqlite import aiosqlite

from gateway.journal import Entry, Saved
from gateway.record import tables
from gateway.record.bulk import SEPARATOR, joined
from gateway.record.database import Database
from gateway.record.journalled import stamp
from gateway.record.schema import Utc
from gateway.record.scribing import Unwritable, apply

WRITTEN = (tables.conversation, tables.message, tables.address, tables.observation, tables.outbox)
START = 1_790_000_000.0
HARD = ["", " ", SEPARATOR, f"a{SEPARATOR}", "{a,b}", "NULL", '"', "\\", "\\N", "'", "$1", "%s", ":x", "\n", "1"]
WORDS = ("channel", "service", "network", "flow", "language", "outcome", "cost")
TYPED = st.sampled_from(HARD) | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
SHORT = TYPED.map(lambda text: text.replace("\x00", "").strip()[:12])
VALUES = st.none() | st.integers(-(2**53), 2**53) | SHORT | st.lists(SHORT, max_size=2)
QUICK = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def entry(turn: int, **values: Any) -> Entry:
    given_ = {"conversation": "c" * 32, "at": START + turn, "event": "said", "channel": "ussd", "kind": "ussd"}
    return Entry(turn=turn, **({**given_, "address": "+254700000001", **values}))


async def rows(db: Database) -> dict[str, list[dict[str, Any]]]:
    async with db.read() as conn:
        return {
            table.name: [
                dict(row._mapping) for row in await conn.execute(sa.select(table).order_by(*table.primary_key))
            ]
            for table in WRITTEN
        }


async def empty(db: Database) -> None:
    async with db.write() as conn:
        for table in WRITTEN:
            await conn.execute(sa.delete(table))


@st.composite
def said(draw: st.DrawFn) -> list[Entry]:
    """Turns of a few conversations in which anything may have been typed."""
    conversations = draw(st.lists(st.sampled_from("abc"), min_size=1, max_size=6))
    counts = dict.fromkeys(conversations, 0)
    made = []
    for n, talk in enumerate(conversations):
        counts[talk] += 1
        values = {name: draw(SHORT) for name in WORDS}
        made.append(
            entry(
                counts[talk],
                conversation=talk * 32,
                at=START + n + draw(st.floats(0, 0.9)),
                event=draw(st.sampled_from(["dial", "said", "timed out"])),
                address=f"+25470000000{draw(st.integers(0, 2))}",
                heard=draw(st.none() | TYPED),
                told=draw(st.none() | TYPED),
                matched=draw(TYPED),
                page=draw(st.integers(0, 3)),
                saved=[Saved(draw(SHORT), "text", draw(VALUES), f"step{n}")] if draw(st.booleans()) else [],
                contact=draw(st.sampled_from([{}, {"language": "sw"}, {"notice": "1"}])),
                **values,
            )
        )
    return made


@QUICK
@given(made=said(), cut=st.integers(0, 6))
@example(made=[entry(1, channel="", heard="", told="")], cut=0)
@example(made=[entry(1, heard=SEPARATOR, told="?"), entry(2, heard="1", matched=SEPARATOR * 2)], cut=0)
async def test_together_they_come_to_what_they_come_to_one_by_one(
    database: Database, made: list[Entry], cut: int
) -> None:
    await empty(database)
    for one in made:
        await apply(database, [one])
    expected = await rows(database)

    await empty(database)
    for some in (made[:cut], made[cut:]):
        await apply(database, some)
    found = await rows(database)
    assert found == expected

    heard = {(row["conversation"], row["turn"]): row for row in found["message"] if row["direction"] == "in"}
    for one in made:
        row = heard.get((one.conversation, one.turn))
        if one.heard is not None:
            assert row
            assert row["text"] == one.heard.replace("\x00", "")
            assert abs(row["at"].timestamp() - one.at) <= 1e-6
    kept = {(row["conversation"], row["turn"], row["step"]): row["value"] for row in found["observation"]}
    assert kept == {(one.conversation, one.turn, each.step): each.value for one in made for each in one.saved}


@given(st.lists(st.tuples(TYPED, TYPED, st.none() | st.integers()), min_size=1, max_size=8))
def test_columns_come_apart_again_as_they_were_joined(given_: list[tuple[str, str, int | None]]) -> None:
    separator, *texts = joined(given_)
    apart = [text.split(separator) for text in texts]
    assert list(zip(*apart, strict=True)) == [(a, b, "" if c is None else str(c)) for a, b, c in given_]


_sqlite = aiosqlite.dialect()
_as_sqlalchemy_keeps_it: Any = Utc().dialect_impl(_sqlite).bind_processor(_sqlite)


@given(st.floats(-62_135_596_800, 253_402_300_799))
@example(0.0)
@example(1_790_000_000.9999999)
def test_a_stamp_is_what_the_column_holds(seconds: float) -> None:
    moment = dt.datetime.fromisoformat(f"{stamp(seconds)}+00:00")
    assert _as_sqlalchemy_keeps_it(moment) == stamp(seconds)
    assert abs(moment.timestamp() - seconds) <= max(1e-6, abs(seconds) * 1e-15), "floats are no finer"


@given(st.lists(st.floats(0, 4e9), min_size=2))
def test_stamps_sort_as_moments_do(seconds: list[float]) -> None:
    stamps = [stamp(one) for one in sorted(seconds)]
    assert all(a <= b for a, b in itertools.pairwise(stamps))


async def test_moments_do_not_depend_on_the_zone_of_the_server(postgres: Any) -> None:
    with postgres.fresh("njia_template") as url:
        before = Database(url)
        async with before.write() as conn:
            name = await conn.scalar(sa.text("select current_database()"))
            await conn.execute(sa.text(f"alter database {name} set timezone to 'Africa/Nairobi'"))
        await before.close()
        db = Database(url)
        async with db.read() as conn:
            assert await conn.scalar(sa.text("select current_setting('timezone')")) == "Africa/Nairobi"
        await apply(db, [entry(1, heard="1"), entry(2, contact={"language": "sw"})])
        found = await rows(db)
        await db.close()
    (talk,) = found["conversation"]
    (address,) = found["address"]
    assert talk["started_at"] == dt.datetime.fromtimestamp(START + 1, dt.UTC)
    assert address["language_at"] == dt.datetime.fromtimestamp(START + 2, dt.UTC)


async def test_what_is_too_long_is_refused_and_never_cut(database: Database) -> None:
    long, other = entry(1, channel="c" * 41), entry(1, conversation="d" * 32)
    if not database.is_sqlite:  # which has no widths
        with pytest.raises(Unwritable):
            await apply(database, [long, other])
        assert (await rows(database))["conversation"] == []
        return
    await apply(database, [long, other])
    assert (await rows(database))["conversation"][0]["channel"] == "c" * 41
