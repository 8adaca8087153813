"""Journal entries in SQL: the same rows, whatever the order, the batches and the number of times."""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.ports import Unavailable
from gateway.journal import Entry, Saved
from gateway.record import tables
from gateway.record.database import Database
from gateway.record.scribing import Unwritable, apply

WRITTEN = (tables.conversation, tables.message, tables.address, tables.observation, tables.outbox)
START = 1_790_000_000.0
PHONE = "+254700000001"


async def rows(db: Database) -> dict[str, list[tuple[Any, ...]]]:
    async with db.read() as conn:
        return {
            table.name: [tuple(row) for row in await conn.execute(sa.select(table).order_by(*table.primary_key))]
            for table in WRITTEN
        }


async def empty(db: Database) -> None:
    async with db.write() as conn:
        for table in WRITTEN:
            await conn.execute(sa.delete(table))


def entry(turn: int, **values: Any) -> Entry:
    given_ = {"conversation": "c" * 32, "at": START + turn, "event": "said", "channel": "ussd", "kind": "ussd"}
    return Entry(turn=turn, **({**given_, "address": PHONE, **values}))


# -- what one conversation comes to -----------------------------------------------------------------------------------

CONVERSATION = [
    entry(1, event="dial", told="1 English\n2 Kiswahili", more=True, flow="main", step="language", service="*384*7#"),
    entry(
        2,
        heard="2",
        matched="sw",
        told="PIN?",
        more=True,
        flow="balance",
        step="pin",
        heard_flow="main",
        heard_step="language",
        contact={"language": "sw", "notice": "2026-01"},
        client="a" * 32,
        saved=[Saved("satisfaction", "rating", 4, "rate"), Saved("income", "money", "150050 KES", "income")],
        texts=[("ref-1", PHONE, "Karibu")],
    ),
    entry(3, event="timed out", flow="balance", step="pin", outcome="timed out", client="a" * 32),
]


async def test_a_conversation_becomes_its_rows(database: Database) -> None:
    await apply(database, CONVERSATION)
    found = await rows(database)

    (talk,) = (dict(zip(tables.conversation.c.keys(), row, strict=True)) for row in found["conversation"])
    assert (talk["turn"], talk["outcome"], talk["flow"], talk["client"]) == (3, "timed out", "balance", "a" * 32)
    assert talk["service"] == "*384*7#", "what a later entry leaves out stays"
    assert (talk["started_at"].timestamp(), talk["last_at"].timestamp()) == (START + 1, START + 3)

    said = [(row[1], row[2], row[3], row[4], row[6]) for row in found["message"]]
    assert said == [
        (1, "out", "dial", "1 English\n2 Kiswahili", "language"),
        (2, "in", "said", "2", "language"),
        (2, "out", "said", "PIN?", "pin"),
        (3, "in", "timed out", "", "pin"),
    ]

    (address,) = (dict(zip(tables.address.c.keys(), row, strict=True)) for row in found["address"])
    assert (address["language"], address["notice"]) == ("sw", "2026-01")
    assert address["last_seen"].timestamp() == START + 2, "a time-out is nothing that the person did"

    seen = {row[3]: dict(zip(tables.observation.c.keys(), row, strict=True)) for row in found["observation"]}
    assert seen["satisfaction"]["value"] == 4
    assert (seen["income"]["value"], seen["income"]["unit"]) == (150050, "KES")

    (text,) = (dict(zip(tables.outbox.c.keys(), row, strict=True)) for row in found["outbox"])
    assert (text["ref"], text["to"], text["text"], text["state"]) == ("ref-1", PHONE, "Karibu", "queued")
    assert text["next_at"].timestamp() == START + 2


async def test_an_observation_knows_the_stage_of_life_it_was_made_in(database: Database) -> None:
    then = dt.datetime.fromtimestamp(START, dt.UTC)
    day = dt.timedelta(days=1)
    async with database.write() as conn:
        values = {"id": "a" * 32, "number": "1", "name": "A", "stage": "exited", "created_at": then}
        await conn.execute(sa.insert(tables.client).values(**values))
        stages = [("prospect", then - 9 * day), ("active", then - day), ("exited", then + day)]
        for n, (stage, since) in enumerate(stages):
            values = {"id": str(n), "client": "a" * 32, "stage": stage, "since": since}
            await conn.execute(sa.insert(tables.stage).values(**values))
    await apply(database, [entry(1, client="a" * 32, saved=[Saved("q", "number", 1, "s")])])
    async with database.read() as conn:
        assert await conn.scalar(sa.select(tables.observation.c.stage)) == "active"


async def test_the_closing_notice_comes_late_and_says_little(database: Database) -> None:
    await apply(database, CONVERSATION)
    notice = entry(4, event="hung up", cost="KES 0.80")
    await apply(database, [notice])
    async with database.read() as conn:
        row = (await conn.execute(sa.select(tables.conversation))).one()
    assert (row.cost, row.outcome, row.step, row.turn) == ("KES 0.80", "timed out", "pin", 4)


# -- the same rows, however they come ---------------------------------------------------------------------------------


RATED, REFUSED = Saved("q", "rating", 3, "s"), Saved("p", "text", None, "s", "refused")


@st.composite
def histories(draw: st.DrawFn) -> list[Entry]:
    """Conversations as turns write them: every entry stands for all that is known after its turn."""
    made: list[Entry] = []
    for number in range(draw(st.integers(1, 3))):
        turns = draw(st.integers(1, 4))
        known_from, ends_at = draw(st.integers(1, 5)), draw(st.integers(1, 5))
        address = draw(st.sampled_from([PHONE, "+254700000002"]))
        for turn in range(1, turns + 1):
            made.append(
                entry(
                    turn,
                    conversation=f"{number:032x}",
                    at=START + len(made) + draw(st.integers(0, 9)) / 10,
                    address=address,
                    event=draw(st.sampled_from(["dial", "said", "page", "timed out", "hung up"])),
                    client="a" * 32 if turn >= known_from else "",
                    outcome="completed" if turn >= ends_at else "",
                    flow=draw(st.sampled_from(["balance", "main"])),
                    heard=draw(st.sampled_from([None, "1", "Ndiyo"])),
                    told=draw(st.sampled_from([None, "Asante", "1 Ndiyo\n2 Hapana"])),
                    contact=draw(st.sampled_from([{}, {"language": "sw"}, {"language": "en", "notice": "1"}])),
                    saved=draw(st.sampled_from([[], [RATED, REFUSED]])),
                    texts=[(f"ref-{number}-{turn}", PHONE, "Asante")] if draw(st.booleans()) else [],
                )
            )
    return made


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[Entry], list[list[Entry]]]:
    """A history, and batches in which each entry comes at least once."""
    entries = draw(histories())
    again = draw(st.lists(st.sampled_from(entries), max_size=6))
    order = draw(st.permutations([*entries, *again]))
    cuts = sorted(draw(st.sets(st.integers(1, len(order)), max_size=4)) | {0, len(order)})
    return entries, [list(order[a:b]) for a, b in itertools.pairwise(cuts)]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(delivered=deliveries())
async def test_any_order_any_batches_any_number_of_times(
    database: Database, delivered: tuple[list[Entry], list[list[Entry]]]
) -> None:
    entries, batches = delivered
    await empty(database)
    for one in entries:
        await apply(database, [one])
    expected = await rows(database)

    await empty(database)
    for batch in batches:
        await apply(database, batch)
    assert await rows(database) == expected


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(delivered=deliveries())
async def test_two_at_once(
    database_url: str, database: Database, delivered: tuple[list[Entry], list[list[Entry]]]
) -> None:
    entries, batches = delivered
    await empty(database)
    await apply(database, entries)
    expected = await rows(database)

    await empty(database)
    other = Database(database_url)

    async def all_of(db: Database, order: list[list[Entry]]) -> None:
        for batch in order:
            await apply(db, batch)

    try:
        await asyncio.gather(all_of(database, batches), all_of(other, batches[::-1]))
    finally:
        await other.close()
    assert await rows(database) == expected


# -- what cannot be written -------------------------------------------------------------------------------------------

UNWRITABLE = {
    "a number that no column holds": entry(2**70),
    "a moment that does not exist": entry(1, at=1e30),
    "no moment": entry(1, at=float("nan")),
}


@pytest.mark.parametrize("bad", UNWRITABLE.values(), ids=list(UNWRITABLE))
async def test_what_can_never_be_written_is_told_apart(database: Database, bad: Entry) -> None:
    with pytest.raises(Unwritable) as refused:
        await apply(database, [*CONVERSATION, bad])
    assert PHONE not in str(refused.value)
    assert (await rows(database))["conversation"] == [], "all or none"


@pytest.mark.parametrize("typed", ["\x00", "a\x00b", "\u202e1", "😀" * 500, "9" * 10_000])
async def test_whatever_was_typed_is_kept(database: Database, typed: str) -> None:
    await apply(database, [entry(1, heard=typed, matched=typed, told="?")])
    async with database.read() as conn:
        kept = await conn.scalar(sa.select(tables.message.c.text).where(tables.message.c.direction == "in"))
    assert kept == typed.replace("\x00", "")


async def test_a_schema_that_is_missing_is_no_fault_of_the_entries(sqlite_url: str, postgres_url: str) -> None:
    for url in (sqlite_url, postgres_url):
        db = Database(url)
        with pytest.raises(Unavailable, match="njia db upgrade"):
            await apply(db, CONVERSATION)
        await db.close()
