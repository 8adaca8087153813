"""Wrong guesses: counted before each answer is known, for what is guessed at and for where it is guessed from.

A guess is written down as a miss and committed, then checked, and taken back only when it was right. So who kills the
process in the middle, or sends twenty guesses at once, gets no guess for free.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from flows.ports import FOREVER
from gateway.record.database import insert_new
from gateway.record.tables import guessing

# Made once: a statement that is the same object is not compiled anew.
_ROW = sa.select(guessing).where(guessing.c.subject == sa.bindparam("of")).with_for_update()
_CHANGE = sa.update(guessing).where(guessing.c.subject == sa.bindparam("of"))

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)
FRESH = 7 * DAY  # an address without a miss for so long has no past


@dataclass(frozen=True, slots=True)
class Rule:
    """``misses`` lock for the next of ``waits``; after the last of them nothing but a reset helps, unless ``cools``.

    ``cools``: one miss is forgiven each time this has passed, a right guess takes back only itself, and the last of
    the waits is repeated: for an address, where more than one client may be guessing.
    """

    misses: int
    waits: tuple[dt.timedelta, ...] = ()
    cools: dt.timedelta | None = None

    def lock(self, earlier: int, now: dt.datetime) -> dt.datetime:
        """When the lock ends that follows ``earlier`` ones."""
        if earlier < len(self.waits):
            return now + self.waits[earlier]
        return now + self.waits[-1] if self.cools else FOREVER


PIN = Rule(3, (15 * MINUTE, HOUR, DAY))
NUMBER = Rule(3, (15 * MINUTE, HOUR, DAY))
CODE = Rule(5)
ADDRESS = Rule(9, (15 * MINUTE, HOUR, DAY), cools=HOUR)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is guessed at, or from where."""

    name: str
    rule: Rule


def subjects(client: str, what: str, rule: Rule, address: str) -> tuple[Subject, Subject]:
    """Those of one guess, in the order in which their rows are always locked."""
    return Subject(f"address {address}", ADDRESS), Subject(f"{what} {client}", rule)


async def locked_until(conn: AsyncConnection, of: Sequence[Subject], now: dt.datetime) -> dt.datetime | None:
    """The end of the longest lock that holds one of them now."""
    names = [subject.name for subject in of]
    longest = sa.select(sa.func.max(guessing.c.locked_until)).where(guessing.c.subject.in_(names))
    until: dt.datetime | None = await conn.scalar(longest)
    return until if until is not None and until > now else None


async def count(conn: AsyncConnection, of: Sequence[Subject], now: dt.datetime) -> bool:
    """Counts a miss for each, unless one of them is locked: then nothing is counted and it is False."""
    rows = [await _held_or_new(conn, subject) for subject in of]
    if any(row.locked_until is not None and row.locked_until > now for row in rows):
        return False
    for subject, row in zip(of, rows, strict=True):
        await _write(conn, subject, _missed(subject.rule, row, now))
    return True


async def take_back(conn: AsyncConnection, of: Sequence[Subject]) -> None:
    """The guess was right: the past of what was guessed is forgotten, an address gets back this one miss."""
    for subject in of:
        if subject.rule.cools is None:
            await forget(conn, subject.name)
            continue
        row = await _held(conn, subject)
        if row.misses > 0:
            await _write(conn, subject, {"misses": row.misses - 1})
        elif row.locks > 0:  # this very guess had locked it
            await _write(
                conn, subject, {"misses": subject.rule.misses - 1, "locks": row.locks - 1, "locked_until": None}
            )


async def forget(conn: AsyncConnection, *names: str) -> None:
    """These start anew. The rows stay: a guess under way may hold one."""
    row = sa.update(guessing).where(guessing.c.subject.in_(names))
    await conn.execute(row.values(misses=0, locks=0, locked_until=None))


async def _held(conn: AsyncConnection, subject: Subject) -> sa.Row[Any]:
    """The row, kept from everybody else until the end of the transaction."""
    return (await conn.execute(_ROW, {"of": subject.name})).one()


async def _held_or_new(conn: AsyncConnection, subject: Subject) -> sa.Row[Any]:
    """``_held``; there is a row from the first guess on."""
    row = (await conn.execute(_ROW, {"of": subject.name})).one_or_none()
    if row is not None:
        return row
    await insert_new(conn, guessing, {"subject": subject.name})
    return await _held(conn, subject)


async def _write(conn: AsyncConnection, subject: Subject, values: dict[str, object]) -> None:
    await conn.execute(_CHANGE, {"of": subject.name, **values})


def _missed(rule: Rule, row: sa.Row[Any], now: dt.datetime) -> dict[str, object]:
    """The row after one more miss."""
    misses, locks, last = row.misses, row.locks, row.last_at
    if rule.cools and last is not None:
        misses = max(0, misses - (now - last) // rule.cools)
        locks = 0 if now - last > FRESH else locks
    misses += 1
    if misses < rule.misses:
        return {"misses": misses, "locks": locks, "last_at": now}
    return {"misses": 0, "locks": locks + 1, "locked_until": rule.lock(locks, now), "last_at": now}
