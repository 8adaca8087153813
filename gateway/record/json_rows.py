"""The rows of a subquery as one text of JSON: what hangs on a row can be read with it, by one statement.

A join would say the row again with each of them, and PostgreSQL may join by reading a whole table while it knows no
statistics (after an import, a restore or an upgrade); a subquery in a column always goes by its index.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

_WORDS = {"postgresql": ("json_agg", "json_build_object"), "sqlite": ("json_group_array", "json_object")}


class _Rows(FunctionElement[str]):
    """Called with names and columns in turn."""

    name = "json_rows"
    type = sa.Text()
    inherit_cache = True


@compiles(_Rows)
def _said(element: _Rows, compiler: SQLCompiler, **options: Any) -> str:
    whole, each = _WORDS[compiler.dialect.name]
    return f"CAST({whole}({each}({compiler.process(element.clauses, **options)})) AS TEXT)"


def json_rows(of: sa.Select[Any]) -> sa.ScalarSelect[str]:
    """A list of objects, in the order of ``of``; no text at all or an empty list where it has no rows."""
    rows = of.subquery()
    return sa.select(_Rows(*(word for c in rows.c for word in (sa.literal_column(f"'{c.key}'"), c)))).scalar_subquery()
