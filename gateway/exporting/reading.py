"""Rows of an export, a page at a time: the record is never held, however many they are."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from gateway.exporting.columns import ROLES, SEES_HIDDEN
from gateway.exporting.exports import Export, Source
from gateway.record.database import Database

PAGE = 1000  # rows in one read


@dataclass(frozen=True, slots=True)
class Asked:
    """Which rows, and who wants them. ``role``: "" for masked. ``since`` is the first moment, ``until`` the first one
    that is not wanted any more."""

    role: str = ""
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    state: str = ""

    @property
    def sees(self) -> frozenset[str]:
        return ROLES[self.role] if self.role else frozenset()


async def lines(db: Database, export: Export, asked: Asked) -> AsyncIterator[list[Any]]:
    """The values of each row in the order of the columns, masked. Raises Unavailable."""
    for source in export.sources:
        async for row in _rows(db, _wanted(source, asked), source.order):
            whole = _Whole(row)
            yield [column.shown(whole, asked.sees) for column in export.columns]


class _Whole(dict[str, Any]):
    """A row of one source, which lacks some columns of the others."""

    def __missing__(self, _name: str) -> None:
        return None


def _wanted(source: Source, asked: Asked) -> sa.Select[Any]:
    query = source.query
    if asked.since is not None:
        query = query.where(source.at >= asked.since)
    if asked.until is not None:
        query = query.where(source.at < asked.until)
    if asked.state and source.state is not None:
        query = query.where(source.state == asked.state)
    if asked.role and asked.role not in SEES_HIDDEN and source.hidden is not None:
        query = query.where(source.hidden == "")
    return query


async def _rows(
    db: Database, query: sa.Select[Any], order: tuple[sa.ColumnElement[Any], ...]
) -> AsyncIterator[dict[str, Any]]:
    places = [sa.type_coerce(column, column.type).label(f"place_{n}") for n, column in enumerate(order)]
    page = query.add_columns(*places).order_by(*order).limit(PAGE)
    last: tuple[Any, ...] = ()
    while True:
        behind = sa.tuple_(*order) > sa.tuple_(*last, types=[column.type for column in order]) if last else sa.true()
        async with db.read() as conn:
            found = [dict(row._mapping) for row in await conn.execute(page.where(behind))]
        for row in found:
            last = tuple(row.pop(place.name) for place in places)
            yield row
        if len(found) < PAGE:
            return
