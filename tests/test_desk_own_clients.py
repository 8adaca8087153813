"""Officers see their own clients, and nothing that is hidden from them; whoever is no officer sees all of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from desk_facts import HIDDEN_CASE, HIDDEN_TALK, OPEN_CASE, POSTED, STUCK, TALK, happened
from desks import AGENT, OFFICER, Visitor, desk

from gateway.record import tables
from gateway.record.desk.seeing import visible
from gateway.record.desk.staff import Staff

OWN, OTHER = "10001", "10003"  # Akinyi, whose officer he is, and Otieno, who has none


@pytest.fixture
async def visitor(people_url: str, valkey_url: str, tmp_path: Path) -> AsyncIterator[Visitor]:
    async with desk(people_url, valkey_url, tmp_path) as opened:
        yield opened


def _places(client: str) -> list[str]:
    talks = f"/desk/conversations/{TALK}", f"/desk/conversations/{HIDDEN_TALK}"
    cases = f"/desk/cases/{OPEN_CASE}", f"/desk/cases/{HIDDEN_CASE}"
    return [f"/desk/clients/{client}", *talks, *cases, f"/desk/payments/{STUCK}", f"/desk/payments/{POSTED}"]


# whose facts they are, who looks, and the pages that open, in the order of _places
OPENS = [
    (OWN, OFFICER, [200, 200, 404, 200, 404, 200, 200]),
    (OTHER, OFFICER, [404] * 7),
    (OWN, AGENT, [200] * 7),
    (OTHER, AGENT, [200] * 7),
]


@pytest.mark.parametrize(("number", "who", "wanted"), OPENS)
async def test_pages_that_open(visitor: Visitor, number: str, who: tuple[str, str], wanted: list[int]) -> None:
    stores = visitor.served.house.stores
    client = await happened(stores.db, number, stores.clock.now())
    await visitor.log_in(*who)
    assert [(await visitor.get(path)).status for path in _places(client)] == wanted


@pytest.mark.parametrize(("who", "there"), [(OFFICER, False), (AGENT, True)])
async def test_lists_have_none_of_the_others(visitor: Visitor, who: tuple[str, str], there: bool) -> None:
    stores = visitor.served.house.stores
    client = await happened(stores.db, OTHER, stores.clock.now())
    await visitor.log_in(*who)
    for path in ("/desk/payments", "/desk/payments?state=", "/desk/cases", "/desk/cases?which=overdue"):
        assert (client in (await visitor.get(path)).html) is there, path
    await visitor.get("/desk")
    assert ("O. Were" in (await visitor.send("/desk", q="otieno")).text) is there
    assert (f"/desk/clients/{client}" in visitor.page.html) is there
    await visitor.get("/desk")
    token = visitor.page.form("/desk").fields["csrf"]
    shown = await visitor.post("/desk/show", csrf=token, client=client, reason="they called", back="/desk")
    assert shown.status == (200 if there else 404)


async def test_a_client_who_gets_another_officer_is_gone_from_the_first(visitor: Visitor) -> None:
    stores = visitor.served.house.stores
    client = await happened(stores.db, OWN, stores.clock.now())
    await visitor.log_in(*OFFICER)
    assert (await visitor.get(f"/desk/clients/{client}")).status == 200
    its = tables.relationship.c
    async with stores.db.write() as conn:
        of = sa.update(tables.relationship).where(its.client == client, its.other == "E-0001")
        await conn.execute(of.values(until=stores.clock.today()))
    assert (await visitor.get(f"/desk/clients/{client}")).status == 404


async def test_a_link_that_is_nobody_shows_nobody(visitor: Visitor) -> None:
    """A mistyped one hides too much and never too little; ``client`` and ``account`` are no parties."""
    stores = visitor.served.house.stores
    client = await happened(stores.db, OWN, stores.clock.now())
    async with stores.db.write() as conn:
        linked = sa.update(tables.metadata.tables["staff"]).where(sa.column("email") == OFFICER[0])
        spouse = sa.select(tables.relationship.c.other).where(tables.relationship.c.role == "spouse")
        await conn.execute(linked.values(ref=await conn.scalar(spouse)))
    await visitor.log_in(*OFFICER)
    assert [(await visitor.get(path)).status for path in _places(client)] == [404] * 7


async def test_whoever_serves_a_client_does_not_decide_about_their_money(visitor: Visitor) -> None:
    stores = visitor.served.house.stores
    await happened(stores.db, OWN, stores.clock.now())
    await visitor.log_in(*OFFICER)
    page = await visitor.get(f"/desk/payments/{STUCK}")
    assert "Whoever serves the client does not decide about their money" in page.text
    token = page.form("/desk/show").fields["csrf"]
    refused = await visitor.post(f"/desk/payments/{STUCK}", csrf=token, way="paid", why="I saw it")
    assert refused.status == 403
    async with stores.db.read() as conn:
        state = await conn.scalar(sa.select(tables.payment.c.state).where(tables.payment.c.id == STUCK))
    assert state == "exception"


WORDS = ["", "officer", "branch", "officer, branch", "branch,officer", "Officer", "officers", "agent", "E-0001",
         "officer,manager", "admin", "d@e.f", "manager"]  # fmt: skip
LOOKERS = [
    Staff("1", "a@b.c", "A", "agent", "E-0001"),
    Staff("2", "g@h.i", "G", "agent"),
    Staff("3", "d@e.f", "D", "admin"),
]


@pytest.mark.parametrize("who", LOOKERS, ids=["officer", "support desk", "admin"])
async def test_a_row_and_a_page_agree_on_what_is_hidden(visitor: Visitor, who: Staff) -> None:
    """``visible`` asks the database what ``Staff.sees`` says."""
    async with visitor.served.house.stores.db.read() as conn:
        client = await conn.scalar(sa.select(tables.client.c.id).where(tables.client.c.number == OWN))
        for word in WORDS:
            asked = sa.select(visible(sa.literal(word), sa.literal(client), who))
            assert bool(await conn.scalar(asked)) is who.sees(word.lower()), word
