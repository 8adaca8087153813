"""One statement for many rows, made once for each database and run on its driver: no work per row but the driver's.

SQLite runs it for each row, which costs it no round trip. PostgreSQL gets each column as one text, with a separator
between the values, and takes it apart in the statement: to encode and send an array costs asyncpg ten times as much.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.ids import new_id
from gateway.record.schema import Utc

SEPARATOR = "\x1f"

Insert = sqlite.Insert | postgresql.Insert
Given = dict[str, sa.ColumnElement[Any]]  # a row that comes in, by the names of its columns
Row = Sequence[str | int | None]  # moments as texts in UTC, JSON as text


class Bulk:
    """Inserts rows of ``columns`` into ``table``.

    ``conflict`` says what becomes of a row that is there already, ``more`` what columns hold that no row brings. A text
    that is None is written as "".
    """

    def __init__(
        self,
        table: sa.Table,
        columns: Sequence[str],
        conflict: Callable[[Insert], Insert],
        more: Callable[[Given], Given] = lambda _: {},
    ) -> None:
        self._table = table
        self._types = {name: table.c[name].type for name in columns}
        self._conflict, self._more = conflict, more
        self._texts: dict[str, str] = {}

    async def run(self, conn: AsyncConnection, rows: Sequence[Row]) -> None:
        """Raises what ``conn.execute`` raises."""
        if not rows:
            return
        text = self._texts.get(conn.dialect.name)
        if text is None:
            text = self._texts[conn.dialect.name] = self._text(conn.dialect)
        given: Any = list(rows) if conn.dialect.name == "sqlite" else joined(rows)
        await conn.exec_driver_sql(text, given)

    def _text(self, dialect: Dialect) -> str:
        made = self._for_each() if dialect.name == "sqlite" else self._for_all()
        return str(made.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))

    def _for_each(self) -> Insert:
        """``?2`` is the second column of a row: SQLite lets a statement use it more than once."""
        given: Given = {
            name: sa.literal_column(f"?{n}", type_) for n, (name, type_) in enumerate(self._types.items(), 1)
        }
        return self._conflict(sqlite.insert(self._table).values(given | self._more(given)).inline())

    def _for_all(self) -> Insert:
        texts: list[Any] = [
            sa.literal_column(f"string_to_array(${n}, $1{_null(type_)})")
            for n, type_ in enumerate(self._types.values(), 2)
        ]
        rows = sa.func.unnest(*texts).table_valued(*self._types).render_derived(name="given")
        given: Given = {name: _read(rows.c[name], type_) for name, type_ in self._types.items()}
        given |= self._more(given)
        return self._conflict(postgresql.insert(self._table).from_select(list(given), sa.select(*given.values())))


def joined(rows: Sequence[Row]) -> tuple[str, ...]:
    """A separator that is in none of the values, then of each column its values, joined by it."""
    columns = list(zip(*rows, strict=True))
    separator = SEPARATOR
    while True:
        texts = [_joined(separator, column) for column in columns]
        if all(text.count(separator) == len(rows) - 1 for text in texts):
            return separator, *texts
        separator = SEPARATOR + new_id()


def _joined(separator: str, column: Sequence[str | int | None]) -> str:
    try:
        return separator.join(column)  # type: ignore[arg-type]  # as most columns can be
    except TypeError:
        return separator.join(["" if value is None else str(value) for value in column])


def _null(type_: sa.types.TypeEngine[Any]) -> str:
    return "" if isinstance(type_, sa.String) else ", ''"


def _read(word: sa.ColumnElement[Any], type_: sa.types.TypeEngine[Any]) -> sa.ColumnElement[Any]:
    """The value that was sent as a word. A text of a single row that is "" comes out of its array as NULL."""
    if isinstance(type_, sa.String):
        return sa.func.coalesce(word, "")
    if isinstance(type_, Utc):
        return sa.func.timezone("UTC", sa.cast(word, sa.DateTime()))
    return sa.cast(word, type_)
