"""What came of a survey: who was asked, how far they came, and what they said, as counts and as quotes."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import sqlalchemy as sa

from flows.observed import in_words
from gateway.record.clients import Client
from gateway.record.database import Database
from gateway.record.desk.seeing import workable
from gateway.record.desk.staff import Staff
from gateway.record.desk.survey_runs import OWN, Scope, newest, runs, shown
from gateway.record.tables import account, client, invitation, observation, payment, reached

PAGE = 20  # quotes
COUNTED = ("number", "yes_no", "choices", "media")  # kinds of answers that are counted, whatever the question


@dataclass(slots=True)
class Funnel:
    """How many were to be asked, and how far they came. ``open``: invited, and may still begin."""

    due: int = 0
    waiting: int = 0
    left_out: dict[str, int] = field(default_factory=dict)
    invited: int = 0
    open: int = 0
    begun: int = 0
    done: int = 0
    own: int = 0  # began it by themselves
    own_done: int = 0

    def add(self, state: str, reason: str, count: int, begun: int, done: int) -> None:
        if state == OWN:
            self.own, self.own_done = self.own + count, self.own_done + done
            return
        self.due += count
        if state == "left out":
            self.left_out[reason] = self.left_out.get(reason, 0) + count
        elif state == "scheduled":
            self.waiting += count
        else:
            self.invited, self.begun, self.done = self.invited + count, self.begun + begun, self.done + done
            self.open += count if state == "invited" else 0


class Passed(NamedTuple):
    """Of one question: how many it was shown to, and how many went past it as it was not for them."""

    shown: int
    skipped: int


@dataclass(frozen=True, slots=True)
class Answer:
    """How many gave this answer. ``value`` is None where they are not counted one by one; ``absent``: why none."""

    step: str
    kind: str
    unit: str
    absent: str
    value: Any
    count: int


@dataclass(frozen=True, slots=True)
class Quote:
    at: dt.datetime
    id: str
    client: str
    step: str
    text: str = field(repr=False)
    conversation: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """So many clients that none of them stands out: when the first and the last of them first began."""

    first: dt.datetime
    last: dt.datetime


@dataclass(frozen=True, slots=True)
class Used:
    """A release in which clients began a survey."""

    release: str
    since: dt.datetime
    until: dt.datetime
    count: int


async def funnel(db: Database, scope: Scope) -> Funnel:
    """Raises Unavailable."""
    one = runs(scope)
    sums = (sa.func.count(), sa.func.sum(one.c.begun), sa.func.sum(one.c.done))
    made = Funnel()
    async with db.read() as conn:
        for row in await conn.execute(sa.select(one.c.state, one.c.reason, *sums).group_by(one.c.state, one.c.reason)):
            made.add(*row)
    return made


async def passed(db: Database, scope: Scope, steps: Sequence[str]) -> dict[str, Passed]:
    """Of each of these questions, which are in the order of the flow. Raises Unavailable."""
    if not steps:
        return {}
    by_run = shown(scope, steps)
    asked: list[Any] = []
    for n in range(len(steps)):
        here = by_run.c[f"s{n}"]
        beyond = sa.or_(by_run.c.done == 1, *(by_run.c[f"s{later}"] == 1 for later in range(n + 1, len(steps))))
        asked += [sa.func.sum(here), sa.func.sum(sa.case((sa.and_(here == 0, beyond), 1), else_=0))]
    async with db.read() as conn:
        found = [int(count or 0) for count in (await conn.execute(sa.select(*asked))).one()]
    return {step: Passed(found[2 * n], found[2 * n + 1]) for n, step in enumerate(steps)}


async def answers(db: Database, scope: Scope, counted: Collection[str]) -> list[Answer]:
    """What was said last to each question. ``counted``: steps whose answers are no free words. Raises Unavailable."""
    said = newest(scope)
    is_counted = sa.or_(said.c.step.in_(counted), said.c.kind.in_(COUNTED))
    value = sa.case((is_counted, said.c.value), else_="").label("value")
    asked = sa.select(said.c.step, said.c.kind, said.c.unit, said.c.absent, value, sa.func.count().label("clients"))
    asked = asked.group_by(said.c.step, said.c.kind, said.c.unit, said.c.absent, value)
    async with db.read() as conn:
        rows = (await conn.execute(asked)).all()
    return [
        Answer(row.step, row.kind, row.unit, row.absent, json.loads(row.value) if row.value else None, row.clients)
        for row in rows
    ]


async def quotes(
    db: Database, scope: Scope, steps: Collection[str], staff: Staff, skip: int = 0, mixed: bool = False
) -> list[Quote]:
    """Free words, those that may be shown to them, after ``skip`` of them; one more than a page if there are more. The
    newest first; ``mixed``: in the order of the alphabet, which tells nothing of when. Raises Unavailable."""
    said = newest(scope)
    names = (said.c.at, said.c.id, said.c.client, said.c.step, said.c.value, said.c.conversation)
    order = (said.c.value, said.c.id) if mixed else (said.c.at.desc(), said.c.id.desc())
    asked = sa.select(*names).where(
        said.c.step.in_(steps), said.c.absent == "", workable(said.c.hidden_from, said.c.client, staff)
    )
    async with db.read() as conn:
        found = await conn.execute(asked.order_by(*order).offset(skip).limit(PAGE + 1))
        return [Quote(*row[:4], _words(json.loads(row.value)), row.conversation) for row in found]


def _words(value: Any) -> str:
    return in_words(value) if isinstance(value, dict) else str(value)


async def people(db: Database, ids: Collection[str]) -> dict[str, tuple[Client, set[str]]]:
    """Clients by id, each with what their accounts and receipts are called. Raises Unavailable."""
    who = sa.select(*(client.c[name] for name in Client.__dataclass_fields__)).where(client.c.id.in_(ids))
    marks = sa.union(
        sa.select(account.c.client, account.c.ref).where(account.c.client.in_(ids)),
        sa.select(payment.c.client, payment.c.account).where(payment.c.client.in_(ids)),
        sa.select(payment.c.client, payment.c.receipt).where(payment.c.client.in_(ids)),
    )
    async with db.read() as conn:
        found: dict[str, tuple[Client, set[str]]] = {
            row.id: (Client(**row._mapping), set()) for row in await conn.execute(who)
        }
        for of, mark in await conn.execute(marks):
            if of in found and mark:
                found[of][1].add(mark)
    return found


async def releases(db: Database, flow: str) -> list[Used]:
    """Those that it was answered in, the newest first. Raises Unavailable."""
    one = runs(Scope(flow))
    asked = sa.select(one.c.release, sa.func.min(one.c.at), sa.func.max(one.c.at), sa.func.count())
    asked = asked.where(one.c.begun == 1, one.c.release != "").group_by(one.c.release)
    async with db.read() as conn:
        rows = await conn.execute(asked.order_by(sa.func.max(one.c.at).desc(), one.c.release))
        return [Used(*row) for row in rows]


async def flows(db: Database) -> set[str]:
    """Surveys that somebody was invited to or began, whether or not they are published now. Raises Unavailable."""
    asked = sa.union(sa.select(invitation.c.flow), sa.select(reached.c.flow).where(reached.c.flow != ""))
    async with db.read() as conn:
        return set(await conn.scalars(asked))


async def hidden_from(db: Database, flow: str) -> set[str]:
    """All that its answers were ever hidden from, as it stands in the rows. Raises Unavailable."""
    said = sa.select(observation.c.hidden_from).where(observation.c.flow == flow)
    asked = sa.union(said, sa.select(invitation.c.hidden_from).where(invitation.c.flow == flow))
    async with db.read() as conn:
        return set(await conn.scalars(asked))


async def batches(db: Database, flow: str, settled: dt.datetime, size: int) -> list[Batch]:
    """The clients who began until ``settled``, in the order of their first time, ``size`` and more at once.

    Every answer is counted in whole batches only. So whatever is taken from whatever else, and whenever somebody looks
    again, what is left is what ``size`` clients said together. Who came first in a moment together with others is in
    the batch of those; who is left over waits for more. Raises Unavailable.
    """
    one = runs(Scope(flow, until=settled))
    who = sa.case((one.c.client != "", one.c.client), else_=one.c.run)
    asked = sa.select(sa.func.min(one.c.at)).where(one.c.begun == 1).group_by(who).order_by(sa.func.min(one.c.at))
    async with db.read() as conn:
        firsts = list(await conn.scalars(asked))
    made: list[Batch] = []
    begun = 0  # where the batch begins that is being filled
    for place, at in enumerate(firsts):
        if place + 1 - begun >= size and firsts[place + 1 : place + 2] != [at]:
            made.append(Batch(firsts[begun], at))
            begun = place + 1
    return made
