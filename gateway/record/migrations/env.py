"""Alembic runs this file for every command; the connection and its transaction are the caller's."""

from __future__ import annotations

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from alembic.autogenerate.api import AutogenContext

from gateway.record.tables import Utc, metadata


def written(kind: str, thing: Any, _autogen: AutogenContext) -> str | Literal[False]:
    """A migration names plain types only: it must read the same when our own have changed."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(thing, Utc) else False


def run(connection: sa.Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_item=written,
        render_as_batch=True,  # SQLite changes a table by copying it
        compare_server_default=connection.dialect.name != "sqlite",  # it tells '' from "" there
    )
    context.run_migrations()


run(context.config.attributes["connection"])
