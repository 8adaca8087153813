"""Clients from a spreadsheet: ``njia clients import FILE``. A dry run says the same as the run, and writes nothing.

Each row is written as a whole or not at all, with the file and the row as its source. It is safe to run twice: a
client is known by number, an account by reference, and a row that brings nothing new is *unchanged*.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from flows.ports import Refused
from gateway.clock import Clock
from gateway.ids import new_id
from gateway.record import auditing, clients, contacts, officers
from gateway.record.choosing import Tell
from gateway.record.clients import NumberTaken, Person, Told
from gateway.record.columns import Rules, Wanted, check_heading, read
from gateway.record.database import Database
from gateway.record.judging import Accounts, Judge, Plan
from gateway.record.known import Known, look_up
from gateway.record.new_numbers import warn
from gateway.record.sheets import Fault, Sheet
from gateway.record.tables import observation

BATCH = 25  # rows in a transaction: turns wait for a lock of some tens of milliseconds at most
Outcome = Literal["new", "changed", "unchanged", "refused"]


@dataclass(frozen=True, slots=True)
class Line:
    """What one row came to. Nothing here repeats what stands in the row but the client number."""

    row: int
    outcome: Outcome
    client_number: str
    changes: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Report:
    """``lines`` of all rows that are not unchanged, or have a note."""

    file: str
    dry_run: bool
    counts: Counter[str] = field(default_factory=Counter)
    lines: list[Line] = field(default_factory=list)

    def add(self, line: Line) -> None:
        self.counts[line.outcome] += 1
        if line.outcome != "unchanged" or line.notes:
            self.lines.append(line)

    def as_json(self) -> dict[str, Any]:
        rows = {name: self.counts[name] for name in ("new", "changed", "unchanged", "refused")}
        lines = [asdict(line) for line in self.lines]
        return {"file": self.file, "dry_run": self.dry_run, "rows": rows, "lines": lines}


@dataclass(frozen=True, slots=True)
class Importer:
    """``refresh`` writes the contact card of an address after it changed; ``tell`` words the SMS to the numbers that
    a client had when another one is added (none is sent without it); ``who`` is named in the audit."""

    db: Database
    clock: Clock
    rules: Rules
    accounts: Accounts | None
    refresh: Callable[[str], Awaitable[None]]
    who: str = ""
    tell: Tell | None = None

    async def run(self, path: Path, *, dry_run: bool) -> Report:
        """Raises BadFile, and Unavailable: what was written by then stays, and the same file can be run again."""
        sheet = Sheet(path)
        rules = self.rules if self.accounts else replace(self.rules, accounts=False)
        check_heading(sheet, rules)
        report = Report(sheet.name, dry_run)
        job = _Job(self, sheet, Judge(self.accounts))
        for batch in _batches(read(row, rules) for row in sheet.rows()):
            for line in await (job.look(batch) if dry_run else job.write(batch)):
                report.add(line)
        if not dry_run:
            async with self.db.write() as conn:
                details = {"file": sheet.name, **report.counts}
                await auditing.note(conn, self.clock.now(), self.who, "clients import", job.id, details)
        return report


def template(rules: Rules) -> str:
    """A heading and an example row, as CSV. A column for any declared field may be added."""
    columns = {name: column for name, column in rules.columns().items() if name not in rules.fields}
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([columns, [example for _, example in columns.values()]])
    return text.getvalue()


class _Job:
    def __init__(self, importer: Importer, sheet: Sheet, judge: Judge) -> None:
        self.id = new_id()
        self._importer = importer
        self._file = sheet.name
        self._order = {name: place for place, name in enumerate(sheet.heading)}
        self._judge = judge

    async def look(self, batch: list[Wanted]) -> list[Line]:
        async with self._importer.db.read() as conn:
            known = await look_up(conn, batch)
        judged = [(wanted, await self._judge.judge(wanted, known)) for wanted in batch]
        return [self._line(wanted, result) for wanted, result in judged]

    async def write(self, batch: list[Wanted]) -> list[Line]:
        lines, touched = [], set()
        async with self._importer.db.write() as conn:
            known = await look_up(conn, batch)
            for wanted in batch:
                result = await self._judge.judge(wanted, known)
                if isinstance(result, Plan) and result.changes:
                    result = await self._apply(conn, result, known)
                if isinstance(result, Plan) and result.changes:
                    touched |= known.phones[known.clients[wanted.number].id]
                lines.append(self._line(wanted, result))
        for address in sorted(touched):
            await self._importer.refresh(address)
        return lines

    async def _apply(self, conn: AsyncConnection, plan: Plan, known: Known) -> Plan | list[Fault]:
        try:
            async with _whole(conn):
                id_ = await self._write(conn, plan)
        except _NotWritten as error:
            self._judge.failed(plan, known)
            return [error.fault]
        self._judge.written(plan, id_, known)
        return plan

    async def _write(self, conn: AsyncConnection, plan: Plan) -> str:
        at = self._importer.clock.now()
        told = Told(at, f"{self._file[:60]} row {plan.wanted.row}")
        if plan.is_new:
            id_ = await clients.create(conn, Person(**plan.person), told)
        else:
            id_ = plan.client.id
            standing = await clients.find(conn, id_)
            assert standing is not None  # noqa: S101 - clients are never deleted inside an import
            await clients.update(conn, standing, plan.person, told)
            if plan.phones and self._importer.tell:
                await warn(conn, plan.client, told, self._importer.tell, self._importer.rules.languages[0])
        for phone in plan.phones:
            await contacts.add(conn, id_, phone, told)
        if plan.account and self._importer.accounts:
            await self._importer.accounts.open(replace(plan.account, client=id_))
        if plan.officer:
            await officers.serve(conn, id_, plan.officer, self._importer.clock.today(), told.source)
        if plan.facts:
            await conn.execute(sa.insert(observation), list(self._observations(plan, id_)))
        return id_

    def _observations(self, plan: Plan, id_: str) -> Iterator[dict[str, Any]]:
        """Provenance: the import is the conversation, the file its flow, the row its step."""
        for fact in plan.facts:
            yield asdict(fact) | {
                "id": new_id(),
                "client": id_,
                "channel": "import",
                "flow": self._file[:60],
                "step": f"row {plan.wanted.row}",
                "conversation": self.id,
                "turn": plan.wanted.row,
                "at": self._importer.clock.now(),
                "stage": plan.client.stage,
                "who": "import",
            }

    def _line(self, wanted: Wanted, result: Plan | list[Fault]) -> Line:
        if isinstance(result, list):
            faults = sorted(result, key=lambda fault: self._order.get(fault.column, len(self._order)))
            return Line(wanted.row, "refused", wanted.number, faults=faults, notes=wanted.notes)
        changes = result.changes
        outcome: Outcome = "new" if result.is_new else "changed" if changes else "unchanged"
        return Line(wanted.row, outcome, wanted.number, changes, notes=wanted.notes)


class _NotWritten(Exception):
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.reason)
        self.fault = fault


@asynccontextmanager
async def _whole(conn: AsyncConnection) -> AsyncIterator[None]:
    """A row inside the batch: undone alone when it cannot be written."""
    try:
        async with conn.begin_nested():
            yield
    except NumberTaken:
        raise _NotWritten(Fault("client_number", "somebody has used this number just now: run it again")) from None
    except Refused as error:
        raise _NotWritten(Fault("account", f"the bank refuses it: {error.reason}")) from error
    except (sa.exc.IntegrityError, sa.exc.DataError) as error:
        raise _NotWritten(
            Fault("", "the record does not take this row: run it again, and then tell support")
        ) from error


def _batches(rows: Iterable[Wanted]) -> Iterator[list[Wanted]]:
    rows = iter(rows)
    while batch := list(islice(rows, BATCH)):
        yield batch
