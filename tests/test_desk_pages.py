"""The pages of one client in a real browser: by keyboard, at 320 px, in light and dark, without script."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from browser import NAMELESS, PALE, Browser, browser, in_chromium
from desk_facts import OPEN_CASE, STUCK, TALK, happened
from desks import ADMIN, Visitor, desk

from gateway.record.desk.staff import everybody

pytestmark = in_chromium
ON_ONE = pytest.mark.parametrize("people_url", ["sqlite"], indirect=True)  # a browser sees no difference
PICTURES = os.environ.get("NJIA_TEST_PICTURES", "")  # a folder: what the pages look like is put there


@pytest.fixture
async def visitor(people_url: str, valkey_url: str, tmp_path: Path) -> AsyncIterator[Visitor]:
    async with desk(people_url, valkey_url, tmp_path) as opened:
        yield opened


@pytest.fixture
async def client(visitor: Visitor) -> str:
    stores = visitor.served.house.stores
    return await happened(stores.db, "10001", stores.clock.now())


@pytest.fixture
async def chromium(visitor: Visitor, tmp_path: Path) -> AsyncIterator[Browser]:
    """Logged in."""
    async with browser(tmp_path / "profile") as opened:
        await opened.look(1280, 900)
        await opened.open(f"{visitor.url}/desk/login")
        await opened.click("input[name=email]")
        await opened.keys(*ADMIN[0], "tab", *ADMIN[1], "enter")
        await opened.until("nav", "Cases")
        yield opened


def paths(client: str) -> dict[str, str]:
    return {
        "client": f"/desk/clients/{client}",
        "conversation": f"/desk/conversations/{TALK}",
        "payments": "/desk/payments",
        "all payments": "/desk/payments?state=",
        "payment": f"/desk/payments/{STUCK}",
        "staff": "/desk/staff",
        "cases": "/desk/cases",
        "case": f"/desk/cases/{OPEN_CASE}",
    }


@ON_ONE
async def test_every_page_fits_a_narrow_screen_and_reads_well(visitor: Visitor, client: str, chromium: Browser) -> None:
    """WCAG 2.2: 1.4.10 (320 px), 4.1.2 (names), 1.4.3 (contrast 4.5), 2.5.8 (targets), in light and in dark."""
    async with visitor.served.house.stores.db.read() as conn:
        (somebody, *_) = [who.id for who in await everybody(conn) if who.role == "agent"]
    for name, path in (paths(client) | {"one of the staff": f"/desk/staff/{somebody}"}).items():
        for width, dark in ((320, False), (1280, True)):
            await chromium.look(width, 900, dark=dark)
            await chromium.open(visitor.url + path)
            assert await chromium.run(WIDER) == [], (name, width)
            assert await chromium.run(NAMELESS) == [], name
            assert await chromium.run(PALE) == [], (name, dark)
            await pictured(chromium, f"{name} {width} {'dark' if dark else 'light'}")


async def pictured(chromium: Browser, name: str) -> None:
    if PICTURES:
        height = await chromium.run("return document.documentElement.scrollHeight")
        width = await chromium.run("return innerWidth")
        dark = await chromium.run("return matchMedia('(prefers-color-scheme: dark)').matches")
        await chromium.look(width, min(int(height), 3000), dark=dark)
        await chromium.picture(Path(PICTURES) / f"{name}.png")


@ON_ONE
async def test_a_transcript_on_paper_has_the_conversation_only(
    visitor: Visitor, client: str, chromium: Browser
) -> None:
    await chromium.open(f"{visitor.url}/desk/conversations/{TALK}")
    await chromium.call("POST", "goog/cdp/execute", cmd="Emulation.setEmulatedMedia", params={"media": "print"})
    gone = "return ['.top', '.show', '.noprint'].filter((css) => document.querySelector(css).offsetParent)"
    assert await chromium.run(gone) == []
    assert "1. Balance" in await chromium.text(".talk")
    if PICTURES:
        await chromium.picture(Path(PICTURES) / "conversation on paper.png")


@ON_ONE
async def test_a_case_is_taken_and_closed_by_keyboard_without_script(
    visitor: Visitor, client: str, chromium: Browser
) -> None:
    await chromium.look(1280, 900, script=False)
    await chromium.open(visitor.url + "/desk/cases?which=overdue")
    await chromium.click(f"a[href='/desk/cases/{OPEN_CASE}']")
    await chromium.until("main", "Take this case")
    await chromium.click("button[value=take]")
    await chromium.until("main", "The case is yours.")
    await chromium.click("#why")
    await chromium.keys(*"spoke to her", "tab", "enter")
    await chromium.until("main", "The case is closed.")


@ON_ONE
async def test_a_payment_is_decided_from_the_list(visitor: Visitor, client: str, chromium: Browser) -> None:
    await chromium.open(visitor.url + "/desk/payments")
    await chromium.click(f"a[href='/desk/payments/{STUCK}']")
    await chromium.click("input[value='not paid']")
    await chromium.click("#why")
    await chromium.keys(*"not on the portal", "tab", "enter")
    await chromium.until("main", "Decided: it is failed now.")
    assert "not on the portal" in await chromium.text(".steps")


WIDER = """
const over = document.documentElement.scrollWidth > innerWidth;
return over ? [...document.querySelectorAll("main *")]
  .filter((one) => one.getBoundingClientRect().right > innerWidth + 1).map((one) => one.outerHTML.slice(0, 120)) : [];
"""
