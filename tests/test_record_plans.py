"""A hot read goes by an index on both databases, also where PostgreSQL has no statistics (an import, a restore)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from gateway.record import books, cards, tables
from gateway.record.database import Database
from gateway.record.reading import Reading

HOT = {
    "accounts with legs": books._WITH_LEGS.one,
    "an account with legs": books._ONE_WITH_LEGS,
    "accounts": books._ACCOUNTS_OF,
    "an account": books._ONE,
    "legs": books._LEGS_OF,
    "card": cards._CARD,
}
HOT_OF_SEVERAL = {"accounts of several with legs": books._WITH_LEGS.several}  # on PostgreSQL alone
MANY = 20_000
FILLED = (
    "set local session_replication_role = replica",  # legs without their postings: only reading is looked at
    "insert into client (id, number, name, stage, created_at) select 'c' || n, n, n, 'active', now() from n",
    "insert into account (ref, client, product, nickname, currency, opened, terms) "
    "select 'S-' || n, 'c' || n, 'p', 'N', 'KES', now(), '{}' from n",
    'insert into ledger (key, leg, book, account, minor, currency, "on", kind, at) '
    "select n, 0, 'S-' || n || ':savings', 'S-' || n, -1, 'KES', now(), 'deposited', now() from n",
    "insert into contact (id, client, address, since) select n, 'c' || n, '+254' || n, now() from n",
    "insert into address (address) select '+254' || n from n",
    "insert into pin (client) select 'c' || n from n",
)


@pytest.fixture
async def filled(postgres: Any) -> AsyncIterator[Database]:
    """Many rows, and no statistics of them."""
    with postgres.fresh("njia_template") as url:
        db = Database(url)
        async with db.write() as conn:
            for name in ("client", "account", "ledger", "contact", "address", "pin"):
                await conn.exec_driver_sql(f"alter table {name} set (autovacuum_enabled = false)")
            for statement in FILLED:
                rows = f"with n as (select generate_series(1, {MANY})::text as n) " if "from n" in statement else ""
                await conn.exec_driver_sql(rows + statement)
        yield db
        await db.close()


@pytest.mark.parametrize("plan", ["force_custom_plan", "force_generic_plan"])
async def test_no_hot_read_goes_through_a_table_for_want_of_statistics(filled: Database, plan: str) -> None:
    for name, reading in {**HOT, **HOT_OF_SEVERAL}.items():
        text = await _explained(filled, reading, plan)
        assert "Seq Scan" not in text, (name, text)
        of_all = next(line for line in text.splitlines() if "Buffers:" in line)
        blocks = sum(int(found) for found in re.findall(r"(?:hit|read)=(\d+)", of_all))
        assert blocks < 40, (name, text)


async def _explained(db: Database, reading: Reading, plan: str) -> str:
    said = reading.on(db._readers.dialect)
    of = ["c5", "c6", "c7"] if reading in HOT_OF_SEVERAL.values() else "c5"
    values = ", ".join(_literal(value) for value in said.arguments({"of": of, "address": "+2545"}))
    async with db.read() as conn:
        await conn.exec_driver_sql("set jit = off")
        await conn.exec_driver_sql(f"set plan_cache_mode = {plan}")
        await conn.exec_driver_sql(f"prepare hot as {said.text}")
        rows = await conn.exec_driver_sql(f"explain (analyze, buffers, timing off) execute hot({values})")
        text = "\n".join(row[0] for row in rows)
        await conn.exec_driver_sql("deallocate hot")
    return text


def _literal(value: Any) -> str:
    return f"array{value!r}" if isinstance(value, list) else repr(value)


async def test_on_sqlite_neither(sqlite_template: Path) -> None:
    db = Database(f"sqlite:///{sqlite_template}")
    for name, reading in HOT.items():
        said = reading.on(db._readers.dialect)
        values = said.arguments({"of": "c5", "address": "+2545"})
        plan = [row[3] for row in await db._direct.rows(f"EXPLAIN QUERY PLAN {said.text}", values)]
        through = [step for step in plan if step.startswith("SCAN") and step.split()[1] in tables.metadata.tables]
        assert (name, through) == (name, [])
    await db.close()
