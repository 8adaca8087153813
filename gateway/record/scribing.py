"""Journal entries written to SQL. Applied twice, by two at once or in another order, they give the same rows."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from flows.ports import Unavailable
from gateway.journal import Entry
from gateway.record import journalled, outbox, tables
from gateway.record.database import Database

BAD_VALUES = ("22", "23")  # PostgreSQL, Appendix A: data exception, integrity constraint violation
Insert = sqlite.Insert | postgresql.Insert


class Unwritable(Exception):
    """At least one of these entries has a value that the record can never hold. The text names no value."""


async def apply(db: Database, entries: list[Entry]) -> None:
    """Writes ``entries`` in one transaction, all or none; to apply them again is always right.

    Raises Unavailable when the record is down or its schema is not ours, and Unwritable for what will never go in.
    """
    try:
        rows = {name: build(entries) for name, build in _ROWS.items()}
        texts = journalled.texts(entries)
    except (ValueError, OverflowError, OSError) as error:  # no such moment
        raise Unwritable(type(error).__name__) from None
    try:
        async with db.write() as conn:
            for table, made in rows.items():
                if made:
                    await conn.execute(_statement(table, conn.dialect.name), made)
            await outbox.put_many(conn, texts)
    except (sa.exc.SQLAlchemyError, ValueError, OverflowError) as error:
        raise _judged(error) from None


# Always in this order, and each in the order of its key: two scribes at once wait for each other and never deadlock.
_ROWS: dict[str, Callable[[list[Entry]], list[journalled.Row]]] = {
    "conversation": journalled.conversations,
    "message": journalled.messages,
    "address": journalled.addresses,
    "observation": journalled.observations,
}


def _judged(error: Exception) -> Unwritable | Unavailable:
    """A value that does not fit is the entry's fault; a table that is not there, or what we do not know, is not."""
    original = getattr(error, "orig", None) or error
    state = str(getattr(original, "sqlstate", None) or "")
    named = f"{type(original).__name__} {state}".strip()
    is_value = isinstance(error, sa.exc.IntegrityError | sa.exc.DataError | ValueError | OverflowError)
    if is_value or state.startswith(BAD_VALUES) or isinstance(original.__cause__, ValueError | OverflowError):
        return Unwritable(named)
    return Unavailable(f"the record does not take entries ({named}); is its schema up to date? (njia db upgrade)")


@cache
def _statement(table: str, dialect: str) -> Insert:
    insert: Callable[[sa.Table], Insert] = sqlite.insert if dialect == "sqlite" else postgresql.insert
    made: dict[str, Callable[[Insert], Insert]] = {
        "conversation": _forwards,
        "message": lambda row: row.on_conflict_do_nothing(),
        "address": _seen,
        "observation": lambda row: row.values(stage=_stage_then()).on_conflict_do_nothing(),
    }
    return made[table](insert(tables.metadata.tables[table]))


def _forwards(row: Insert) -> Insert:
    """A turn behind the stored one only fills what is still empty."""
    stored, new = tables.conversation.c, row.excluded
    change: dict[str, Any] = {
        "turn": _latest(stored.turn, new.turn),
        "started_at": _earliest(stored.started_at, new.started_at),
        "last_at": _latest(stored.last_at, new.last_at),
    }
    for name in journalled.LATEST:
        change[name] = _known(stored[name], new[name], new.turn > stored.turn)
    return row.on_conflict_do_update(index_elements=["id"], set_=change)


def _seen(row: Insert) -> Insert:
    stored, new = tables.address.c, row.excluded
    change: dict[str, Any] = {
        "first_seen": _earliest(stored.first_seen, new.first_seen),
        "last_seen": _latest(stored.last_seen, new.last_seen),
    }
    for name in ("language", "notice"):
        at = f"{name}_at"
        newer = sa.or_(stored[at].is_(None), new[at] > stored[at])
        change[name] = _known(stored[name], new[name], newer)
        change[at] = _latest(stored[at], new[at])
    return row.on_conflict_do_update(index_elements=["address"], set_=change)


def _known(stored: sa.ColumnElement[str], new: sa.ColumnElement[str], newer: sa.ColumnElement[bool]) -> Any:
    return sa.case((sa.and_(new != "", sa.or_(newer, stored == "")), new), else_=stored)


def _earliest(stored: sa.ColumnElement[Any], new: sa.ColumnElement[Any]) -> Any:
    return sa.case((sa.or_(stored.is_(None), new < stored), new), else_=stored)


def _latest(stored: sa.ColumnElement[Any], new: sa.ColumnElement[Any]) -> Any:
    return sa.case((sa.or_(stored.is_(None), new > stored), new), else_=stored)


def _stage_then() -> sa.ColumnElement[str]:
    """The stage of the client's life in which this was heard; ``whose`` and ``then`` come with each row."""
    stage = tables.stage.c
    client: sa.BindParameter[str] = sa.bindparam("whose", type_=tables.Id)
    at: sa.BindParameter[Any] = sa.bindparam("then", type_=tables.Utc)
    then = sa.select(stage.stage).where(stage.client == client, stage.since <= at)
    return sa.func.coalesce(then.order_by(stage.since.desc(), stage.id.desc()).limit(1).scalar_subquery(), "")
