"""Hot reads on PostgreSQL: connections that are cut, slow, given up or not to be had."""

from __future__ import annotations

import asyncio

import last_words
import pytest
import sqlalchemy as sa

from flows.ports import Unavailable
from gateway.record.database import Database
from gateway.record.postgres_readers import PostgresReaders
from gateway.record.reading import Reading, Rows

_PID = Reading(sa.select(sa.func.pg_backend_pid(), sa.bindparam("one", type_=sa.Integer)))
_SLOW = Reading(sa.select(sa.func.length(sa.cast(sa.func.pg_sleep(sa.bindparam("long", type_=sa.Float)), sa.Text))))


async def _pid(db: Database) -> int:
    return int((await db.rows(_PID, one=1))[0][0])


async def _cut(killer: Database, victim: int) -> None:
    async with killer.read() as conn:
        await conn.execute(sa.text("select pg_terminate_backend(:victim, 5000)"), {"victim": victim})


async def test_a_connection_cut_by_the_server_is_replaced(postgres_url: str) -> None:
    db, killer = Database(postgres_url), Database(postgres_url)
    victim = await _pid(db)
    assert await _pid(db) == victim
    await _cut(killer, victim)
    assert await _pid(db) != victim
    await db.close()
    await killer.close()


async def test_a_connection_cut_in_the_middle_of_a_read_is_unavailable(postgres_url: str) -> None:
    db, killer = Database(postgres_url), Database(postgres_url)
    victim = await _pid(db)
    reading = asyncio.create_task(db.rows(_SLOW, long=60.0))
    await _active(killer, victim)
    await _cut(killer, victim)
    with pytest.raises(Unavailable):
        await reading
    assert await _pid(db) != victim
    await db.close()
    await killer.close()


async def test_a_connection_that_was_told_of_its_end_is_replaced(postgres_url: str) -> None:
    db = Database(postgres_url)
    victim = await _pid(db)
    (line,) = db._direct._idle
    last_words.heard_by(line.conn)
    assert not line.conn.is_closed()
    assert await _pid(db) != victim
    await db.close()


async def _active(watcher: Database, pid: int) -> None:
    """Waits until this backend is asleep in its statement."""
    busy = sa.text("select wait_event from pg_stat_activity where pid = :pid and state = 'active'")
    while True:
        async with watcher.read() as conn:
            if await conn.scalar(busy, {"pid": pid}) == "PgSleep":
                return


async def test_a_read_that_takes_too_long_is_unavailable(postgres_url: str) -> None:
    db = Database(postgres_url, seconds=0.2)
    with pytest.raises(Unavailable):
        await db.rows(_SLOW, long=10.0)
    await db.close()


async def test_who_waits_too_long_for_a_connection_finds_it_unavailable(postgres_url: str) -> None:
    db = Database(postgres_url, pool=1, seconds=0.3)
    done = await asyncio.gather(*(db.rows(_SLOW, long=0.2) for _ in range(6)), return_exceptions=True)
    assert Unavailable in {type(result) for result in done}
    assert await _pid(db)
    await db.close()


async def test_who_gives_up_when_its_turn_has_come_hands_it_on(monkeypatch: pytest.MonkeyPatch) -> None:
    readers, begun, go = PostgresReaders({}, 1, 5.0), asyncio.Event(), asyncio.Event()

    async def read(text: str, _: object) -> Rows:
        begun.set()
        await go.wait()
        if text == "first":  # before the one that waits is told that it is its turn
            asyncio.get_running_loop().call_soon(second.cancel)
        return [[text]]

    monkeypatch.setattr(readers, "_read", read)
    first, second, third = (asyncio.create_task(readers.rows(text, ())) for text in ("first", "second", "third"))
    await begun.wait()
    go.set()
    assert await asyncio.gather(first, third) == [[["first"]], [["third"]]]
    assert second.cancelled()
    assert await readers.rows("fourth", ()) == [["fourth"]]


async def test_a_read_given_up_leaves_its_connection_of_use_and_two_in_a_row_do_not(postgres_url: str) -> None:
    db, watcher = Database(postgres_url, pool=1), Database(postgres_url)
    first = await _pid(db)
    await _give_up(db, watcher, first)
    assert await _pid(db) == first
    await _give_up(db, watcher, first)
    await _give_up(db, watcher, first)
    assert await _pid(db) != first
    await db.close()
    await watcher.close()


async def _give_up(db: Database, watcher: Database, pid: int) -> None:
    reading = asyncio.create_task(db.rows(_SLOW, long=60.0))
    await _active(watcher, pid)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading


async def test_its_connections_have_the_limits_of_every_reader(postgres_url: str) -> None:
    names = (
        "application_name",
        "statement_timeout",
        "lock_timeout",
        "default_transaction_read_only",
        "jit",
        "plan_cache_mode",
    )
    shown = Reading(sa.select(*(sa.func.current_setting(sa.literal(name, sa.Text)) for name in names)))
    db = Database(postgres_url, seconds=3.0)
    assert list((await db.rows(shown))[0]) == ["njia", "3s", "3s", "on", "off", "force_generic_plan"]
    await db.close()


async def test_without_prepared_statements(postgres_url: str) -> None:
    """As with a pooler that hands every statement to another server."""
    db = Database(postgres_url + "&prepared_statement_cache_size=0")
    for _ in range(3):
        assert await _pid(db)
    prepared = Reading(sa.select(sa.func.count()).select_from(sa.text("pg_prepared_statements")))
    assert (await db.rows(prepared))[0][0] == 0
    await db.close()
