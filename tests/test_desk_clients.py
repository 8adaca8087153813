"""What staff read of one client and do about it: time line, transcript, payments, cases; on both databases."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from desk_facts import HIDDEN_CASE, HIDDEN_TALK, HOSTILE, OPEN_CASE, POSTED, STUCK, TALK, happened
from desks import ADMIN, AGENT, OFFICER, Page, Visitor, desk

from flows.paying.facts import Paid
from flows.ports import Unavailable
from flows.values import Money
from gateway.desk import client_pages, conversation_pages
from gateway.record import payments, tables
from gateway.record.desk import timeline as times
from gateway.record.releases import Releases

PHONE = "+254700000001"
NAME = "Akinyi"


class Clerk(Visitor):
    """A visitor who is logged in, with the client whom it is about."""

    client: str

    async def instead(self, who: tuple[str, str]) -> None:
        """Somebody else at the same browser."""
        await self.send("/desk/logout")
        await self.log_in(*who)

    async def press(self, path: str, **fields: str) -> Page:
        """Sends one of the forms of the page that is open; they all have the same token."""
        (token, *_) = re.findall(r'name="csrf" value="([^"]+)"', self.page.html)
        return await self.post(path, csrf=token, **fields)


@pytest.fixture
async def clerk(people_url: str, valkey_url: str, tmp_path: Path) -> AsyncIterator[Clerk]:
    async with desk(people_url, valkey_url, tmp_path) as opened:
        stores = opened.served.house.stores
        opened.__class__ = Clerk
        assert isinstance(opened, Clerk)
        opened.client = await happened(stores.db, "10001", stores.clock.now())
        await opened.log_in(*AGENT)
        yield opened


async def rows(clerk: Clerk, table: sa.Table, **where: Any) -> list[Any]:
    asked = sa.select(table).where(*(table.c[name] == value for name, value in where.items()))
    async with clerk.served.house.stores.db.read() as conn:
        return list(await conn.execute(asked.order_by(table.c.id)))


async def test_a_client_with_everything_that_happened_masked(clerk: Clerk) -> None:
    page = await clerk.get(f"/desk/clients/{clerk.client}")
    assert page.status == 200
    for seen in ("A. Odhiambo", "Biashara", "Balance", "Arrears", "USSD call", "Payment of KES 500 to Biashara",
                 "delivered", "Stopped survey messages", "overdue", "How easy was getting the loan? 4", "created",
                 "Officer", "Became"):  # fmt: skip
        assert seen.lower() in page.text.lower(), seen
    for private in (NAME, PHONE, "L-1001", "SJK7TEST01", "10001"):
        assert private not in page.html, private
    assert "<script>alert" not in page.html and "<img" not in page.html


async def test_shown_for_a_reason(clerk: Clerk) -> None:
    await clerk.get(f"/desk/clients/{clerk.client}")
    page = await clerk.send("/desk/show", reason="the client is on the phone")
    assert NAME in page.text and PHONE in page.text and "<script>alert" not in page.html
    assert "the client is on the phone" in page.text  # it is on the time line itself
    assert HOSTILE.partition(">")[0].replace("<", "&lt;") in page.html


@pytest.mark.parametrize(
    ("kind", "seen", "not_seen"),
    [
        ("calls", "USSD call", "Payment of"),
        ("payments", "Payment of", "USSD call"),
        ("texts", "We do not know yet", "USSD call"),
        ("answers", "How easy", "Payment of"),
        ("cases", "opened: call back", "Payment of"),
        ("consents", "Stopped survey", "Payment of"),
        ("nonsense", "Payment of", "Nothing of this kind"),
    ],
)
async def test_the_time_line_by_kind(clerk: Clerk, kind: str, seen: str, not_seen: str) -> None:
    page = await clerk.get(f"/desk/clients/{clerk.client}?kind={kind}")
    line = page.text.partition("Everything that happened")[2]
    assert seen in line
    assert not_seen not in line


async def test_pages_of_the_time_line_leave_nothing_out(clerk: Clerk, monkeypatch: pytest.MonkeyPatch) -> None:
    stores = clerk.served.house.stores
    (admin,) = [row for row in await rows(clerk, tables.metadata.tables["staff"]) if row.email == ADMIN[0]]
    from gateway.record.desk.staff import Staff

    who = Staff(admin.id, admin.email, admin.name, "admin")
    whole, end = await times.timeline(stores.db, clerk.client, who)
    assert end is None
    monkeypatch.setattr(times, "PAGE", 2)
    paged, place = await times.timeline(stores.db, clerk.client, who)
    while place:
        more, place = await times.timeline(stores.db, clerk.client, who, after=place)
        paged += more
    assert [event.place for event in paged] == [event.place for event in whole]
    moments = [event.at for event in whole]
    assert moments == sorted(moments, reverse=True)


async def test_older_pages_over_http(clerk: Clerk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(times, "PAGE", 3)
    page = await clerk.get(f"/desk/clients/{clerk.client}")
    seen = 0
    while found := re.search(r'href="([^"#]+)[^"]*">Older', page.html):
        page = await clerk.get(found[1].replace("&amp;", "&"))
        assert page.status == 200
        seen += 1
    assert seen >= 2
    assert (await clerk.get(f"/desk/clients/{clerk.client}?after=rubbish~~")).status == 200


async def test_the_bank_is_down_and_the_page_says_so(clerk: Clerk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def down(_client: str) -> None:
        raise Unavailable

    monkeypatch.setattr(clerk.served.house.bank, "accounts", down)
    page = await clerk.get(f"/desk/clients/{clerk.client}")
    assert (page.status, "The bank does not answer" in page.text, "USSD call" in page.text) == (200, True, True)


async def test_the_bank_knows_the_accounts_but_not_what_moved(clerk: Clerk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def slow(_account: str, _limit: int) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(clerk.served.house.bank, "statement", slow)
    monkeypatch.setattr(client_pages, "PATIENCE", 0.5)
    page = await clerk.get(f"/desk/clients/{clerk.client}")
    assert "Balance" in page.text and "The bank does not tell what moved on it now." in page.text


async def test_a_transcript_as_it_was_seen_and_reading_it_is_recorded(clerk: Clerk) -> None:
    await clerk.instead(OFFICER)
    page = await clerk.get(f"/desk/conversations/{TALK}")
    for seen in ("1. Balance", "[secret]", "main.menu", "repay.pin", "22 ms", "the same screen again", "abc123",
                 "We do not know yet", "completed", "dialled"):  # fmt: skip
        assert seen.lower() in page.text.lower(), seen
    assert NAME not in page.html and PHONE not in page.html
    assert "&lt;script&gt;" not in page.html  # an answer of this turn is kept from the officer
    assert "What was said here is kept from you." in page.text and "repay.confirm" not in page.text
    (noted,) = await rows(clerk, tables.audit, what="transcript read")
    assert (noted.who, noted.about, noted.details) == (OFFICER[0], clerk.client, {"conversation": TALK})


async def test_a_transcript_says_the_number_of_its_release(clerk: Clerk) -> None:
    stores = clerk.served.house.stores
    kept = Releases(stores.db, stores.clock)
    await kept.put("abc123", b"")
    await kept.publish("abc123", "jane")
    number = (await kept.numbers(["abc123"]))["abc123"]
    page = await clerk.get(f"/desk/conversations/{TALK}")
    assert f"Release {number} abc123" in " ".join(page.text.split())


async def test_what_is_hidden_from_officers_is_not_there_for_them(clerk: Clerk) -> None:
    await clerk.instead(OFFICER)
    page = await clerk.get(f"/desk/clients/{clerk.client}")
    for hidden in (HIDDEN_CASE, HIDDEN_TALK, "Asked for money", "complaint"):
        assert hidden not in page.html, hidden
    for path in (f"/desk/cases/{HIDDEN_CASE}", f"/desk/conversations/{HIDDEN_TALK}"):
        assert (await clerk.get(path)).status == 404, path
    assert HIDDEN_CASE not in (await clerk.get("/desk/cases")).html
    await clerk.get("/desk/cases")
    assert (await clerk.press(f"/desk/cases/{HIDDEN_CASE}", do="close", why="nothing")).status == 404
    for reader in (ADMIN, AGENT):  # the support desk serves no client
        await clerk.get("/desk")
        await clerk.instead(reader)
        assert HIDDEN_CASE in (await clerk.get("/desk/cases")).html
        page = await clerk.get(f"/desk/conversations/{HIDDEN_TALK}")
        assert page.status == 200
        assert "&lt;script&gt;" in page.html and "<script>alert" not in page.html


async def test_what_was_added_to_a_hidden_case_later_is_hidden_too(clerk: Clerk) -> None:
    """The case keeps the conversation that opened it; of one that added to it, only the effect tells."""
    outcome = [f"C-{HIDDEN_CASE[:4].upper()}", "2026-11-27", False]
    at = clerk.served.house.stores.clock.now()
    async with clerk.served.house.stores.db.write() as conn:
        row = {"key": f"{TALK}.2.complain.open", "action": "open case", "outcome": outcome, "at": at}
        await conn.execute(sa.insert(tables.effect).values(**row))
    await clerk.instead(OFFICER)
    assert (await clerk.get(f"/desk/conversations/{TALK}")).status == 404
    assert "USSD call" not in (await clerk.get(f"/desk/clients/{clerk.client}?kind=calls")).text
    await clerk.instead(ADMIN)
    assert (await clerk.get(f"/desk/conversations/{TALK}")).status == 200


async def test_an_administrator_never_sees_what_their_own_clients_say_of_them(clerk: Clerk) -> None:
    async with clerk.served.house.stores.db.write() as conn:
        staff = tables.metadata.tables["staff"]
        await conn.execute(sa.update(staff).where(staff.c.email == OFFICER[0]).values(role="admin"))
    await clerk.instead(OFFICER)
    assert (await clerk.get(f"/desk/cases/{HIDDEN_CASE}")).status == 404
    assert (await clerk.get(f"/desk/conversations/{HIDDEN_TALK}")).status == 404


async def test_payments_that_need_a_person(clerk: Clerk) -> None:
    page = await clerk.get("/desk/payments")
    assert STUCK in page.html and POSTED not in page.html
    assert "Needs a person (1)" in page.text
    for state, there in (("", (STUCK, POSTED)), ("open", (STUCK,)), ("posted", (POSTED,))):
        page = await clerk.get(f"/desk/payments?state={state}")
        assert [id_ in page.html for id_ in (STUCK, POSTED)] == [id_ in there for id_ in (STUCK, POSTED)], state
    page = await clerk.get(f"/desk/payments/{STUCK}")
    for seen in ("no word", "the wallet did not answer", "only claimed", "KES 500", "We do not know yet"):
        assert seen in page.text, seen
    assert PHONE not in page.html and "<script>alert" not in page.html


async def test_a_payment_is_decided_once_and_it_is_in_its_history(clerk: Clerk) -> None:
    path = f"/desk/payments/{STUCK}"
    await clerk.get(path)
    assert (await clerk.press(path, way="paid", why=" ")).status == 400
    assert (await clerk.press(path, way="refund", why="x")).status == 400
    page = await clerk.press(path, way="not paid", why="the wallet's page says so")
    assert "Decided: it is failed now." in page.text
    assert f"{AGENT[0]} decided “not paid”: the wallet&#39;s page says so" in page.html
    assert (await clerk.press(path, way="paid", why="again")).status == 400
    (noted,) = await rows(clerk, tables.audit, what="payment decided")
    assert (noted.who, noted.about, noted.details) == (AGENT[0], STUCK, {"way": "not paid"})
    assert [row.state for row in await rows(clerk, tables.payment, id=STUCK)] == ["failed"]


async def test_what_the_wallet_proves_meanwhile_counts_and_not_the_decision(clerk: Clerk) -> None:
    stores, path = clerk.served.house.stores, f"/desk/payments/{STUCK}"
    await clerk.get(path)
    said = {"provider": "simulated", "proven": True}
    paid = Paid("SJK7LATE01", Money(50_000, "KES"))
    assert await payments.evidence(stores.db, STUCK, paid, "{}", stores.clock.now(), **said)
    page = await clerk.press(path, way="not paid", why="not on the portal")
    assert page.status in (400, 409)
    assert "not on the portal" not in page.text.partition("What happened")[2]
    assert [row.state for row in await rows(clerk, tables.payment, id=STUCK)] != ["failed"]
    assert await rows(clerk, tables.audit, what="payment decided") == []


async def test_words_of_a_flow_that_is_hidden(clerk: Clerk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation_pages, "kept_from", lambda _visit: {"main"})
    page = await clerk.get(f"/desk/conversations/{TALK}")
    assert "1. Balance" not in page.text
    assert "Enter your PIN" in page.text


async def test_a_case_is_taken_noted_promised_and_closed(clerk: Clerk) -> None:
    path = f"/desk/cases/{OPEN_CASE}"
    page = await clerk.get("/desk/cases?which=overdue")
    assert OPEN_CASE in page.html and "Overdue (2)" in page.text
    assert OPEN_CASE not in (await clerk.get("/desk/cases?which=mine")).html
    page = await clerk.get(path)
    assert "&lt;script&gt;" in page.html and "<script>alert" not in page.html
    assert "The case is yours." in (await clerk.press(path, do="take", owner="")).text
    assert OPEN_CASE in (await clerk.get("/desk/cases?which=mine")).html
    for text in ("called, no answer", "called, no answer"):
        page = await clerk.press(path, do="note", note=text)
    assert page.text.count("called, no answer") == 2
    day = clerk.served.house.stores.clock.today() + dt.timedelta(days=2)
    assert (await clerk.press(path, do="promise", day="yesterday", because="x")).status == 400
    assert (await clerk.press(path, do="promise", day="2001-01-01", because="x")).status == 400
    assert "The new day is kept." in (await clerk.press(path, do="promise", day=day.isoformat(), because="away")).text
    assert (await clerk.press(path, do="close", why="")).status == 400
    page = await clerk.press(path, do="close", why="spoke to her")
    assert "The case is closed." in page.text and "Closed: spoke to her" in page.text
    assert (await clerk.press(path, do="close", why="twice")).status == 409
    (row,) = await rows(clerk, tables.case, id=OPEN_CASE)
    assert (row.state, row.open_for, row.owner, row.promised) == ("closed", None, AGENT[0], day)
    told = [row.what for row in await rows(clerk, tables.audit, about=OPEN_CASE)]
    assert told == ["case taken", "case noted", "case noted", "case promised", "case closed"]
    assert "spoke to her" in (await clerk.get(f"/desk/clients/{clerk.client}?kind=cases")).text


async def test_a_case_that_somebody_else_took_meanwhile(clerk: Clerk) -> None:
    async with clerk.served.house.stores.db.write() as conn:
        await conn.execute(sa.update(tables.case).where(tables.case.c.id == OPEN_CASE).values(owner=ADMIN[0]))
    await clerk.get(f"/desk/cases/{OPEN_CASE}")
    page = await clerk.press(f"/desk/cases/{OPEN_CASE}", do="take", owner="")
    assert (page.status, f"{ADMIN[0]} has this case now" in page.text) == (409, True)
    assert "yours" in (await clerk.press(f"/desk/cases/{OPEN_CASE}", do="take", owner=ADMIN[0])).text


@pytest.mark.parametrize("path", ["clients", "conversations", "payments", "cases"])
async def test_what_there_is_not(clerk: Clerk, path: str) -> None:
    page = await clerk.get(f"/desk/{path}/nobody")
    assert (page.status, "There is no such" in page.text) == (404, True)
