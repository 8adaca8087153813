"""Journal entries written to SQL. Applied twice, by two at once or in another order, they give the same rows."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from flows.ports import Unavailable
from gateway.journal import Entry
from gateway.record import answering, invitations, journalled, outbox, tables
from gateway.record.bulk import Bulk, Given, Insert
from gateway.record.database import Database

BAD_VALUES = ("22", "23")  # PostgreSQL, Appendix A: data exception, integrity constraint violation


class Unwritable(Exception):
    """At least one of these entries has a value that the record can never hold. The text names no value."""


async def apply(db: Database, entries: list[Entry]) -> None:
    """Writes ``entries`` in one transaction, all or none; to apply them again is always right.

    Raises Unavailable when the record is down or its schema is not ours, and Unwritable for what will never go in.
    """
    try:
        turns = journalled.turns(entries)
        rows = [(bulk, build(turns)) for bulk, build in _ORDER]
        texts, surveyed = journalled.texts(entries), journalled.surveyed(entries)
        answered, repeats = journalled.answering(entries), journalled.repeats(entries)
    except (ValueError, OverflowError, OSError) as error:  # no such moment
        raise Unwritable(type(error).__name__) from None
    try:
        async with db.write() as conn:
            for bulk, made in rows:
                await bulk.run(conn, made)
            await invitations.progress(conn, surveyed)
            await answering.progress(conn, answered)
            await _REPEATS.run(conn, repeats)
            await outbox.put_many(conn, texts)
    except (sa.exc.SQLAlchemyError, ValueError, OverflowError) as error:
        raise _judged(error) from None


def _judged(error: Exception) -> Unwritable | Unavailable:
    """A value that does not fit is the entry's fault; a table that is not there, or what we do not know, is not."""
    original = getattr(error, "orig", None) or error
    state = str(getattr(original, "sqlstate", None) or "")
    named = f"{type(original).__name__} {state}".strip()
    is_value = isinstance(error, sa.exc.IntegrityError | sa.exc.DataError | ValueError | OverflowError)
    if is_value or state.startswith(BAD_VALUES) or isinstance(original.__cause__, ValueError | OverflowError):
        return Unwritable(named)
    return Unavailable(f"the record does not take entries ({named}); is its schema up to date? (njia db upgrade)")


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


def _kept(row: Insert) -> Insert:
    return row.on_conflict_do_nothing()


def _known(stored: sa.ColumnElement[str], new: sa.ColumnElement[str], newer: sa.ColumnElement[bool]) -> Any:
    return sa.case((sa.and_(new != "", sa.or_(newer, stored == "")), new), else_=stored)


def _earliest(stored: sa.ColumnElement[Any], new: sa.ColumnElement[Any]) -> Any:
    return sa.case((sa.or_(stored.is_(None), new < stored), new), else_=stored)


def _latest(stored: sa.ColumnElement[Any], new: sa.ColumnElement[Any]) -> Any:
    return sa.case((sa.or_(stored.is_(None), new > stored), new), else_=stored)


def _stage_then(given: Given) -> Given:
    """The stage of the client's life in which this was heard."""
    stage = tables.stage.c
    then = sa.select(stage.stage).where(stage.client == given["client"], stage.since <= given["at"])
    latest = then.order_by(stage.since.desc(), stage.id.desc()).limit(1).scalar_subquery()
    return {"stage": sa.func.coalesce(latest, "")}


def _bulk(table: sa.Table, *rules: Any) -> Bulk:
    return Bulk(table, journalled.COLUMNS[table.name], *rules)


# Always in this order, and each in the order of its key: two scribes at once wait for each other and never deadlock.
_ORDER = (
    (_bulk(tables.conversation, _forwards), journalled.conversations),
    (_bulk(tables.message, _kept), journalled.messages),
    (_bulk(tables.address, _seen), journalled.addresses),
    (_bulk(tables.observation, _kept, _stage_then), journalled.observations),
)
_REPEATS = _bulk(tables.repeat, _kept)
