"""Everything the record has of a telephone number: ``njia clients show PHONE --json``.

The shape is that of one client. A number that nobody is known by has ``client: null`` and its conversations. On a
shared phone the client with the lowest client number is at the top and the rest are in ``others``, in the same shape;
what was said before anybody was known is with the first. Times are ISO 8601 in UTC, amounts in minor units.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from flows.ports import Account, Bank, Unavailable
from flows.values import Money
from gateway.record import clients, contacts, outbox, payment_rows, tables
from gateway.record.clients import Client
from gateway.record.database import Database
from gateway.record.repeats import repeated, screens

CONVERSATIONS = 200  # the newest of them are shown, oldest first

CONSENT = ("purpose", "given", "at", "channel", "notice")
OBSERVATION = ("field", "kind", "value", "unit", "absent", "at", "channel", "flow", "step", "stage", "who")
PAYMENT = ("state", "account", "provider", "bank_ref", "told", "reason", "created_at")  # as a payment has them
SMS = ("ref", "text", "state", "reason", "purpose", "channel", "cost", "provider_ref", "created_at", "sent_at")
CASE = ("number", "kind", "state", "about", "opened_at", "promised", "closed_at", "owner")
INVITATION = (
    *("flow", "state", "reason", "due_at", "invited_at", "reminded_at", "begun_at", "ended_at", "closes_at", "step"),
)
CONVERSATION = ("id", "channel", "flow", "step", "release", "outcome", "language", "address", "started_at", "last_at")
MESSAGE = ("direction", "text", "step", "at", "event", "flow", "matched")


async def show(db: Database, bank: Bank, phone: str) -> dict[str, Any]:
    """What is known of ``phone`` (E.164). Raises Unavailable when the record is down.

    When only the bank does not answer, ``accounts`` is empty and ``accounts_unavailable`` is true.
    """
    async with db.read(snapshot=True) as conn:
        known = await clients.find_by_phone(conn, phone)
        if not known:
            return await _unknown(conn, phone)
        shown = [await _record(conn, who, phone if place == 0 else "") for place, who in enumerate(known)]
    first, *others = [each | await _accounts(bank, each["client"]["id"]) for each in shown]
    return first | {"others": others}


async def _unknown(conn: AsyncConnection, phone: str) -> dict[str, Any]:
    """Whoever the conversations were with then: nobody is known by this number now."""
    here = {name: tables.metadata.tables[name].c.address == phone for name in ("conversation", "consent", "case")}
    lists = ("contacts", "relationships", "accounts", "payments", "invitations", "others")
    nothing: dict[str, Any] = {name: [] for name in lists}
    seen = sa.and_(tables.observation.c.address == phone, tables.observation.c.client == "")
    return nothing | {
        "client": None,
        "consents": await _rows(conn, tables.consent, CONSENT, here["consent"], "at"),
        "conversations": await _conversations(conn, here["conversation"]),
        "observations": await _rows(conn, tables.observation, OBSERVATION, seen, "at"),
        "sms": await _sms(conn, sa.and_(tables.outbox.c.to == phone, tables.outbox.c.client == "")),
        "cases": await _rows(conn, tables.case, CASE, here["case"], "opened_at"),
    }


async def _record(conn: AsyncConnection, who: Client, phone: str) -> dict[str, Any]:
    """``phone``, if it is given, brings what is nobody's on it."""

    def theirs(table: sa.Table) -> sa.ColumnElement[bool]:
        nobody = sa.or_(table.c.client.is_(None), table.c.client == "")
        own = table.c.client == who.id
        return sa.or_(own, sa.and_(nobody, table.c.address == phone)) if phone else own

    numbers = [each.address for each in await contacts.of(conn, who.id)]
    nobody_s = sa.and_(tables.outbox.c.client == "", tables.outbox.c.to == phone)
    sent = sa.and_(tables.outbox.c.to.in_({*numbers, phone}), sa.or_(tables.outbox.c.client == who.id, nobody_s))
    return {
        "client": await _client(conn, who),
        "contacts": [_plain(asdict(each)) for each in await contacts.of(conn, who.id)],
        "relationships": [_plain(asdict(each)) for each in await contacts.relations(conn, who.id)],
        "consents": await _rows(conn, tables.consent, CONSENT, theirs(tables.consent), "at"),
        "accounts": [],
        "conversations": await _conversations(conn, theirs(tables.conversation)),
        "observations": await _rows(conn, tables.observation, OBSERVATION, theirs(tables.observation), "at"),
        "payments": [_payment(row) for row in await payment_rows.rows(conn, tables.payment.c.client == who.id)],
        "sms": await _sms(conn, sent),
        "cases": await _rows(conn, tables.case, CASE, theirs(tables.case), "opened_at"),
        "invitations": await _rows(conn, tables.invitation, INVITATION, tables.invitation.c.client == who.id, "due_at"),
    }


async def _client(conn: AsyncConnection, who: Client) -> dict[str, Any]:
    hash_ = await conn.scalar(sa.select(tables.pin.c.hash).where(tables.pin.c.client == who.id))
    stages = [{"stage": name, "since": since} for name, since in await clients.stages(conn, who.id)]
    return _plain(asdict(who)) | {"has_pin": bool(hash_), "stages": [_plain(each) for each in stages]}


async def _accounts(bank: Bank, id_: str) -> dict[str, Any]:
    try:
        return {"accounts": [_account(each) for each in await bank.accounts(id_)]}
    except Unavailable:
        return {"accounts": [], "accounts_unavailable": True}


def _account(account: Account) -> dict[str, Any]:
    def minor(amount: Money | None) -> int | None:
        return None if amount is None else amount.minor

    return {
        "ref": account.ref,
        "product": account.product,
        "nickname": account.nickname,
        "balance_minor": account.balance.minor,
        "due_minor": minor(account.due),
        "due_on": account.due_on.isoformat() if account.due_on else None,
        "overdue_minor": minor(account.overdue),
        "payoff_minor": minor(account.payoff),
        "saved_minor": minor(account.saved),
        "shares": account.shares,
        "worth_minor": minor(account.worth),
        "currency": account.currency,
    }


def _payment(row: payment_rows.Row) -> dict[str, Any]:
    """``provider_ref`` is the receipt, once there is one: what the payer's own SMS and the provider's books have."""
    its = row.payment
    return {
        "ref": its.id,
        "amount_minor": its.amount.minor,
        "fee_minor": its.fee.minor,
        "currency": its.amount.currency,
        "provider_ref": its.receipt or its.provider_ref,
        "history": [[state, at.isoformat(), why] for state, at, why in row.history],
        **_plain({name: getattr(its, name) for name in PAYMENT}),
    }


async def _sms(conn: AsyncConnection, condition: sa.ColumnElement[bool]) -> list[dict[str, Any]]:
    """What was sent on its own, oldest first, with what became of it and the parts that it is charged as."""
    table = tables.outbox
    newest = sa.select(*(table.c[name] for name in SMS)).where(condition)
    newest = newest.order_by(table.c.created_at.desc(), table.c.ref.desc()).limit(CONVERSATIONS)
    found = [_plain(dict(row._mapping)) for row in await conn.execute(newest)]
    return [{**each, "parts": outbox.parts(each["text"])} for each in reversed(found)]


async def _conversations(conn: AsyncConnection, condition: sa.ColumnElement[bool]) -> list[dict[str, Any]]:
    table, said = tables.conversation, tables.message
    newest = sa.select(*(table.c[name] for name in CONVERSATION)).where(condition)
    newest = newest.order_by(table.c.started_at.desc(), table.c.id.desc()).limit(CONVERSATIONS)
    found = [{**_plain(dict(row._mapping)), "messages": []} for row in await conn.execute(newest)]
    found.reverse()
    by_id = {each["id"]: each for each in found}
    columns = (said.c.conversation, said.c.turn, *(said.c[name] for name in MESSAGE))
    query = sa.select(*columns).where(said.c.conversation.in_(by_id))
    rows = list(await conn.execute(query.order_by(said.c.conversation, said.c.turn, said.c.direction)))
    told = [(row.conversation, row.turn) for row in rows if row.direction == "out"]
    replays = screens(await repeated(conn, by_id), told)
    for row in rows:
        replayed = replays[row.conversation, row.turn] if row.direction == "out" else 0
        shown = _plain({name: getattr(row, name) for name in MESSAGE}) | {"replays": replayed}
        by_id[row.conversation]["messages"].append(shown)
    return found


async def _rows(
    conn: AsyncConnection, table: sa.Table, names: tuple[str, ...], condition: sa.ColumnElement[bool], order: str
) -> list[dict[str, Any]]:
    query = sa.select(*(table.c[name] for name in names)).where(condition).order_by(table.c[order], table.c.id)
    return [_plain(dict(row._mapping)) for row in await conn.execute(query)]


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """As JSON has it."""
    return {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in values.items()}
