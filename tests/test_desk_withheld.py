"""Where a conversation went tells what was answered: to whom the answers are hidden from, nothing of that is told."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from desks import ADMIN, AGENT, OFFICER, Visitor, desk

from gateway.ids import new_id
from gateway.record import tables

PHONE, TALK = "+254700000001", "7" * 32
SPAN = dt.timedelta(0, 50)
STEPS = ["full", "why", "hard", "bye"]  # "why" is asked of those who got less
PLACES = {"published": "loan_feedback", "gone": "old_feedback"}  # a flow that was hidden, and is no flow any more


@pytest.fixture(params=list(PLACES.values()), ids=list(PLACES))
def flow(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def visitor(people_url: str, valkey_url: str, tmp_path: Path, flow: str) -> AsyncIterator[Visitor]:
    async with desk(people_url, valkey_url, tmp_path) as opened:
        stores = opened.served.house.stores
        at = stores.clock.now() - dt.timedelta(hours=1)
        client = await _client(opened)
        async with stores.db.write() as conn:
            for table, rows in _rows(client, flow, at).items():
                await conn.execute(sa.insert(tables.metadata.tables[table]), rows)
        yield opened


async def _client(visitor: Visitor) -> str:
    contact = tables.contact.c
    async with visitor.served.house.stores.db.read() as conn:
        return str(await conn.scalar(sa.select(contact.client).where(contact.address == PHONE)))


def _rows(client: str, flow: str, at: dt.datetime) -> dict[str, list[dict[str, Any]]]:
    who = {"client": client, "address": PHONE, "channel": "ussd", "release": "abc123"}
    talk = {"id": TALK, "kind": "ussd", "flow": flow, "step": "hard", "turn": 5, "outcome": "completed"}
    said = {"conversation": TALK, "release": "abc123", "text": "words"}
    turns = [said | {"turn": 1, "event": "dial", "direction": "out", "flow": "main", "step": "menu", "at": at}]
    for turn, step in enumerate(STEPS, 2):
        its = said | {"turn": turn, "event": "said", "flow": flow, "step": step, "at": at + turn * dt.timedelta(0, 9)}
        turns += [its | {"direction": "in"}, its | {"direction": "out"}]
    told = {"conversation": TALK, "turn": 3, "flow": flow, "step": "full", "at": at, "hidden_from": "branch,officer"}
    answer = {"id": new_id(), "field": "loan.got_full_amount", "kind": "choice", "value": "less"}
    return {
        "conversation": [who | talk | {"started_at": at, "last_at": at + dt.timedelta(0, 50)}],
        "message": turns,
        "observation": [who | told | answer],
    }


@pytest.mark.parametrize("reader", [AGENT, OFFICER], ids=["support desk", "officer"])
async def test_where_it_went_is_not_told(visitor: Visitor, flow: str, reader: tuple[str, str]) -> None:
    await visitor.log_in(*reader)
    page = await visitor.get(f"/desk/conversations/{TALK}")
    assert page.text.count("What was said here is kept from you.") == 1, "how many questions there were tells it too"
    assert "main.menu" in page.text
    for unseen in (flow, *(f".{step}" for step in STEPS), "completed", "not ended"):
        assert unseen not in page.html, unseen
    line = await _calls(visitor)
    assert "USSD call" in line
    for unseen in ("ended at", flow, "completed", "not ended"):
        assert unseen not in line, unseen


async def test_whoever_sees_the_answers_sees_where_it_went(visitor: Visitor, flow: str) -> None:
    await visitor.log_in(*ADMIN)
    text = (await visitor.get(f"/desk/conversations/{TALK}")).text
    for seen in [f"{flow}.{step}" for step in STEPS] + [f"Ended at {flow}.hard", "completed"]:
        assert seen in text, seen
    assert f"ended at {flow}.hard" in await _calls(visitor)


async def _calls(visitor: Visitor) -> str:
    page = await visitor.get(f"/desk/clients/{await _client(visitor)}?kind=calls")
    return page.text.partition("Everything that happened")[2]


async def test_no_call_tells_where_it_ended_to_whom_one_may_not(visitor: Visitor, flow: str) -> None:
    """A row that said less than the others would tell of the survey."""
    await visitor.log_in(*OFFICER)
    stores, client = visitor.served.house.stores, await _client(visitor)
    row = {"id": "8" * 32, "kind": "ussd", "channel": "ussd", "client": client, "address": PHONE, "release": "abc123"}
    row |= {"flow": "balance", "step": "bye", "turn": 3, "outcome": "completed", "language": ""}
    at = stores.clock.now() - dt.timedelta(hours=3)
    async with stores.db.write() as conn:
        await conn.execute(sa.insert(tables.conversation), [row | {"started_at": at, "last_at": at + SPAN}])
    page = await visitor.get(f"/desk/clients/{client}?kind=calls")
    told = re.findall(r'<li class="[^"]*call.*?</li>', page.html, re.DOTALL) or page.html.split("USSD call")[1:]
    plain = {re.sub(r"[0-9a-f]{32}|[0-9]+", "", one).strip() for one in told[:2]}
    assert len(told) >= 2 and len(plain) == 1, plain
    assert "balance" not in page.text.partition("Everything that happened")[2]


async def test_a_reminder_is_not_told_and_an_invitation_without_its_words(visitor: Visitor, flow: str) -> None:
    """Nor when they were sent again by hand."""
    stores, client, id_ = visitor.served.house.stores, await _client(visitor), new_id()
    at = stores.clock.now() - dt.timedelta(days=2)
    asked = {"id": id_, "flow": flow, "release": "abc123", "client": client, "address": PHONE, "event": id_}
    asked |= {"state": "completed", "due_at": at, "invited_at": at, "reminders": 1, "reminded_at": at, "begun_at": at}
    asked |= {"hidden_from": "branch,officer", "reason": "", "on_card": False, "ended_at": at}
    sms = {"to": PHONE, "client": client, "channel": "sms", "purpose": "survey", "state": "delivered", "created_at": at}
    refs = (f"invite:{id_}:0", f"again:invite:{id_}:0", f"invite:{id_}:1", f"again:2:invite:{id_}:1")
    texts = [sms | {"ref": ref, "text": "Questions on our service"} for ref in refs]
    texts.append(sms | {"ref": "r1", "text": "KES 500 received", "purpose": "service"})
    async with stores.db.write() as conn:
        await conn.execute(sa.insert(tables.invitation), [asked])
        await conn.execute(sa.insert(tables.outbox), texts)
    for who, told, kept in ((OFFICER, 0, 2), (AGENT, 4, 0), (ADMIN, 4, 0)):
        await visitor.log_in(*who)
        page = await visitor.get(f"/desk/clients/{client}?kind=texts")
        line = page.text.partition("Everything that happened")[2]
        assert (line.count("Questions on our service"), line.count("kept from you")) == (told, kept), who
        assert "KES 500 received" in line
        await visitor.send("/desk/logout")
