"""The one time line of a client: everything that happened, newest first, page by page.

Each source is a query of its own that is bounded and has an index; a page is merged from them. A place in the time
line is a moment, a source and an id: nothing is left out or told twice between two pages, whatever happened at once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.record.database import Database
from gateway.record.desk.seeing import Rule, visible, workable
from gateway.record.desk.staff import Staff
from gateway.record.desk.transcript import kept_end, open_to
from gateway.record.tables import (
    audit,
    case,
    consent,
    contact,
    conversation,
    event,
    invitation,
    observation,
    outbox,
    payment,
    stage,
)

PAGE = 40


class Place(NamedTuple):
    """What a page goes on after."""

    at: dt.datetime
    source: str
    id: str


@dataclass(frozen=True, slots=True)
class Event:
    """``facts`` are the row's columns that its kind is told with."""

    at: dt.datetime
    source: str
    id: str
    facts: dict[str, Any] = field(repr=False)

    @property
    def place(self) -> Place:
        return Place(self.at, self.source, self.id)


@dataclass(frozen=True, slots=True)
class Source:
    """Rows with a moment, an id, and what else is told of them. ``told``: which of them are this client's, and may be
    shown."""

    at: sa.ColumnElement[Any]
    id: sa.ColumnElement[Any]
    columns: tuple[sa.ColumnElement[Any], ...]
    told: Callable[[str, Staff], sa.ColumnElement[bool]]

    def query(self, name: str, client: str, staff: Staff, after: Place | None, limit: int) -> sa.Select[Any]:
        found = sa.select(self.at.label("_at"), self.id.label("_id"), *self.columns).where(self.told(client, staff))
        if after:
            found = found.where(self._past(name, after))
        return found.where(self.at.is_not(None)).order_by(self.at.desc(), self.id.desc()).limit(limit)

    def _past(self, name: str, after: Place) -> sa.ColumnElement[bool]:
        """Of one moment, sources come in the order of their names and rows of one source by falling ids."""
        if name == after.source:
            return sa.or_(self.at < after.at, sa.and_(self.at == after.at, self.id < after.id))
        return self.at < after.at if name < after.source else self.at <= after.at


def _of(table: sa.Table) -> Callable[[str, Staff], sa.ColumnElement[bool]]:
    return lambda client, _staff: table.c.client == client


def _seen(
    table: sa.Table, *more: sa.ColumnElement[bool], rule: Rule = visible
) -> Callable[[str, Staff], sa.ColumnElement[bool]]:
    return lambda client, staff: sa.and_(
        table.c.client == client, rule(table.c.hidden_from, table.c.client, staff), *more
    )


def _sent(client: str, staff: Staff) -> sa.ColumnElement[bool]:
    """By the client's numbers, which have an index; not what went to somebody else on the same phone. A second word
    about a survey tells that nobody had finished it: it is hidden as the answers are."""
    numbers = sa.select(contact.c.address).where(contact.c.client == client)
    again = sa.and_(_kept_invite(client, staff), sa.not_(outbox.c.ref.like("%:0")))
    return sa.and_(outbox.c.to.in_(numbers), outbox.c.client == client, sa.not_(again))


def _kept_invite(client: str, staff: Staff) -> sa.ColumnElement[bool]:
    """Of ``outbox``: it invites to, or reminds of, a survey whose answers are not theirs to read. (Also one that was
    sent again by hand.)"""
    its = invitation.c
    said = outbox.c.ref.like(sa.literal("%invite:") + its.id + sa.literal(":%"))
    kept = sa.not_(workable(its.hidden_from, its.client, staff))
    return sa.select(its.id).where(its.client == client, said, kept).exists()


def _columns(table: sa.Table, *names: str) -> tuple[sa.ColumnElement[Any], ...]:
    return tuple(table.c[name] for name in names)


_TALK = ("channel", "kind", "flow", "step", "outcome", "language", "last_at", "turn")
_SMS = ("text", "state", "reason", "purpose", "to")
_MONEY = ("account", "nickname", "amount_minor", "fee_minor", "currency", "state", "reason", "receipt", "history")
_ANSWER = ("field", "kind", "value", "unit", "absent", "flow", "step", "channel", "who", "conversation")
_CASE = ("number", "kind", "state", "owner", "promised")
_SURVEY = ("flow", "state", "reason", "reminders", "conversation", "hidden_from")
_KEPT = {"flow": "", "step": "", "outcome": None}  # of a call whose end is not told
_WITHHELD = {"text": None}  # of an SMS whose words are not theirs to read
_BY_CLIENT = observation.c.who == "client"


def _survey(at: sa.ColumnElement[Any], told: Callable[[str, Staff], sa.ColumnElement[bool]]) -> Source:
    """One moment of an invitation. That somebody answered may tell of what they said: it is hidden as that is."""
    return Source(at, invitation.c.id, _columns(invitation, *_SURVEY), told)


def _left_out() -> sa.ColumnElement[Any]:
    """When it was known that they would not be invited: who is not of the share, as soon as the thing had happened."""
    its = invitation.c
    happened = sa.select(event.c.at).where(event.c.key == its.event).scalar_subquery()
    at = sa.case((its.reason == "share", sa.func.coalesce(happened, its.due_at)), else_=its.due_at)
    return sa.type_coerce(sa.case((its.state == "left out", at)), its.due_at.type)


SOURCES: dict[str, Source] = {
    "answer": Source(
        observation.c.at, observation.c.id, _columns(observation, *_ANSWER), _seen(observation, _BY_CLIENT)
    ),
    "began": _survey(invitation.c.begun_at, _seen(invitation, rule=workable)),
    "call": Source(
        conversation.c.started_at,
        conversation.c.id,
        _columns(conversation, *_TALK),
        lambda client, staff: sa.and_(conversation.c.client == client, open_to(staff)),
    ),
    "case": Source(case.c.opened_at, case.c.id, _columns(case, *_CASE), _seen(case, rule=workable)),
    "closed": Source(case.c.closed_at, case.c.id, _columns(case, *_CASE), _seen(case, rule=workable)),
    "consent": Source(consent.c.at, consent.c.id, _columns(consent, "purpose", "given", "channel"), _of(consent)),
    "ended": _survey(invitation.c.ended_at, _seen(invitation, rule=workable)),
    "invited": _survey(invitation.c.invited_at, _of(invitation)),
    "left out": _survey(_left_out(), _of(invitation)),
    "note": Source(
        observation.c.at,
        observation.c.id,
        _columns(observation, *_ANSWER),
        _seen(observation, sa.not_(_BY_CLIENT), rule=workable),
    ),
    "payment": Source(payment.c.created_at, payment.c.id, _columns(payment, *_MONEY), _of(payment)),
    "reminded": _survey(invitation.c.reminded_at, _seen(invitation, rule=workable)),
    "shown": Source(
        audit.c.at,
        audit.c.id,
        _columns(audit, "who", "what", "why"),
        lambda client, _staff: sa.and_(audit.c.about == client),
    ),
    "sms": Source(outbox.c.created_at, outbox.c.ref, _columns(outbox, *_SMS), _sent),
    "stage": Source(stage.c.since, stage.c.id, _columns(stage, "stage", "source"), _of(stage)),
}
# what a person filters by -> its sources
KINDS: dict[str, tuple[str, ...]] = {
    "calls": ("call",),
    "texts": ("sms",),
    "payments": ("payment",),
    "answers": ("answer",),
    "surveys": ("began", "ended", "invited", "left out", "reminded"),
    "cases": ("case", "closed", "note"),
    "consents": ("consent",),
    "stages": ("stage",),
    "seen by": ("shown",),
}


async def timeline(
    db: Database,
    client: str,
    staff: Staff,
    kept_from: Collection[str] = (),
    kind: str = "",
    after: Place | None = None,
) -> tuple[list[Event], Place | None]:
    """One page of it, and where the next one begins (None: this is the end). ``kept_from`` them: flows whose words are
    not theirs to read. From whom anything may be kept learns of no call where it ended: a row that said nothing of it
    would tell of such a flow. Raises Unavailable."""
    names = KINDS.get(kind) or tuple(SOURCES)
    async with db.read() as conn:
        found = [each for name in names for each in await _some(conn, name, client, staff, after)]
        found.sort(key=lambda event: (-event.at.timestamp(), event.source))  # within a source as its query had them
        page = await _without_kept_ends(conn, found[:PAGE], staff, kept_from)
        page = await _without_kept_words(conn, page, client, staff)
    return page, page[-1].place if len(found) > PAGE else None


async def _without_kept_ends(
    conn: AsyncConnection, page: list[Event], staff: Staff, kept_from: Collection[str]
) -> list[Event]:
    calls = [event.id for event in page if event.source == "call"]
    if staff.role != "admin" or staff.ref or kept_from:
        return [replace(one, facts=one.facts | _KEPT) if one.source == "call" else one for one in page]
    asked = sa.select(conversation.c.id).where(conversation.c.id.in_(calls), kept_end(staff, kept_from))
    kept = set(await conn.scalars(asked))
    return [replace(one, facts=one.facts | _KEPT) if one.id in kept else one for one in page]


async def _without_kept_words(conn: AsyncConnection, page: list[Event], client: str, staff: Staff) -> list[Event]:
    texts = [event.id for event in page if event.source == "sms"]
    asked = sa.select(outbox.c.ref).where(outbox.c.ref.in_(texts), _kept_invite(client, staff))
    kept = set(await conn.scalars(asked))
    return [replace(one, facts=one.facts | _WITHHELD) if one.id in kept else one for one in page]


async def _some(conn: AsyncConnection, name: str, client: str, staff: Staff, after: Place | None) -> list[Event]:
    rows = await conn.execute(SOURCES[name].query(name, client, staff, after, PAGE + 1))
    return [_event(name, dict(row._mapping)) for row in rows]


def _event(name: str, facts: dict[str, Any]) -> Event:
    return Event(facts.pop("_at"), name, facts.pop("_id"), facts)
