"""The migrations make exactly the tables that the program reads, on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from gateway.record import migrations
from gateway.record.database import Database
from gateway.record.tables import metadata


@pytest.fixture(params=["sqlite_url", "postgres_url"])
def empty_url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(request.param))


def _differences(conn: sa.Connection) -> list[object]:
    context = MigrationContext.configure(conn, opts={"compare_server_default": conn.dialect.name != "sqlite"})
    return list(compare_metadata(context, metadata))


async def test_an_empty_database_becomes_the_metadata(empty_url: str) -> None:
    assert await migrations.current(empty_url) == ""
    assert len(await migrations.pending(empty_url)) >= 1
    await migrations.upgrade(empty_url)
    assert await migrations.pending(empty_url) == []
    assert await migrations.current(empty_url) != ""
    db = Database(empty_url)
    async with db.read() as conn:
        assert await conn.run_sync(_differences) == []
    await db.close()


async def test_a_missing_column_would_be_noticed(empty_url: str) -> None:
    await migrations.upgrade(empty_url)
    db = Database(empty_url)
    async with db.write() as conn:
        await conn.execute(sa.text("alter table guessing drop column locks"))
    async with db.read() as conn:
        assert len(await conn.run_sync(_differences)) == 1
    await db.close()


async def test_upgrades_at_once_and_again_do_it_once(empty_url: str) -> None:
    await asyncio.gather(*(migrations.upgrade(empty_url) for _ in range(3)))
    await migrations.upgrade(empty_url)
    assert await migrations.pending(empty_url) == []


async def test_a_newer_schema_has_nothing_pending(empty_url: str) -> None:
    await migrations.upgrade(empty_url)
    db = Database(empty_url)
    async with db.write() as conn:
        await conn.execute(sa.text("update alembic_version set version_num = 'v9999'"))
    await db.close()
    assert await migrations.pending(empty_url) == []
