"""The month goes into the record: row by row as it was lived, under the ids that it has.

Many rows at a time and never all, so that a turn that writes waits for some milliseconds only. Killed half-way it is
begun again, and finds what is there already.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from adapters.payment import Notebook
from gateway.record.database import Database, insert
from gateway.record.tables import effect, event, ledger, metadata, posting, publication, release, staff, staff_session
from worker.past.house import Place

STAYS = (staff, staff_session, release, publication, effect)  # the record has its own; effects are over
LAST = (event,)  # or the schedules would make invitations of them that are there already
MANY = 200  # rows of one transaction
SECTIONS = ("payment:",)  # of the wallet's pages: what it was asked for, and how it ended

Row = dict[str, Any]


async def move(lived: Database, record: Database) -> None:
    """Raises Unavailable."""
    sealed = (ledger, posting)
    tables = [table for table in metadata.sorted_tables if table not in (*STAYS, *LAST, *sealed)]
    for table in (*tables, *LAST):
        for some in _some(await _rows(lived, table)):
            async with record.write() as conn:
                await conn.execute(insert(conn, table).on_conflict_do_nothing(), some)
    await _move_ledger(await _rows(lived, ledger), await _rows(lived, posting), record)


async def _move_ledger(legs: list[Row], postings: list[Row], record: Database) -> None:
    """A posting comes with all its legs, and after them."""
    by_key = {
        key: list(some) for key, some in groupby(sorted(legs, key=lambda leg: leg["key"]), lambda leg: leg["key"])
    }
    for some in _some(postings):
        async with record.write() as conn:
            there = set(await conn.scalars(sa.select(posting.c.key).where(posting.c.key.in_([p["key"] for p in some]))))
            fresh = [one for one in some if one["key"] not in there]
            if fresh:
                await conn.execute(sa.insert(ledger), [leg for one in fresh for leg in by_key[one["key"]]])
                await conn.execute(sa.insert(posting), fresh)


async def _rows(of: Database, table: sa.Table) -> list[Row]:
    async with of.read() as conn:
        return [dict(row._mapping) for row in await conn.execute(sa.select(table))]


def _some(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    for start in range(0, len(rows), MANY):
        yield rows[start : start + MANY]


async def keep_pages(notebook: Notebook, name: str, at: Place) -> None:
    """Writes the wallet's pages beside the month."""
    pages = {page: text.decode() for section in SECTIONS for page, text in await notebook.pages(section)}
    at.wallet.write_text(json.dumps({name: pages}))


async def move_pages(notebooks: Mapping[str, Notebook], at: Place) -> None:
    """Puts them into the wallet's notebook. Raises OSError."""
    for name, pages in json.loads(at.wallet.read_text()).items():
        for page, text in pages.items():
            await notebooks[name].put(page, None, text.encode())
