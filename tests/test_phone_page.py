"""The /phone page: by its form alone, as a browser without script sends it, and in Chromium."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestServer
from browser import NAMELESS, PALE, Browser, browser, in_chromium
from fake_gateway import CODE, MENU, PEOPLE, Gateway

from gateway.web.phone import Sms


class Form(HTMLParser):
    """What a browser would send of the page's form, and the visible text of parts with an id."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._select: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if "disabled" in given:
            return
        if tag == "input":
            self.fields[given["name"]] = given.get("value", "")
        elif tag == "select":
            self._select = given["name"]
        elif tag == "option" and self._select and ("selected" in given or self._select not in self.fields):
            self.fields[self._select] = given["value"]

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = None


class Page:
    """A browser without script."""

    def __init__(self, http: ClientSession, url: str) -> None:
        self._http, self.url, self.html = http, url, ""
        self.form: dict[str, str] = {}

    async def open(self, query: str = "") -> None:
        async with self._http.get(self.url + query) as got:
            assert got.status == 200
            self.headers = got.headers
            self._read(await got.text())

    async def press(self, name: str, value: str, **fields: str) -> str:
        """Presses a button; returns what the phone's screen says."""
        async with self._http.post(self.url, data=self.form | fields | {name: value}) as got:
            assert got.status == 200
            assert got.headers["Cache-Control"] == "no-store"
            self._read(await got.text())
        return self.part("says")

    async def save(self) -> tuple[str, str]:
        """Presses the button that gives a file; the page stays as it is. The file, and what the browser calls it."""
        async with self._http.post(self.url, data=self.form | {"do": "save"}) as got:
            assert (got.status, got.content_type) == (200, "text/plain")
            assert got.headers["Cache-Control"] == "no-store"
            return await got.text(), got.headers["Content-Disposition"]

    def part(self, name: str) -> str:
        inside = re.search(rf'id="{name}"[^>]*>(.*?)(</section>|</details>|<div class="entry">)', self.html, re.DOTALL)
        assert inside
        return " ".join(re.sub(r"<[^>]+>", " ", inside[1]).split())

    def _read(self, html: str) -> None:
        self.html, self.form = html, Form(html).fields


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    gateway = Gateway()
    async with TestServer(gateway.app()) as server:
        gateway.at(str(server.make_url("/")))
        yield gateway


@pytest.fixture
async def page(gateway: Gateway) -> AsyncIterator[Page]:
    async with ClientSession() as http:
        page = Page(http, f"{gateway.running['url']}phone")
        await page.open()
        yield page


async def test_a_call_without_script(gateway: Gateway, page: Page) -> None:
    assert page.form["typed"] == CODE
    assert "1. Balance" in await page.press("do", "send")
    assert "Enter your PIN" in await page.press("do", "send", typed="1")
    assert "Enter your PIN" in await page.press("key", "2")
    for key in "468":
        await page.press("key", key)
    await page.press("key", "9")
    await page.press("do", "clear")
    assert page.form["typed"] == "2468"
    assert "you owe KES 12,500.00" in await page.press("do", "send")
    assert "74 of 160 GSM-7 septets Bytes 65 Page 1" in page.part("readings")
    assert [hop.text for hop in gateway.hops] == ["", "1", "1*2468"]
    assert {(hop.address, hop.service) for hop in gateway.hops} == {(PEOPLE[0].phone, CODE)}
    assert [notice.status for notice in gateway.notices] == ["completed"]
    assert page.form["typed"] == CODE


async def test_pages_of_a_message_and_hanging_up(gateway: Gateway, page: Page) -> None:
    await page.press("do", "send")
    await page.press("do", "send", typed="98")
    assert "Page 2" in page.part("readings")
    await page.press("do", "send", typed="0")
    assert "Page 1" in page.part("readings")
    assert "and press the green key" in await page.press("do", "hang")
    assert [notice.status for notice in gateway.notices] == ["left"]
    await page.press("do", "hang")
    assert len(gateway.notices) == 1


async def test_who_calls_stays_for_the_call_and_is_chosen_before_it(gateway: Gateway, page: Page) -> None:
    await page.open("?language=sw")
    assert [person.name in page.html for person in PEOPLE] == [False, False, True, True]
    await page.press("do", "send", client=PEOPLE[3].key)
    assert page.form["client"] == PEOPLE[3].key
    await page.press("do", "send", client=PEOPLE[0].key, typed="1")
    await page.press("do", "hang")
    await page.press("do", "send", client="other", other="+254711000009")
    assert [hop.address for hop in gateway.hops] == [PEOPLE[3].phone, PEOPLE[3].phone, "+254711000009"]
    await page.press("do", "hang")
    await page.press("do", "send", client=PEOPLE[0].key, typed="*384*7*1#")
    assert gateway.hops[-1].text == "1"


async def test_the_inbox(gateway: Gateway, page: Page) -> None:
    when = gateway.clock()
    gateway.sms = [Sms("Your PIN <b>was</b> changed.", when, "KOPO")]
    assert "No messages" in page.part("inbox")
    await page.press("do", "look")
    assert "Your PIN &lt;b&gt;was&lt;/b&gt; changed." in page.html
    async with ClientSession() as http:
        async with http.get(f"{page.url}/inbox", params={"phone": PEOPLE[0].phone}) as got:
            row = {"from": "KOPO", "text": "Your PIN <b>was</b> changed.", "at": when.isoformat()}
            assert await got.json() == [row]
        async with http.get(f"{page.url}/inbox?phone=+254700000002") as got:
            assert await got.json() == []
        async with http.get(f"{page.url}/inbox?phone=everybody") as got:
            assert got.status == 400


async def test_what_it_says_when_it_cannot_dial(gateway: Gateway, page: Page) -> None:
    assert "*999# is not served here: dial *384*7#." in await page.press("do", "send", typed="*999#")
    refused = await page.press("do", "send", client="other", other="12345", typed=CODE)
    assert "Write the phone’s number with its country code" in refused.replace("&#39;", "’")
    gateway.at("http://127.0.0.1:1/")
    assert "The gateway did not answer." in await page.press("do", "send", client=PEOPLE[0].key)
    gateway.running["channels"] = {}
    assert "There is no channel that can be dialled." in await page.press("do", "send")


async def test_a_refusal_is_shown_as_the_network_would(gateway: Gateway, page: Page) -> None:
    await page.press("do", "send")
    assert "Connection problem" in await page.press("do", "send", typed="7" * 5000)
    assert "413" in page.part("wire")
    assert [notice.status for notice in gateway.notices] == ["failed"]


async def test_what_was_done_is_saved_as_a_test(gateway: Gateway, page: Page) -> None:
    assert "Dial first." in await page.press("do", "save")
    await page.press("do", "send")
    await page.press("do", "hang")
    await page.press("do", "send")
    await page.press("do", "send", typed="1")
    await page.press("do", "send", typed="2468")
    told, name = await page.save()
    assert name == 'attachment; filename="wanjiku.txt"'
    dialled = f"> {CODE}\n{MENU}\n"
    asked = "> 1\nEnter your PIN\n0. Back\n> (PIN)\n"
    assert f"Wanjiku, ussd, en\n{dialled}@hang up\n{dialled}{asked}" in told and told.endswith("Thank you.\n")
    assert "2468" not in told
    await page.press("do", "send")
    assert (await page.save())[0].endswith(dialled)  # what had come to its end is another test
    assert "@hang up" not in (await page.save())[0]


async def test_only_what_a_sample_client_does_can_be_saved(gateway: Gateway, page: Page) -> None:
    await page.press("do", "send", client="other", other="+254711000009")
    assert "A test begins with one of the sample clients." in await page.press("do", "save")


@pytest.mark.parametrize("call", ["", "{", "[]", '{"state": "open"}', '{"page": "x"}', '{"handset": {"hops": "-1"}}'])
async def test_a_form_that_was_meddled_with(page: Page, call: str) -> None:
    assert "1. Balance" in await page.press("do", "send", call=call, typed=CODE)


async def test_nobody_elses_page_can_press_our_keys(page: Page) -> None:
    async with ClientSession() as http:
        headers = {"Sec-Fetch-Site": "cross-site"}
        async with http.post(page.url, data=page.form | {"do": "send"}, headers=headers) as got:
            assert got.status == 403


async def test_it_is_small_and_keeps_to_itself(page: Page) -> None:
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    total = len(page.html)
    async with ClientSession() as http:
        for name in re.findall(r'(?:src|href)="(/phone/[^"]+)"', page.html):
            async with http.get(page.url.removesuffix("/phone") + name) as got:
                assert got.status == 200
                total += len(await got.read())
            async with http.get(got.url, headers={"If-None-Match": got.headers["ETag"]}) as again:
                assert again.status == 304
    assert total < 60_000
    assert not re.search(r"<[^>]+\s(?:style|on\w+)=", page.html)
    assert "http://" not in page.html.replace('xmlns="http://', "")


# -- in a browser ------------------------------------------------------------------------------------------------------


@pytest.fixture
async def chromium(tmp_path: Path) -> AsyncIterator[Browser]:
    async with browser(tmp_path) as opened:
        yield opened


@in_chromium
async def test_by_keyboard_and_by_its_keys(gateway: Gateway, page: Page, chromium: Browser) -> None:
    await chromium.look(1180, 860)
    await chromium.open(page.url)
    await chromium.keys("enter")
    await chromium.until("#says", "1. Balance")
    await chromium.click("button[name=key][value='1']")
    await chromium.click("button.go")
    await chromium.until("#says", "Enter your PIN")
    await chromium.keys("2", "4", "6", "9", "backspace", "8", "enter")
    await chromium.until("#says", "you owe KES 12,500.00")
    assert [hop.text for hop in gateway.hops] == ["", "1", "1*2468"]
    assert await chromium.value("#typed") == CODE
    await chromium.keys("enter")
    await chromium.until("#says", "1. Balance")
    await chromium.keys("escape")
    await chromium.until("#says", "press the green key")
    assert [notice.status for notice in gateway.notices] == ["completed", "left"]


@in_chromium
async def test_words_are_typed_wherever_somebody_has_clicked(gateway: Gateway, page: Page, chromium: Browser) -> None:
    gateway.sms = [Sms("Hello.", gateway.clock(), "KOPO")]
    await chromium.open(page.url)
    await chromium.click("button.go")
    await chromium.until("#says", "1. Balance")
    await chromium.click("#typed")
    await chromium.click("button[value=look]")  # leaves the focus where it was
    await chromium.until("#inbox", "Hello.")
    await chromium.keys(*"so ")
    await chromium.click("h1")
    await chromium.keys(*"so 1", "backspace", *"2", "enter")
    await chromium.until_value("#typed", "")
    assert [hop.text for hop in gateway.hops] == ["", "so so 2"]


@in_chromium
async def test_the_button_that_saves_leaves_the_page_as_it_is(gateway: Gateway, page: Page, chromium: Browser) -> None:
    await chromium.open(page.url)
    await chromium.click("button[value=save]")
    await chromium.until("#says", "Dial first.")
    await chromium.click("button.go")
    await chromium.until("#says", "1. Balance")
    await chromium.click("button[value=save]")
    await chromium.click("button[name=key][value='1']")
    await chromium.click("button.go")
    await chromium.until("#says", "Enter your PIN")
    assert [hop.text for hop in gateway.hops] == ["", "1"]


@in_chromium
async def test_without_script_and_at_320_pixels(gateway: Gateway, page: Page, chromium: Browser) -> None:
    await chromium.look(320, 640, dark=True, script=False)
    await chromium.open(page.url)
    await chromium.click("button.go")
    await chromium.until("#says", "1. Balance")
    await chromium.click("button[name=key][value='1']")
    await chromium.until_value("#typed", "1")
    await chromium.click("#typed")
    await chromium.keys("enter")
    await chromium.until("#says", "Enter your PIN")
    await chromium.look(320, 640)
    assert await chromium.run("return document.documentElement.scrollWidth <= innerWidth")


@in_chromium
async def test_every_control_has_a_name_and_no_words_are_pale(page: Page, chromium: Browser) -> None:
    """WCAG 2.2: 1.3.1, 4.1.2 (names) and 1.4.3 (contrast 4.5), in light and in dark."""
    for dark in (False, True):
        await chromium.look(1180, 860, dark=dark)
        await chromium.open(page.url)
        assert await chromium.run(NAMELESS) == []
        assert await chromium.run(PALE) == []
