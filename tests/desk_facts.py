"""What happened with one sample client, for the pages of the desk: calls, money, texts, answers, cases, consents."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa

from gateway.ids import new_id
from gateway.record import tables
from gateway.record.database import Database

HOSTILE = '<script>alert("x")</script><img src=x onerror=alert(1)>'
TALK, HIDDEN_TALK = "c" * 32, "d" * 32
STUCK, POSTED = "1" * 32, "2" * 32
OPEN_CASE, HIDDEN_CASE = "e" * 32, "f" * 32
MINUTE = dt.timedelta(minutes=1)


async def happened(db: Database, number: str, now: dt.datetime) -> str:
    """All of it to the client of this number; their id."""
    async with db.write() as conn:
        who = (await conn.execute(sa.select(tables.client).where(tables.client.c.number == number))).one()
        phone = await conn.scalar(sa.select(tables.contact.c.address).where(tables.contact.c.client == who.id))
        for table, rows in _rows(who.id, who.name, str(phone), now - dt.timedelta(hours=2)).items():
            await conn.execute(sa.insert(tables.metadata.tables[table]), rows)
    return str(who.id)


def _rows(client: str, name: str, phone: str, at: dt.datetime) -> dict[str, list[dict[str, Any]]]:
    return {
        "conversation": [_talk(TALK, client, phone, at), _talk(HIDDEN_TALK, client, phone, at - 60 * MINUTE)],
        "message": [*_messages(TALK, name, phone, at), *_messages(HIDDEN_TALK, name, phone, at - 60 * MINUTE)],
        "payment": [_stuck(client, phone, at + 3 * MINUTE), _posted(client, phone, at - 90 * MINUTE)],
        "payment_evidence": [_evidence(at + 4 * MINUTE)],
        "outbox": _texts(client, phone, at),
        "observation": _answers(client, phone, at),
        "case": [
            _case(OPEN_CASE, client, phone, at, TALK, ""),
            _case(HIDDEN_CASE, client, phone, at, HIDDEN_TALK, "officer"),
        ],
        "consent": [_consent(client, phone, at)],
    }  # fmt: skip


def _talk(id_: str, client: str, phone: str, at: dt.datetime) -> dict[str, Any]:
    about = {"channel": "ussd", "kind": "ussd", "service": "*384*7#", "network": "Safaricom", "release": "abc123"}
    ended = {"flow": "repay", "step": "pay", "language": "en", "turn": 4, "outcome": "completed"}
    row = {"id": id_, "address": phone, "client": client, "started_at": at, "last_at": at + MINUTE}
    return {**row, **about, **ended}


def _messages(talk: str, name: str, phone: str, at: dt.datetime) -> list[dict[str, Any]]:
    said = [
        ("dial", None, "Welcome to Jamii.\n1. Balance\n2. Repay\n3. Help", "main", "menu"),
        ("said", "2", "Enter your PIN", "repay", "pin"),
        ("said", "[secret]", "Enter your PIN", "repay", "pin"),
        ("said", HOSTILE, f"{name}, {phone}: pay KES 500.00?\n1. Yes\n2. No", "repay", "confirm"),
    ]
    rows: list[dict[str, Any]] = []
    for turn, (event, heard, told, flow, step) in enumerate(said, 1):
        its = {"conversation": talk, "turn": turn, "event": event, "flow": flow, "step": step, "release": "abc123"}
        its |= {"at": at + turn * dt.timedelta(seconds=12), "page": 1, "took_ms": 21 + turn, "matched": ""}
        rows += [its | {"direction": "in", "text": heard or ""}, its | {"direction": "out", "text": told}]
    return rows


def _money(id_: str, client: str, phone: str, at: dt.datetime) -> dict[str, Any]:
    row = {"id": id_, "key": f"k{id_}", "client": client, "account": "L-1001", "nickname": "Biashara", "names": {}}
    row |= {"amount_minor": 50_000, "fee_minor": 0, "currency": "KES", "provider": "simulated", "wallet": phone}
    row |= {"created_at": at, "moved_at": at, "conversation": TALK, "address": phone, "language": "en"}
    return row | {"open_for": None, "taken_minor": None, "taken_currency": "", "receipt": "", "bank_ref": ""}


def _stuck(client: str, phone: str, at: dt.datetime) -> dict[str, Any]:
    steps = [("created", 0, ""), ("sent", 2, "the session is over"), ("exception", 60, "the wallet did not answer")]
    stuck = {"state": "exception", "reason": "no word", "told": "unknown", "open_for": f"{client} L-1001"}
    return _money(STUCK, client, phone, at) | stuck | {"history": _history(at, steps)}


def _posted(client: str, phone: str, at: dt.datetime) -> dict[str, Any]:
    steps = [("created", 0, ""), ("sent", 1, "the session is over"), ("posted", 9, "the bank posted it: B-1")]
    known = {"taken_minor": 50_000, "taken_currency": "KES", "receipt": "SJK7TEST01", "bank_ref": "B-1"}
    done = {"state": "posted", "reason": "", "told": "paid", "history": _history(at, steps)}
    return _money(POSTED, client, phone, at) | known | done


def _history(at: dt.datetime, steps: list[tuple[str, int, str]]) -> list[list[str]]:
    return [[state, (at + dt.timedelta(seconds=after)).isoformat(), why] for state, after, why in steps]


def _evidence(at: dt.datetime) -> dict[str, Any]:
    fact = {"receipt": "SJK7FORGED", "amount": [50_000, "KES"], "at": None}
    row = {"id": new_id(), "digest": "x", "payment": STUCK, "ref": STUCK, "provider": "simulated", "kind": "Paid"}
    return row | {"fact": fact, "proven": False, "raw": f'{{"note": "{HOSTILE}"}}', "at": at}


def _texts(client: str, phone: str, at: dt.datetime) -> list[dict[str, Any]]:
    row = {"channel": "sms", "to": phone, "client": client, "purpose": "service", "sent_at": None, "next_at": None}
    unknown = f"We do not know yet about your payment. We will tell you at {phone}."
    paid = "Paid KES 500.00 to Biashara. Receipt SJK7TEST01."
    return [
        row | {"ref": f"payment:{STUCK}:unknown", "text": unknown, "state": "sent", "created_at": at + 4 * MINUTE},
        row | {"ref": f"payment:{POSTED}:paid", "text": paid, "state": "delivered", "created_at": at - 89 * MINUTE},
    ]


def _answers(client: str, phone: str, at: dt.datetime) -> list[dict[str, Any]]:
    row = {"client": client, "address": phone, "channel": "ussd", "flow": "loan_survey", "at": at, "who": "client"}
    row |= {"conversation": TALK, "release": "abc123"}
    fields = [
        ("loan.ease", "rating", 4, "", 2),
        ("loan.comment", "text", HOSTILE, "", 3),
        ("loan.asked_for_money", "choice", "yes", "officer", 4),
    ]
    made = [
        {"field": name, "kind": kind, "value": value, "hidden_from": hidden} for name, kind, value, hidden, _ in fields
    ]
    return [
        row | one | {"id": new_id(), "turn": turn, "step": "s"} for one, (*_, turn) in zip(made, fields, strict=True)
    ]


def _case(id_: str, client: str, phone: str, at: dt.datetime, talk: str, hidden: str) -> dict[str, Any]:
    kind = "complaint" if hidden else "call_back"
    row = {"id": id_, "number": f"C-{id_[:4].upper()}", "key": id_, "kind": kind, "client": client, "address": phone}
    row |= {"about": f"Please call me. {HOSTILE}", "state": "open", "owner": "", "opened_at": at, "conversation": talk}
    late = at.date() - dt.timedelta(days=3)
    return row | {"promised": late, "hidden_from": hidden, "open_for": f"{kind} {client}"}


def _consent(client: str, phone: str, at: dt.datetime) -> dict[str, Any]:
    row = {"id": new_id(), "key": "consent", "client": client, "address": phone, "purpose": "survey", "given": False}
    return row | {"at": at, "channel": "ussd", "conversation": TALK, "notice": "1"}
