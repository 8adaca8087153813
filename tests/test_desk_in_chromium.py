"""The desk's first pages in a browser: by keyboard alone, without script, at 320 pixels, in light and in dark."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from browser import NAMELESS, PALE, Browser, browser, in_chromium
from desks import AGENT, Visitor, desk

from gateway.record.desk import accounts
from gateway.record.desk import staff as kept

WIDE = "return document.documentElement.scrollWidth > innerWidth"
# what the tab key comes to, in order
ORDER = """
const found = [];
for (const one of document.querySelectorAll("a, button, input:not([type=hidden]), select, textarea, summary"))
  if (one.offsetParent && one.tabIndex >= 0)
    found.push(one.ariaLabel || one.labels?.[0]?.textContent || one.textContent);
return found.map((one) => one.trim().split(/\\s+/).join(" "));
"""
# the page's own script once more, with a minute of one second
HURRY = """
const again = document.createElement("script");
again.src = "/desk/desk.js";
document.body.dataset.shownFor = 1;
document.head.append(again);
"""
FOCUSED = "return document.activeElement.id || document.activeElement.textContent.trim()"


@pytest.fixture
async def visitor(people_url: str, valkey_url: str, tmp_path: Path) -> AsyncIterator[Visitor]:
    async with desk(people_url, valkey_url, tmp_path) as opened:
        yield opened


@pytest.fixture
async def chromium(tmp_path: Path) -> AsyncIterator[Browser]:
    async with browser(tmp_path / "browser") as opened:
        yield opened


async def _log_in(chromium: Browser, visitor: Visitor) -> None:
    await chromium.open(visitor.url + "/desk")
    await chromium.keys(*AGENT[0], "tab", *AGENT[1], "enter")
    await chromium.until("h1", "Find a client")


@in_chromium
@pytest.mark.parametrize("people_url", ["sqlite"], indirect=True)
async def test_by_keyboard_from_the_log_in_to_a_client_who_is_shown(visitor: Visitor, chromium: Browser) -> None:
    await chromium.look(1180, 860)
    await chromium.open(visitor.url + "/desk")
    await chromium.keys(*AGENT[0], "tab", *"not this one", "enter")
    await chromium.until("#wrong", "do not go together")
    assert await chromium.run(FOCUSED) == "password"
    await chromium.keys(*AGENT[1], "enter")
    await chromium.until("h1", "Find a client")
    assert (await chromium.run(ORDER))[:7] == [
        "To the page",
        "Desk Jamii Microfinance",
        "Clients",
        "Payments",
        "Cases",
        "Surveys",
        "Log out",
    ]
    assert await chromium.run(FOCUSED) == "q"
    await chromium.keys(*"odhi", "enter")
    await chromium.until(".hits", "A. Odhiambo")
    await chromium.click(".hits a")
    await chromium.until("h1", "A. Odhiambo")
    await chromium.click(".show summary")
    await chromium.keys("tab", *"The client is on the phone", "enter")
    await chromium.until("h1", "Akinyi Odhiambo")
    await chromium.run(HURRY)
    await chromium.until("h1", "A. Odhiambo")  # the minute is over: the masks are back without a click
    await chromium.until("[data-while-shown]", "The minute is over")
    await chromium.click(".me button")
    await chromium.until(".flash", "You are logged out.")


@in_chromium
@pytest.mark.parametrize("people_url", ["sqlite"], indirect=True)
async def test_without_script_and_at_320_pixels(visitor: Visitor, chromium: Browser) -> None:
    await chromium.look(320, 640, dark=True, script=False)
    await _log_in(chromium, visitor)
    await chromium.keys(*"wekesa", "enter")
    await chromium.until(".hits", "B. Wekesa")
    await chromium.look(320, 640)
    assert not await chromium.run(WIDE)


@in_chromium
@pytest.mark.parametrize("people_url", ["sqlite"], indirect=True)
async def test_every_control_has_a_name_and_no_words_are_pale(visitor: Visitor, chromium: Browser) -> None:
    await chromium.look(1180, 860)
    await chromium.open(visitor.url + "/desk")
    for dark in (False, True):
        await chromium.look(320, 640, dark=dark)
        assert [await chromium.run(NAMELESS), await chromium.run(PALE), await chromium.run(WIDE)] == [[], [], False]
    await _log_in(chromium, visitor)
    await chromium.keys(*"a", "enter")
    await chromium.until(".hits", "A. Odhiambo")
    for path in ("/desk", "/desk/nothing"):
        await chromium.open(visitor.url + path)
        for dark, width in ((False, 1180), (True, 1180), (False, 320), (True, 320)):
            await chromium.look(width, 640, dark=dark)
            assert [await chromium.run(NAMELESS), await chromium.run(PALE), await chromium.run(WIDE)] == [[], [], False]


@in_chromium
@pytest.mark.parametrize("people_url", ["sqlite"], indirect=True)
async def test_a_link_for_a_password_works_and_is_told_to_no_other_page(visitor: Visitor, chromium: Browser) -> None:
    await chromium.open(visitor.url + await _link(visitor))
    for again, says in (("another", "not the same"), ("maji-baridi-asubuhi", "Your password is kept")):
        await chromium.click("#password")
        await chromium.keys(*"maji-baridi-asubuhi", "tab", *again, "enter")
        await chromium.until("main", says)
        assert await chromium.run("return document.referrer") == visitor.url + "/"


async def _link(visitor: Visitor) -> str:
    db, now = visitor.served.house.stores.db, visitor.watch.now()
    async with db.write() as conn:
        (who,) = [one for one in await kept.everybody(conn) if one.email == AGENT[0]]
        return "/desk/password/" + await accounts.invite(conn, who, "x", now)


async def test_the_first_page_is_small(visitor: Visitor) -> None:
    page = await visitor.log_in(*AGENT)
    total = len(page.html)
    for name in ("desk.css", "desk.js", "desk.svg"):
        total += len((await visitor.get(f"/desk/{name}")).html)
    assert total < 60_000
    assert "unsafe" not in page.headers["Content-Security-Policy"]
