"""Cases (``flows.ports.Cases``): what a client waits for, with a number to ask by and a day that was promised."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from flows.ports import Asked, Caller, Case
from gateway.clock import Clock
from gateway.ids import new_id
from gateway.record import cases_asked, effects
from gateway.record.database import Database, insert
from gateway.record.minting import mint
from gateway.record.tables import case

LONGEST = 4000  # characters of what it is about
SATURDAY = 5


@dataclass(frozen=True, slots=True)
class CaseKind:
    """``days``: working days until an answer. ``hidden_from``: the staff it may be about never see it."""

    days: int
    hidden_from: str = ""


KINDS: Mapping[str, CaseKind] = {
    "call_back": CaseKind(1),
    "question": CaseKind(2),
    "complaint": CaseKind(3, "officer"),
    "fraud": CaseKind(1, "officer,branch"),
    "loan": CaseKind(3),
    "top_up": CaseKind(3),
    "withdrawal": CaseKind(1),
    "dispute": CaseKind(2),
    "interest": CaseKind(2),  # of somebody who is no client yet
}


class Cases:
    """Implements ``flows.ports.Cases``. Raises Unavailable."""

    def __init__(self, db: Database, clock: Clock, kinds: Mapping[str, CaseKind] = KINDS) -> None:
        self._db = db
        self._clock = clock
        self._kinds = kinds

    async def of(self, caller: Caller) -> list[Asked]:
        return await cases_asked.of(self._db, caller, self._clock.now(), self._clock.zone)

    async def find(self, caller: Caller, number: str) -> Asked | None:
        return await cases_asked.find(self._db, caller, number, self._clock.zone)

    async def open(self, key: str, caller: Caller, kind: str, about: str) -> Case:
        """A new case; or the open one of this kind that the client has, with ``about`` added to it."""

        async def work(conn: AsyncConnection) -> list[Any]:
            made = await self.open_in(conn, key, caller, kind, about)
            return [made.number, made.promised.isoformat(), made.new]

        number, promised, new = await effects.once(self._db, self._clock, key, "open case", work)
        return Case(number, kind, dt.date.fromisoformat(promised), new)

    async def open_in(self, conn: AsyncConnection, key: str, caller: Caller, kind: str, about: str) -> Case:
        """The same inside a transaction that does more."""
        open_for = f"{kind} {caller.client or caller.address}"
        while True:
            row = await self._row(conn, caller, kind)
            made = insert(conn, case).values(**row, key=key, about=about[:LONGEST], open_for=open_for)
            if (await conn.execute(made.on_conflict_do_nothing(index_elements=["open_for"]))).rowcount == 1:
                return Case(row["number"], kind, row["promised"], new=True)
            there = await _joined(conn, open_for, about, row["hidden_from"])
            if there is not None:  # else it was closed in this moment
                return Case(there.number, kind, there.promised, new=False)

    async def _row(self, conn: AsyncConnection, caller: Caller, kind: str) -> dict[str, Any]:
        rules = self._kinds[kind]
        return {
            "id": new_id(),
            "number": await mint(conn, case.c.number, "C"),
            "kind": kind,
            "client": caller.client or None,
            "address": caller.address,
            "state": "open",
            "opened_at": self._clock.now(),
            "promised": working_day(self._clock.today(), rules.days),
            "conversation": caller.conversation,
            "hidden_from": _hidden(rules.hidden_from, caller.hidden_from),
        }


def _hidden(*words: str) -> str:
    """The staff of all these lists, each once."""
    return ",".join(dict.fromkeys(who for word in words for who in word.split(",") if who))


async def _joined(conn: AsyncConnection, open_for: str, about: str, hidden_from: str) -> Any:
    """The case that is open, with ``about`` added to it, hidden from whom either of them is."""
    found = sa.select(case.c.number, case.c.promised, case.c.about, case.c.hidden_from).where(
        case.c.open_for == open_for
    )
    there = (await conn.execute(found.with_for_update())).one_or_none()
    if there is not None:
        more = there.about if about in there.about else f"{there.about}\n{about}".strip()[:LONGEST]
        now = {"about": more, "hidden_from": _hidden(there.hidden_from, hidden_from)}
        await conn.execute(sa.update(case).where(case.c.open_for == open_for).values(now))
    return there


def working_day(start: dt.date, days: int) -> dt.date:
    """The day that many working days after ``start``; nobody works on Saturday and Sunday."""
    day = start
    while days > 0:
        day += dt.timedelta(days=1)
        days -= day.weekday() < SATURDAY
    return day
