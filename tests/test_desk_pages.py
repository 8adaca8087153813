"""Work at the desk in a real browser: a transcript on paper, a case by keyboard without script, a payment."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from browser import Browser, browser, in_chromium
from desk_facts import OPEN_CASE, STUCK, TALK, happened
from desks import ADMIN, Visitor, desk

pytestmark = in_chromium
ON_ONE = pytest.mark.parametrize("people_url", ["sqlite"], indirect=True)  # a browser sees no difference


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


@ON_ONE
async def test_a_transcript_on_paper_has_the_conversation_only(
    visitor: Visitor, client: str, chromium: Browser
) -> None:
    await chromium.open(f"{visitor.url}/desk/conversations/{TALK}")
    await chromium.call("POST", "goog/cdp/execute", cmd="Emulation.setEmulatedMedia", params={"media": "print"})
    gone = "return ['.top', '.show', '.noprint'].filter((css) => document.querySelector(css).offsetParent)"
    assert await chromium.run(gone) == []
    assert "1. Balance" in await chromium.text(".talk")


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
