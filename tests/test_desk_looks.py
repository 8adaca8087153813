"""Every page in a browser, narrow and wide, in light and in dark: it fits, reads well, and everything on it has a name.

The pages are those of the router: a new one that is not named here fails.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
from aiohttp import web
from browser import NAMELESS, PALE, UNTIDY, Browser, browser, in_chromium, pictured
from desk_facts import OPEN_CASE, STUCK, TALK, happened
from desks import ADMIN, AGENT, OFFICER, Visitor, desk
from survey_facts import FLOW, Said, believable

from flows.ports import Posting
from flows.products.chart import SUSPENSE
from flows.values import Money
from gateway.desk import mounted
from gateway.record import tables
from gateway.record.desk import accounts
from gateway.record.desk.staff import everybody

RECEIPT, MOVED = "SJK7WHOSE01", "SJK7MOVED02"
VIEWS = ((320, False), (768, True), (1280, False))


@dataclass(frozen=True, slots=True)
class Facts:
    """What is in the record. ``link``: with which the agent chooses a password, as there is none until then."""

    client: str
    agent: str
    link: str


# the address in the router -> what to open of it
PAGES = {
    "/desk": ("/desk",),
    "/desk/login": ("/desk/login",),
    "/desk/password/{token}": ("/desk/password/{link}", "/desk/password/old"),
    "/desk/clients/{id}": ("/desk/clients/{client}", "/desk/clients/{client}?kind=stages", "/desk/clients/nobody"),
    "/desk/conversations/{id}": (f"/desk/conversations/{TALK}",),
    "/desk/payments": ("/desk/payments", "/desk/payments?state=", "/desk/payments?state=posting"),
    "/desk/payments/{id}": (f"/desk/payments/{STUCK}",),
    "/desk/suspense/{receipt}": (f"/desk/suspense/{RECEIPT}", f"/desk/suspense/{MOVED}"),
    "/desk/cases": ("/desk/cases", "/desk/cases?which=mine"),
    "/desk/cases/{id}": (f"/desk/cases/{OPEN_CASE}",),
    "/desk/surveys": ("/desk/surveys",),
    "/desk/surveys/{flow}": (f"/desk/surveys/{FLOW}",),
    "/desk/staff": ("/desk/staff",),
    "/desk/staff/{id}": ("/desk/staff/{agent}",),
}
OTHERS = ("/phone",)


def test_no_page_of_the_router_is_forgotten() -> None:
    app = web.Application()
    for module in mounted.MODULES:
        module.routes(app)
    gets = [route.resource for route in app.router.routes() if route.method == "GET"]
    assert {resource.canonical for resource in gets if resource} == set(PAGES)


@pytest.fixture
async def visitor(people_url: str, valkey_url: str, tmp_path: Path) -> AsyncIterator[Visitor]:
    async with desk(people_url, valkey_url, tmp_path) as opened:
        yield opened


@pytest.fixture
async def facts(visitor: Visitor) -> Facts:
    """A desk with something on every page."""
    house = visitor.served.house
    db, now = house.stores.db, house.stores.clock.now()
    client = await happened(db, "10001", now)
    async with db.read() as conn:
        clients = [(row.client, row.address) for row in await conn.execute(sa.select(tables.contact))]
    said = Said(now, clients, house.releases.current.hash)
    believable(said)
    await said.keep(db)
    for receipt, minor in ((RECEIPT, 110_000), (MOVED, 5_000)):
        key, of = f"suspense:mpesa:{receipt}", Money(minor, "KES")
        await house.bank.post(Posting(key, SUSPENSE, of, now.date(), "unknown", provider_ref=receipt))
    await _moved(visitor)
    async with db.write() as conn:
        (agent,) = [one for one in await everybody(conn) if one.email == AGENT[0]]
        return Facts(client, agent.id, await accounts.invite(conn, agent, "x", visitor.watch.now()))


async def _moved(visitor: Visitor) -> None:
    path, known = f"/desk/suspense/{MOVED}", {"account": "L-1001", "why": "She has the SMS"}
    async with visitor.other() as admin:
        await admin.log_in(*ADMIN)
        token = (await admin.get(path)).form("").fields["csrf"]
        assert "The money is on the account now." in (await admin.post(path, csrf=token, do="move", **known)).text


@in_chromium
@pytest.mark.parametrize("people_url", ["sqlite"], indirect=True)
async def test_every_page_fits_and_reads_well(visitor: Visitor, facts: Facts, tmp_path: Path) -> None:
    known = {"client": facts.client, "agent": facts.agent, "link": facts.link}
    paths = [each.format(**known) for some in PAGES.values() for each in some]
    async with browser(tmp_path / "profile") as chromium:
        await _log_in(chromium, visitor, *OFFICER)
        await _look_at(chromium, visitor, f"/desk/surveys/{FLOW}", "kept from officers")
        await _log_in(chromium, visitor, *ADMIN)
        for path in (*paths, *OTHERS):
            await _look_at(chromium, visitor, path, path.strip("/").replace("/", " "))


async def _log_in(chromium: Browser, visitor: Visitor, email: str, password: str) -> None:
    await chromium.look(1280, 900)
    await chromium.open(f"{visitor.url}/desk/login")
    await chromium.call("DELETE", "cookie")
    await chromium.open(f"{visitor.url}/desk/login")
    await chromium.keys(*email, "tab", *password, "enter")
    await chromium.until("h1", "Find a client")


async def _look_at(chromium: Browser, visitor: Visitor, path: str, name: str) -> None:
    for width, dark in VIEWS:
        await chromium.look(width, 900, dark=dark)
        await chromium.open(visitor.url + path)
        await _tidy(chromium, f"{name} {width} {'dark' if dark else 'light'}")


async def _tidy(chromium: Browser, name: str) -> None:
    found = [await chromium.run(what) for what in (UNTIDY, NAMELESS, PALE)]
    assert found == [[], [], []], name
    await pictured(chromium, name)


@in_chromium
@pytest.mark.parametrize("people_url", ["sqlite"], indirect=True)
async def test_what_was_written_when_the_log_in_had_ended_is_given_back(
    visitor: Visitor, facts: Facts, tmp_path: Path
) -> None:
    async with browser(tmp_path / "profile") as chromium:
        await _log_in(chromium, visitor, *ADMIN)
        await chromium.look(320, 900, dark=True)
        await chromium.open(f"{visitor.url}/desk/cases/{OPEN_CASE}")
        await chromium.click("#note")
        await chromium.keys(*"She will come on Monday with the pass book")
        await chromium.call("DELETE", "cookie")
        await chromium.keys("tab", "enter")
        await chromium.until("h1", "You were logged out")
        assert "come on Monday" in await chromium.value("textarea")
        await _tidy(chromium, "logged out 320 dark")
