"""The results of surveys in a browser: without script, at 320 pixels and wide, in light and in dark."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from browser import NAMELESS, PALE, Browser, browser, in_chromium
from desks import ADMIN, desk
from survey_facts import FLOW, MENU, Said, believable

from gateway.record.tables import contact

WIDE = "return document.documentElement.scrollWidth > innerWidth"
LONGEST = "return Math.max(...[...document.querySelectorAll('.bar .part')].map((one) => one.getBBox().width))"


@in_chromium
@pytest.mark.parametrize("people_url", ["sqlite"], indirect=True)
async def test_from_the_log_in_to_the_last_quote(people_url: str, valkey_url: str, tmp_path: Path) -> None:
    async with desk(people_url, valkey_url, tmp_path) as visitor, browser(tmp_path / "browser") as chromium:
        stores = visitor.served.house.stores
        async with stores.db.read() as conn:
            clients = [(row.client, row.address) for row in await conn.execute(sa.select(contact))]
        said = Said(stores.clock.now(), clients, visitor.served.house.releases.current.hash)
        believable(said)
        await said.keep(stores.db)
        await chromium.look(1280, 860, script=False)
        await chromium.open(visitor.url + "/desk/surveys")
        await chromium.keys(*ADMIN[0], "tab", *ADMIN[1], "enter")
        await chromium.until("h1", "Surveys")
        await chromium.click("td a[href$=loan_feedback]")
        await chromium.until("h1", "Loan feedback")
        await chromium.click("#words option[value=sw]")
        await chromium.click(".filter button")
        await chromium.until("#q-1", "Ulipata kiasi chote")
        await chromium.click(".pager a")
        await chromium.until(".pager", "To the newest")
        await _looks_well(chromium, visitor.url)


async def _looks_well(chromium: Browser, url: str) -> None:
    for path in ("/desk/surveys", f"/desk/surveys/{FLOW}", f"/desk/surveys/{MENU}?words=sw"):
        for dark, width in ((False, 1280), (True, 1280), (False, 320), (True, 320)):
            await chromium.look(width, 640, dark=dark)
            await chromium.open(url + path)
            assert [await chromium.run(NAMELESS), await chromium.run(PALE), await chromium.run(WIDE)] == [[], [], False]
    assert 20 < await chromium.run(LONGEST) <= 100, "bars are drawn under the policy of the page"
