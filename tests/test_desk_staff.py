"""Staff accounts on the desk: who is let in, as what, by which password; and that somebody always can."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from desks import ADMIN, AGENT, OFFICER, Page, Visitor, desk

from gateway.record.database import Database
from gateway.record.desk import accounts, linking
from gateway.record.desk import staff as kept
from gateway.record.desk.staff import BadStaff, Staff
from gateway.record.tables import audit, staff

GOOD = "three short words"
AMINA = {"name": "Amina Yusuf", "email": "Amina@jamii.example", "role": "agent"}
LINK = re.compile(r"http://[^<\s]+(/desk/password/[\w-]{43})")


@pytest.fixture
async def admin(people_url: str, valkey_url: str, tmp_path: Path) -> AsyncIterator[Visitor]:
    async with desk(people_url, valkey_url, tmp_path) as opened:
        await opened.log_in(*ADMIN)
        yield opened


async def _id(admin: Visitor, email: str) -> str:
    async with admin.served.house.stores.db.read() as conn:
        found = await kept.find(conn, email)
    assert found
    return found[0].id


async def _do(admin: Visitor, email: str, do: str, **fields: str) -> Page:
    path = f"/desk/staff/{await _id(admin, email)}"
    token = (await admin.get(path)).form("/desk/logout").fields["csrf"]
    return await admin.post(path, csrf=token, do=do, **fields)


async def _add(admin: Visitor, **fields: str) -> Page:
    await admin.get("/desk/staff")
    return await admin.send("/desk/staff", **{**AMINA, **fields})


def _link(page: Page) -> str:
    found = LINK.search(page.html)
    assert found, page.text
    return found[1]


async def _noted(admin: Visitor) -> list[str]:
    async with admin.served.house.stores.db.read() as conn:
        asked = sa.select(audit.c.who, audit.c.what).where(audit.c.what.not_in(("log in", "log out")))
        return [f"{who}: {what}" for who, what in await conn.execute(asked.order_by(audit.c.at, audit.c.id))]


async def test_administrators_only(admin: Visitor) -> None:
    assert "Staff" in (await admin.get("/desk")).text
    async with admin.other() as agent:
        await agent.log_in(*AGENT)
        assert "/desk/staff" not in (await agent.get("/desk")).html
        token = agent.page.form("/desk").fields["csrf"]
        for path in ("/desk/staff", f"/desk/staff/{await _id(admin, ADMIN[0])}"):
            assert (await agent.get(path)).status == 403
            assert (await agent.post(path, csrf=token, do="lock", **AMINA)).status == 403


async def test_who_may_log_in_and_whom_they_see(admin: Visitor) -> None:
    text = (await admin.get("/desk/staff")).text
    for seen in ("Peter Maina", "4 own clients E-0001", "Mercy Wanjala", "all clients", "logged in"):
        assert seen in text, seen


async def test_somebody_is_let_in_by_a_link_that_works_once(admin: Visitor, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    page = await _add(admin)
    link = _link(page)
    assert "amina@jamii.example can log in." in page.text
    async with admin.other() as amina:
        for wrong in ("short", "amina-amina-amina"):
            await amina.get(link)
            assert (await amina.send(link, password=wrong, again=wrong)).status == 400
        await amina.get(link)
        assert "not the same" in (await amina.send(link, password=GOOD, again=GOOD + "!")).text
        page = await amina.send(link, password=GOOD, again=GOOD)
        assert (page.path.partition("?")[0], "Your password is kept" in page.text) == ("/desk/login", True)
        assert (await amina.log_in("amina@jamii.example", GOOD)).path == "/desk"
        assert (await amina.get(link)).status == 404
    assert (await _noted(admin)) == [f"{ADMIN[0]}: add staff", "amina@jamii.example: password chosen"]
    token = link.rpartition("/")[2]
    async with admin.served.house.stores.db.read() as conn:
        assert token not in str((await conn.execute(sa.select(staff))).all())
        assert token not in str((await conn.execute(sa.select(audit))).all())
    assert not [line for line in caplog.messages if token in line or GOOD in line]


async def test_of_two_who_use_a_link_at_once_one_is_too_late(admin: Visitor) -> None:
    link = _link(await _add(admin))
    async with admin.other() as one, admin.other() as other:
        await asyncio.gather(one.get(link), other.get(link))
        pages = await asyncio.gather(
            one.send(link, password=GOOD, again=GOOD), other.send(link, password=GOOD + "!", again=GOOD + "!")
        )
    assert sorted(page.status for page in pages) == [200, 404]


async def test_links_that_open_nothing(admin: Visitor) -> None:
    first = _link(await _add(admin))
    second = _link(await _do(admin, "amina@jamii.example", "link"))
    async with admin.other() as amina:
        for path in (first, "/desk/password/", "/desk/password/x", "/desk/password/" + "A" * 43, "/desk/password/%00"):
            assert (await amina.get(path)).path != "/desk" and "Keep it" not in amina.page.text, path
        assert (await amina.get(second)).status == 200
        refused = await amina.post(second, password=GOOD, again=GOOD, csrf="")
        assert (refused.status, refused.headers["Referrer-Policy"]) == (403, "strict-origin")
        await _do(admin, "amina@jamii.example", "lock")
        assert (await amina.get(second)).status == 404
        await _do(admin, "amina@jamii.example", "unlock")
        assert (await amina.get(second)).status == 404, "what a lock ended stays ended"
        assert "link too old" in (await admin.get("/desk/staff")).text
        third = _link(await _do(admin, "amina@jamii.example", "link"))
        admin.watch.advance(24 * 3600 - 60)
        assert (await amina.get(third)).status == 200
        admin.watch.advance(61)
        assert (await amina.get(third)).status == 404


async def test_an_administrator_whose_link_a_lock_ended_cannot_log_in(admin: Visitor) -> None:
    await _add(admin, role="admin")
    for do in ("lock", "unlock"):
        await _do(admin, "amina@jamii.example", do)
    async with admin.served.house.stores.db.write() as conn:
        assert await linking.able(conn, admin.watch.now()) == (3, 1)
        with pytest.raises(BadStaff, match=accounts.LAST):
            await accounts.change(
                conn, next(who for who in await kept.everybody(conn) if who.email == ADMIN[0]), "agent", ""
            )


async def test_a_link_ends_the_password_that_was_there(admin: Visitor) -> None:
    async with admin.other() as agent:
        await agent.log_in(*AGENT)
        link = _link(await _do(admin, AGENT[0], "link"))
        assert (await agent.get("/desk")).path.startswith("/desk/login")
        assert (await agent.log_in(*AGENT)).status == 403
        await agent.get(link)
        await agent.send(link, password=GOOD, again=GOOD)
        assert (await agent.log_in(AGENT[0], GOOD)).path == "/desk"


async def test_a_password_that_is_typed(admin: Visitor) -> None:
    page = await _add(admin, password="short")
    assert (page.status, "twelve" in page.text or "12 characters" in page.text) == (400, True)
    assert "Amina Yusuf" in page.html  # what was typed is still there
    page = await _add(admin, password=GOOD)
    assert (page.status, LINK.search(page.html)) == (200, None)
    async with admin.other() as amina:
        assert (await amina.log_in("amina@jamii.example", GOOD)).path == "/desk"
        await _do(admin, "amina@jamii.example", "password", password=GOOD + " more")
        assert (await amina.get("/desk")).path.startswith("/desk/login")
        assert (await amina.log_in("amina@jamii.example", GOOD + " more")).path == "/desk"


REFUSED = [
    ({"email": "amina"}, "An e-mail address looks like"),
    ({"email": AGENT[0]}, "has a log-in already"),
    ({"name": "  "}, "Give the name"),
    ({"ref": "E-9999"}, "The record has no E-9999"),
    ({"name": "maina PETER"}, "E-0001 in the record has the same name"),
    ({"name": "maina PETER", "role": "admin"}, "E-0001 in the record has the same name"),
]


@pytest.mark.parametrize(("fields", "says"), REFUSED)
async def test_who_is_not_let_in(admin: Visitor, fields: dict[str, str], says: str) -> None:
    page = await _add(admin, **fields)
    assert (page.status, says in page.text) == (400, True), page.text
    assert await _noted(admin) == []
    async with admin.served.house.stores.db.read() as conn:
        assert len(await kept.everybody(conn)) == 3


async def test_what_hostile_names_do_to_the_page(admin: Visitor) -> None:
    page = await _add(admin, name='<script>alert("x")</script>', email="x@y.z")
    assert "<script>alert" not in page.html
    assert (await _add(admin, role="owner")).status == 400


async def test_another_person_of_the_same_name_may_be_the_support_desk(admin: Visitor) -> None:
    page = await _add(admin, name="Peter Maina", another="on")
    assert (page.status, "all clients" in page.text) == (200, True)


async def test_a_link_to_the_record_counts_from_the_next_click(admin: Visitor) -> None:
    async with admin.other() as agent:
        await agent.log_in(*AGENT)
        await agent.get("/desk")
        assert "O. Were" in (await agent.send("/desk", q="otieno")).text
        await _do(admin, AGENT[0], "change", role="agent", ref="E-0001")
        assert "O. Were" not in (await agent.get("/desk")).text
        await _do(admin, AGENT[0], "change", role="admin", ref="")
        assert (await agent.get("/desk/staff")).status == 200
    assert await _noted(admin) == [f"{ADMIN[0]}: change staff"] * 2


async def test_locked_out_and_let_in_again(admin: Visitor) -> None:
    async with admin.other() as officer:
        await officer.log_in(*OFFICER)
        await _do(admin, OFFICER[0], "log out")
        assert (await officer.get("/desk")).path.startswith("/desk/login")
        assert (await officer.log_in(*OFFICER)).path == "/desk"
        page = await _do(admin, OFFICER[0], "lock")
        assert "officer@jamii.example cannot log in any more." in page.text
        assert (await officer.get("/desk")).path.startswith("/desk/login")
        assert (await officer.log_in(*OFFICER)).status == 403
        await _do(admin, OFFICER[0], "unlock")
        assert (await officer.log_in(*OFFICER)).path == "/desk"


OWN = [
    ("lock", {}),
    ("link", {}),
    ("change", {"role": "agent", "ref": ""}),
    ("change", {"role": "admin", "ref": "E-0001"}),
]


@pytest.mark.parametrize(("do", "fields"), OWN)
async def test_nobody_locks_themselves_out(admin: Visitor, do: str, fields: dict[str, str]) -> None:
    page = await _do(admin, ADMIN[0], do, **fields)
    assert (page.status, "Somebody else must do that" in page.text) == (409, True)
    assert (await admin.get("/desk/staff")).status == 200
    assert (await _do(admin, ADMIN[0], "fire")).status == 400


async def _admins(db: Database) -> list[Staff]:
    async with db.read() as conn:
        return [who for who in await kept.everybody(conn) if who.role == "admin" and not who.disabled]


async def test_of_two_administrators_who_lock_each_other_out_one_is_too_late(admin: Visitor) -> None:
    db = admin.served.house.stores.db
    async with db.write() as conn:
        await kept.add(conn, kept.new_staff("second@jamii.example", "Second", "admin"), "x", admin.watch.now())

    async def locked(who: Staff) -> str:
        try:
            async with db.write() as conn:
                await accounts.lock(conn, who, admin.watch.now())
        except BadStaff as bad:
            return str(bad)
        return ""

    said = await asyncio.gather(*(locked(who) for who in await _admins(db)))
    assert sorted(said) == ["", accounts.LAST]
    (left,) = await _admins(db)
    async with db.write() as conn:
        with pytest.raises(BadStaff):
            await accounts.change(conn, left, "agent", "")
        with pytest.raises(BadStaff):
            await accounts.invite(conn, left, "x", admin.watch.now())
        await accounts.change(conn, left, "admin", "E-0001")


async def test_what_the_doctor_asks(admin: Visitor) -> None:
    db, now = admin.served.house.stores.db, admin.watch.now()
    async with db.write() as conn:
        assert (await linking.able(conn, now), await linking.doubtful(conn)) == ((3, 1), [])
        await conn.execute(sa.update(staff).where(staff.c.email == OFFICER[0]).values(ref=""))
        assert [who.email for who in await linking.doubtful(conn)] == [OFFICER[0]]
        await conn.execute(sa.update(staff).where(staff.c.email == ADMIN[0]).values(link="x", link_until=now))
        assert await linking.able(conn, now) == (2, 0)
        await conn.execute(sa.update(staff).values(disabled_at=now))
        assert (await linking.able(conn, now), await linking.doubtful(conn)) == ((0, 0), [])
