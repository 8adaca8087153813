"""Finding a client, the masks on what is found, and taking them off for a minute; on both databases."""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from desks import AGENT, Visitor, desk

from gateway.record import clients
from gateway.record.clients import Person, Told
from gateway.record.desk.search import MOST, Found, search
from gateway.record.desk.staff import new_staff
from gateway.record.tables import audit, client, contact
from gateway.record.words import folded


@pytest.fixture
async def visitor(people_url: str, valkey_url: str, tmp_path: Path) -> AsyncIterator[Visitor]:
    async with desk(people_url, valkey_url, tmp_path) as opened:
        await opened.log_in(*AGENT)
        yield opened


async def _add(visitor: Visitor, **people: str) -> None:
    """Clients by their numbers."""
    stores = visitor.served.house.stores
    async with stores.db.write() as conn:
        for number, name in people.items():
            await clients.create(conn, Person(number.replace("_", "-"), name), Told(stores.clock.now()))


async def _found(visitor: Visitor, typed: str) -> Found:
    return await search(visitor.served.house.stores.db, typed, "KE", new_staff(AGENT[0], "Mercy Wanjala", "agent"))


NAMES = {"C_0012": "José Ng’ang’a Wa Thiong'o", "P4711": "Ødegård MÜLLER", "C_13": "Zoë Otieno", "C_14": "Амина Юсуф"}
# what is typed -> client numbers, by name
TYPED = {
    "akinyi": ["10001"],
    "ODHIAMBO aki": ["10001"],
    "  odhi   ak  ": ["10001"],
    "aki wanj": [],
    "inyi": [],  # words are found by how they begin
    "jose nganga": ["C-0012"],
    "NG'ANG'A": ["C-0012"],
    "thiongo": ["C-0012"],
    "mueller": [],
    "muller odegard": ["P4711"],
    "otieno": ["10003", "C-13"],
    "amina": ["C-14"],
    "Амина": ["C-14"],
    "wekesa": ["10007", "10006"],
    "mama": ["10006"],  # the nickname on a shared phone
    "10002": ["10002"],
    "1000": [f"{number}" for number in (10001, 10007, 10008, 10004, 10005, 10006, 10003, 10002, 10009)],
    "c0012": ["C-0012"],
    "C-0012": ["C-0012"],
    "c 0012": ["C-0012"],
    "L-1002": ["10002"],
    "l1002": ["10002"],
    "0700000001": ["10001"],
    "0700 000 001": ["10001"],
    "+254 700-000-001": ["10001"],
    "254700000001": ["10001"],
    "00254700000001": ["10001"],
    "0700000006": ["10007", "10006"],
    "070000000": [],  # not whole: else the hidden digits could be found out one by one
    "+25470000000": [],
    "": [],
    "   ": [],
    "%": [],
    "_": [],
    "'; drop table client --": [],
    "{": [],
    "\u0000\ufffd🙂": [],
    "a" * 3000: [],
    "a " * 500: None,
}


async def test_as_people_type_it(visitor: Visitor) -> None:
    await _add(visitor, **NAMES)
    got = {typed: [hit.number for hit in (await _found(visitor, typed)).hits] for typed in TYPED}
    wanted = {typed: got[typed] if numbers is None else numbers for typed, numbers in TYPED.items()}
    assert got == wanted


async def test_a_name_that_changes_is_found_by_the_new_one(visitor: Visitor) -> None:
    stores = visitor.served.house.stores
    async with stores.db.write() as conn:
        who = await clients.find_by_number(conn, "10001")
        assert who
        await clients.update(conn, who, {"name": "Akinyi Makokha", "number": "20001"}, Told(stores.clock.now()))
    assert [len((await _found(visitor, typed)).hits) for typed in ("odhiambo", "makokha", "10001", "20001")] == [
        0,
        1,
        0,
        1,
    ]


async def test_a_number_that_was_given_up_finds_nobody(visitor: Visitor) -> None:
    stores = visitor.served.house.stores
    async with stores.db.write() as conn:
        ended = sa.update(contact).where(contact.c.address == "+254700000001")
        await conn.execute(ended.values(until=stores.clock.now()))
    assert (await _found(visitor, "0700000001")).hits == ()
    assert [hit.phones for hit in (await _found(visitor, "akinyi")).hits] == [()]


async def test_more_than_a_page_can_hold(visitor: Visitor) -> None:
    await _add(visitor, **{f"X{number}": f"Mwangi Kariuki{number}" for number in range(MOST + 1)})
    page = await visitor.send("/desk", q="mwangi kar")
    assert f"More than {MOST} clients: be more exact." in page.text
    assert page.html.count('href="/desk/clients/') == MOST


async def test_what_is_found_is_masked_and_in_no_address(visitor: Visitor) -> None:
    page = await visitor.send("/desk", q="0700000001")
    assert (page.status, page.path) == (200, "/desk")
    assert "A. Odhiambo" in page.text
    assert "+2547•••••001" in page.text
    assert "•••01" in page.text
    assert not re.search(r"Akinyi|10001", page.text)
    assert page.html.count("0700000001") == 1  # in the field, as it was typed
    assert "A. Odhiambo" in (await visitor.get("/desk")).text  # "back" needs no form
    async with visitor.other() as other:
        await other.log_in(*AGENT)
        assert "Odhiambo" not in other.page.text


async def test_hostile_text_is_only_text(visitor: Visitor) -> None:
    await _add(visitor, E1='<script>alert(1)</script> "><img src=x onerror=alert(1)>')
    page = await visitor.send("/desk", q='script "><b>')
    assert "<b>" not in page.html.replace("<b>Desk</b>", "")
    assert "&lt;b&gt;" in page.html
    page = await visitor.send("/desk", q="script")
    assert "<img" not in page.html
    assert page.html.count("<script") == 1


async def _id(visitor: Visitor) -> str:
    async with visitor.served.house.stores.db.read() as conn:
        return str(await conn.scalar(sa.select(client.c.id).where(client.c.number == "10001")))


async def test_shown_for_a_minute_with_a_reason_that_is_kept(visitor: Visitor) -> None:
    stores, who = visitor.served.house.stores, await _id(visitor)
    await visitor.send("/desk", q="akinyi")
    csrf = visitor.page.form("/desk").fields["csrf"]
    asked = {"csrf": csrf, "client": who, "back": "/desk"}
    page = await visitor.post("/desk/show", **asked, reason=" no ")
    assert "Say why you need to see it" in page.text
    assert "Akinyi" not in page.text
    assert "Say why" not in (await visitor.get("/desk")).text  # it is said once
    page = await visitor.post("/desk/show", **asked, reason="The client is on the phone")
    assert "Akinyi Odhiambo" in page.text
    assert "+254700000001" in page.text
    assert 'data-shown-for="60"' in page.html
    assert '<span data-masked="A. Odhiambo">Akinyi Odhiambo</span>' in page.html
    async with visitor.other() as other:  # the same person at another browser
        await other.log_in(*AGENT)
        assert "Akinyi" not in (await other.send("/desk", q="0700000001")).text
    visitor.watch.advance(60)
    page = await visitor.get("/desk")
    assert not re.search(r"Akinyi Odhiambo|\+254700000001|data-shown-for", page.html)
    async with stores.db.read() as conn:
        rows = (await conn.execute(sa.select(audit).where(audit.c.what == "show client"))).all()
    assert [(row.who, row.about, row.why) for row in rows] == [(AGENT[0], who, "The client is on the phone")]


async def test_nobody_is_shown_who_is_not_there(visitor: Visitor) -> None:
    csrf = visitor.page.form("/desk").fields["csrf"]
    page = await visitor.post("/desk/show", csrf=csrf, client="none", reason="because I want to", back="//evil.example")
    assert page.status == 404
    page = await visitor.post(
        "/desk/show", csrf=csrf, client=await _id(visitor), reason="because I must", back="//evil.example"
    )
    assert page.path == "/desk"


async def test_what_the_next_page_tells_cannot_be_forged(visitor: Visitor) -> None:
    visitor.plant("njia_desk_flash", base64.urlsafe_b64encode(b"x" * 32 + b"call 0900 123").decode().rstrip("="))
    assert 'class="flash"' not in (await visitor.get("/desk")).html


@pytest.mark.parametrize(
    ("text", "words"),
    [("Ng’ang'a wa-Thiong`o", ["nganga", "wa", "thiongo"]), ("J. R.", ["j", "r"]), ("ß Æ", ["ss", "ae"]), ("–", [])],
)
def test_folding(text: str, words: list[str]) -> None:
    assert folded(text) == words
