"""Several processes open a new SQLite file at once; each turns its log on, and SQLite waits for no such lock."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from gateway.record import database
from gateway.record.database import Database


def refusal(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("no")
    error.sqlite_errorcode = code
    return error


class Cursor:
    """Refuses as often as it is told."""

    def __init__(self, code: int, times: int) -> None:
        self.code, self.left, self.asked = code, times, 0

    def execute(self, _statement: str) -> None:
        self.asked += 1
        if self.left:
            self.left -= 1
            raise refusal(self.code)


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How often it waited."""
    waited: list[int] = []

    def wait(pause: Coroutine[Any, Any, None]) -> None:
        pause.close()
        waited.append(1)

    monkeypatch.setattr(database, "await_only", wait)
    return waited


def test_a_lock_is_waited_for(waits: list[int]) -> None:
    cursor = Cursor(sqlite3.SQLITE_BUSY, 2)
    database._write_ahead(cursor, 60)
    assert (cursor.asked, len(waits)) == (3, 2)


@pytest.mark.parametrize(("code", "seconds"), [(sqlite3.SQLITE_BUSY, -1), (sqlite3.SQLITE_CORRUPT, 60)])
def test_not_for_ever_and_not_for_anything_else(code: int, seconds: float, waits: list[int]) -> None:
    with pytest.raises(sqlite3.OperationalError):
        database._write_ahead(Cursor(code, 1), seconds)
    assert waits == []


async def test_many_open_a_new_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    for number in range(10):
        opened = [Database(f"sqlite+aiosqlite:///{tmp_path / f'{number}.db'}", pool=1) for _ in range(6)]
        await asyncio.gather(*(_write(one) for one in opened))
        await asyncio.gather(*(one.close() for one in opened))


async def _write(one: Database) -> None:
    async with one.write() as conn:
        await conn.execute(sa.text("create table if not exists t (a)"))
