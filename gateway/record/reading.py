"""Hot reads: statements written once over the tables, compiled once for each database, and run on its driver itself.

Of what a small read costs through SQLAlchemy, nine parts in ten are SQLAlchemy. ``Database.rows`` runs these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

Convert = Callable[[Any], Any]
Rows = Sequence[Sequence[Any]]
_TAKEN = object()  # from who reads; what stands in the statement itself has a value


@dataclass(frozen=True, slots=True)
class Compiled:
    """A statement in the words of one database. ``given``: of each place its name, or the value that it always has;
    ``binds`` and ``results``: the places of values that are converted on the way there and back."""

    text: str
    given: tuple[tuple[str, Any], ...]
    binds: tuple[tuple[int, Convert], ...]
    results: tuple[tuple[int, Convert], ...]

    def arguments(self, values: Mapping[str, Any]) -> list[Any]:
        """Raises KeyError for a value that is missing."""
        made = [values[name] if value is _TAKEN else value for name, value in self.given]
        for at, convert in self.binds:
            made[at] = convert(made[at])
        return made

    def converted(self, rows: Rows) -> Rows:
        """The rows as the driver gave them, with Python's types in them."""
        return [self._one(row) for row in rows] if self.results else rows

    def _one(self, row: Sequence[Any]) -> list[Any]:
        made = list(row)
        for at, convert in self.results:
            made[at] = convert(made[at])
        return made


class Reading:
    """One statement of the hot path. Its rows are read by position, in the order of its columns.

    A column of JSON is to be cast to text: each driver has its own idea of it.
    """

    def __init__(self, statement: sa.Select[Any]) -> None:
        self.statement = statement
        self._compiled: dict[str, Compiled] = {}

    def on(self, dialect: Dialect) -> Compiled:
        """As it is said to this database. Raises ValueError for what cannot be said once for all values."""
        found = self._compiled.get(dialect.name)
        if found is None:
            found = self._compiled[dialect.name] = _compiled(self.statement, dialect)
        return found


def _compiled(statement: sa.Select[Any], dialect: Dialect) -> Compiled:
    made: Any = statement.compile(dialect=dialect)
    columns = list(statement.selected_columns)
    if made.post_compile_params or any(isinstance(column.type, sa.JSON) for column in columns):
        raise ValueError("a hot read has neither lists (IN) nor JSON in it")
    binds = [made.binds[name] for name in made.positiontup]
    given = tuple((bind.key, _TAKEN if bind.required else bind.value) for bind in binds)
    there = (bind.type.dialect_impl(dialect).bind_processor(dialect) for bind in binds)
    back = (column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns)
    return Compiled(made.string, given, _with_place(there), _with_place(back))


def _with_place(converts: Iterable[Convert | None]) -> tuple[tuple[int, Convert], ...]:
    return tuple((at, convert) for at, convert in enumerate(converts) if convert is not None)
