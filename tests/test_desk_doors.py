"""Who gets into the desk and who does not: log-in, sessions, forms, roles; over HTTP, on both databases."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from desks import ADMIN, AGENT, Visitor, desk

from flows.ports import Unavailable
from gateway.desk import cookies, masking, rooms
from gateway.desk.rooms import own_path
from gateway.record.desk import staff as kept
from gateway.record.desk.entering import network
from gateway.record.desk.staff import BadStaff, Staff, check_password, minted
from gateway.record.tables import audit, staff, staff_session

MINUTE = 60  # seconds


@pytest.fixture
async def visitor(people_url: str, valkey_url: str, tmp_path: Path) -> AsyncIterator[Visitor]:
    async with desk(people_url, valkey_url, tmp_path) as opened:
        yield opened


async def _audited(visitor: Visitor, what: str) -> list[Any]:
    async with visitor.served.house.stores.db.read() as conn:
        return list(await conn.execute(sa.select(audit).where(audit.c.what == what).order_by(audit.c.id)))


async def test_in_where_one_wanted_to_go_and_out_again(visitor: Visitor) -> None:
    page = await visitor.get("/desk/nothing?kind=sms")
    assert page.path == "/desk/login?then=/desk/nothing?kind%3Dsms"
    page = await visitor.log_in(*AGENT)
    assert (page.status, page.path) == (404, "/desk/nothing?kind=sms")
    assert "There is nothing here" in page.text
    assert "Mercy Wanjala agent" in page.text
    assert (await visitor.get("/desk/login")).path == "/desk"
    page = await visitor.send("/desk/logout")
    assert "You are logged out." in page.text
    assert (await visitor.get("/desk")).path.startswith("/desk/login")
    assert [row.who for row in await _audited(visitor, "log in")] == [AGENT[0]]
    assert [row.who for row in await _audited(visitor, "log out")] == [AGENT[0]]


async def test_only_a_hash_of_the_token_is_kept_and_script_cannot_read_it(visitor: Visitor) -> None:
    await visitor.log_in(AGENT[0].upper() + " ", AGENT[1])
    (cookie,) = [one for one in visitor.jar if one.key == cookies.SESSION]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/desk")
    async with visitor.served.house.stores.db.read() as conn:
        rows = (await conn.execute(sa.select(staff_session))).all()
    assert len(rows) == 1
    assert cookie.value not in str(rows)
    assert len(cookie.value) == 43  # 256 bits


async def test_behind_a_proxy_of_ours_over_https(people_url: str, valkey_url: str, tmp_path: Path) -> None:
    proxies = {"NJIA_SECURITY__PROXIES": '["127.0.0.1"]'}
    async with desk(people_url, valkey_url, tmp_path, **proxies) as visitor:
        visitor.headers = {"X-Forwarded-Proto": "https"}
        await visitor.get("/desk/login")
        (door,) = [one for one in visitor.set if one.startswith("__Host-")]
        assert "Secure" in door
        assert "Path=/;" in f"{door};"


@pytest.mark.parametrize("email", [AGENT[0], "nobody@jamii.example", "", "x" * 5000, "\0", "a'; drop table staff --"])
async def test_the_same_answer_for_whoever_is_not_let_in(visitor: Visitor, email: str) -> None:
    page = await visitor.log_in(email, "not the password")
    assert page.status == 403
    assert "This e-mail address and password do not go together." in page.text
    assert not [one for one in visitor.jar if one.key == cookies.SESSION]
    (row,) = await _audited(visitor, "log-in refused")
    assert row.who == (AGENT[0] if email == AGENT[0] else "somebody")
    assert "not the password" not in str(row)


async def test_a_session_that_was_planted_is_not_taken_over(visitor: Visitor) -> None:
    await visitor.get("/desk/login")
    visitor.plant(cookies.SESSION, "planted")
    await visitor.log_in(*AGENT)
    (cookie,) = [one for one in visitor.jar if one.key == cookies.SESSION]
    assert cookie.value != "planted"


async def test_tries_are_counted_for_the_address_that_is_guessed_at(visitor: Visitor) -> None:
    for _ in range(5):
        assert (await visitor.log_in(AGENT[0], "wrong")).status == 403
    page = await visitor.log_in(*AGENT)  # the right one, too late
    assert page.status == 429
    assert "Try again in 1 minute." in page.text
    async with visitor.other() as other:
        assert (await other.log_in(*ADMIN)).status == 200  # nobody else is locked out
    visitor.watch.advance(61)
    assert (await visitor.log_in(*AGENT)).status == 200


async def test_tries_are_counted_for_where_they_come_from(visitor: Visitor) -> None:
    for number in range(20):
        assert (await visitor.log_in(f"somebody{number}@jamii.example", "wrong")).status == 403
    assert (await visitor.log_in(*AGENT)).status == 429
    visitor.watch.advance(61)
    assert (await visitor.log_in(*AGENT)).status == 200


async def test_many_tries_at_once_are_no_more_than_one_after_the_other(visitor: Visitor) -> None:
    async with AsyncExitStack() as stack:
        many = [await stack.enter_async_context(visitor.other()) for _ in range(16)]
        pages = await asyncio.gather(*(one.log_in(AGENT[0], "wrong") for one in many))
    counted = Counter(page.status for page in pages)
    assert 1 <= counted[403] <= 5
    assert set(counted) <= {403, 429, 503}  # 503: too many at the door


async def test_a_session_ends_when_it_is_not_used(visitor: Visitor) -> None:
    await visitor.log_in(*AGENT)
    for _ in range(3):
        visitor.watch.advance(25 * MINUTE)
        assert (await visitor.get("/desk")).path == "/desk"
    visitor.watch.advance(31 * MINUTE)
    assert (await visitor.get("/desk")).path.startswith("/desk/login")


async def test_a_session_ends_after_twelve_hours_of_use(visitor: Visitor) -> None:
    await visitor.log_in(*AGENT)
    for _ in range(28):
        visitor.watch.advance(25 * MINUTE)
        assert (await visitor.get("/desk")).path == "/desk"
    visitor.watch.advance(25 * MINUTE)
    assert (await visitor.get("/desk")).path.startswith("/desk/login")


async def test_the_clock_of_a_demonstration_ends_no_session_and_no_lock(visitor: Visitor) -> None:
    """Anybody may move it."""
    await visitor.log_in(*AGENT)
    visitor.served.house.stores.clock.offset += 86_400
    assert (await visitor.get("/desk")).path == "/desk"


async def test_a_form_sent_too_late_says_so_and_gives_back_what_was_typed(visitor: Visitor) -> None:
    await visitor.log_in(*AGENT)
    visitor.watch.advance(60 * MINUTE)
    page = await visitor.send("/desk", q="what I had written down <b>for long</b>")
    assert page.status == 403
    assert "nothing was saved" in page.text
    assert "what I had written down &lt;b&gt;for long&lt;/b&gt;" in page.html


FORGED = [
    ({}, {"csrf": ""}),
    ({}, {"csrf": "x" * 43}),
    ({}, {"csrf": "é\0"}),
    ({"Sec-Fetch-Site": "cross-site"}, {}),
    ({"Sec-Fetch-Site": "same-site"}, {}),
    ({"Origin": "https://evil.example"}, {}),
    ({"Origin": "null"}, {}),
]


@pytest.mark.parametrize(("headers", "fields"), FORGED)
async def test_a_form_that_did_not_come_from_us(
    visitor: Visitor, headers: dict[str, str], fields: dict[str, str]
) -> None:
    await visitor.log_in(*AGENT)
    visitor.headers = headers
    page = await visitor.send("/desk", **{"q": "akinyi", **fields})
    assert page.status == 403
    assert "did not come from a page of this log-in, so nothing was done" in page.text
    visitor.headers = {}
    assert "akinyi" not in (await visitor.get("/desk")).html


async def test_a_log_in_that_did_not_come_from_us(visitor: Visitor) -> None:
    page = await visitor.post("/desk/login", email=AGENT[0], password=AGENT[1], csrf="")
    assert page.status == 403
    assert not [one for one in visitor.jar if one.key == cookies.SESSION]


HOSTILE = [
    ("PUT", "/desk", b"", {}),
    ("DELETE", "/desk/show", b"", {}),
    ("OPTIONS", "/desk/login", b"", {}),
    ("POST", "/desk/login", b"", {}),
    ("POST", "/desk/login", b"\xff\xfe=%zz&&&=", {"Content-Type": "application/x-www-form-urlencoded; charset=utf-7"}),
    ("POST", "/desk/login", b"a=b", {"Content-Type": "application/x-www-form-urlencoded; charset=no-such"}),
    ("POST", "/desk/login", b"--x\r\nno", {"Content-Type": "multipart/form-data; boundary=x"}),
    ("POST", "/desk/login", b"{}", {"Content-Type": "application/json"}),
    ("GET", "/desk/login?then=%00", b"", {}),
    ("GET", "/desk/login?then=//evil.example", b"", {}),
    ("GET", "/desk/%00", b"", {}),
    ("GET", "/desk/clients/%2e%2e%2f%00", b"", {}),
    (
        "GET",
        "/desk",
        b"",
        {"Cookie": "njia_desk=\u00e9; njia_desk=; njia_desk_flash=%%%; njia_desk_door=" + "x" * 3000},
    ),
    ("GET", "/desk", b"", {"X-Forwarded-For": "<script>", "X-Forwarded-Proto": "https"}),
]


@pytest.mark.parametrize("asked", HOSTILE)
async def test_what_no_browser_sends_gets_a_page_too(visitor: Visitor, asked: Any) -> None:
    for known in (False, True):
        page = await visitor.raw(*asked)
        assert page.status < 500, (known, page.text)
        assert "evil" not in page.html
        if not known:
            await visitor.get("/desk/login")
            await visitor.log_in(*AGENT)


async def test_the_form_of_another_session_is_not_taken(visitor: Visitor) -> None:
    await visitor.log_in(*AGENT)
    async with visitor.other() as other:
        await other.log_in(*ADMIN)
        stolen = other.page.form("/desk").fields["csrf"]
    assert (await visitor.send("/desk", q="x", csrf=stolen)).status == 403


async def test_who_is_disabled_or_has_a_new_password_is_out_at_once(visitor: Visitor) -> None:
    stores, hasher = visitor.served.house.stores, visitor.served.house.hasher
    await visitor.log_in(*AGENT)
    async with stores.db.write() as conn:
        found = await kept.find(conn, AGENT[0])
        assert found
        await kept.change_password(conn, found[0], await kept.hashed(hasher, found[0].id, "a new one, and long"))
    assert (await visitor.get("/desk")).path.startswith("/desk/login")
    assert (await visitor.log_in(*AGENT)).status == 403
    assert (await visitor.log_in(AGENT[0], "a new one, and long")).status == 200
    async with stores.db.write() as conn:
        await kept.disable(conn, found[0], stores.clock.now())
    assert (await visitor.get("/desk")).path.startswith("/desk/login")
    assert (await visitor.log_in(AGENT[0], "a new one, and long")).status == 403


async def test_who_logs_in_at_the_moment_they_are_disabled(visitor: Visitor) -> None:
    await visitor.log_in(*AGENT)
    async with visitor.served.house.stores.db.write() as conn:  # the session is there after all
        await conn.execute(sa.update(staff).values(disabled_at=visitor.watch.now()))
    assert (await visitor.get("/desk")).path.startswith("/desk/login")


async def test_a_right_password_is_no_try(visitor: Visitor) -> None:
    for _ in range(6):
        async with visitor.other() as other:
            assert (await other.log_in(*AGENT)).status == 200


async def test_roles(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    await visitor.log_in(*AGENT)
    monkeypatch.setattr(Staff, "may", lambda self, role: False)
    page = await visitor.get("/desk")
    assert page.status == 403
    assert "This page is for staff with the role agent; yours is agent." in page.text


def test_what_a_role_may() -> None:
    officer, admin = Staff("1", "a@b.c", "A", "agent", "E-0001"), Staff("2", "d@e.f", "D", "admin", "E-0002")
    desk_ = Staff("3", "g@h.i", "G", "agent")
    assert [who.may(role) for who in (officer, desk_, admin) for role in kept.ROLES] == [True, False] * 2 + [True] * 2
    hidden = ["", "officer, branch", "branch", "manager,officer", "agent", "E-0002", "admin"]
    assert [officer.sees(one) for one in hidden] == [True, False, False, False, False, False, False]
    assert [desk_.sees(one) for one in hidden] == [True, False, False, False, False, False, False]
    assert [officer.works_on(one) for one in hidden] == [True, False, False, False, False, False, False]
    assert [desk_.works_on(one) for one in hidden] == [True, True, True, False, False, False, False]
    assert [admin.sees(one) for one in hidden] == [True, True, True, True, True, False, False]
    assert (officer.only_own, desk_.only_own, admin.only_own) == (True, False, False)


async def test_the_record_is_down(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    await visitor.log_in(*AGENT)

    async def down(*_: object) -> None:
        raise Unavailable("no")

    monkeypatch.setattr(rooms.sessions, "find", down)
    page = await visitor.get("/desk")
    assert page.status == 503
    assert "The record does not answer" in page.text


async def test_what_nobody_foresaw_is_logged_and_not_shown(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    await visitor.log_in(*AGENT)
    monkeypatch.setattr(rooms.sessions, "look_for", lambda *_: 1 / 0)
    page = await visitor.send("/desk", q="akinyi")
    assert page.status == 500
    number = re.search(r"It has been logged as (\w+)", page.text)
    assert number
    assert number[1] == page.headers["X-Request-Id"]
    assert "ZeroDivisionError" not in page.html


PATHS = {
    "/desk/clients/1?kind=sms": "/desk/clients/1?kind=sms",
    "/desk": "/desk",
    "/desk?x": "/desk?x",
    "": "/desk",
    "https://evil.example/desk/": "/desk",
    "//evil.example/desk/": "/desk",
    "/desk/\\evil.example": "/desk",
    "/desk/\r\nSet-Cookie: x=y": "/desk",
    "/desktop": "/desk",
    "/phone": "/desk",
}


@pytest.mark.parametrize("path", PATHS)
def test_nobody_is_sent_elsewhere(path: str) -> None:
    assert own_path(path) == PATHS[path]


MASKS = [
    (masking.name, "Akinyi Otieno", "A. Otieno"),
    (masking.name, "Jane Mary  Wanjiru", "J. Wanjiru"),
    (masking.name, "Akinyi", "A•••"),
    (masking.name, "", ""),
    (masking.phone, "+254700000001", "+2547•••••001"),
    (masking.phone, "", ""),
    (masking.ref, "SJK7TEST01", "•••ST01"),
    (masking.ref, "10002", "•••02"),
    (masking.ref, "7", "•••"),
]


@pytest.mark.parametrize(("mask", "full", "masked"), MASKS)
def test_masks(mask: Any, full: str, masked: str) -> None:
    assert (mask(full), mask(full, True)) == (masked, full)


@pytest.mark.parametrize(
    ("remote", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8::1:2", "2001:db8::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", "nowhere"),
    ],
)
def test_what_counts_as_one_address(remote: str, counted: str) -> None:
    assert network(remote) == counted


@pytest.mark.parametrize("typed", ["short", "agent-agent-agent", "aaaaaaaaaaaaaaa", ""])
def test_passwords_that_are_not_taken(typed: str) -> None:
    with pytest.raises(BadStaff):
        check_password(typed, "agent@jamii.example")


def test_passwords_that_are() -> None:
    check_password(minted(), "agent@jamii.example")
    assert minted() != minted()
