"""A browser for page tests: Debian's Chromium, driven by the W3C WebDriver protocol through chromedriver."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
in_chromium = pytest.mark.skipif(
    not (CHROMIUM and DRIVER) and os.environ.get("NJIA_TEST_BROWSER") != "required",
    reason="Chromium is not here: apt-get install chromium chromium-driver",
)
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # W3C WebDriver, section 11
KEYS = {"enter": "\ue007", "escape": "\ue00c", "tab": "\ue004", "backspace": "\ue003"}


class Gone(LookupError):
    """The element is not there, or no longer: the page was loaded anew in between."""


class Browser:
    def __init__(self, http: aiohttp.ClientSession, session: str) -> None:
        self._http, self._session = http, session

    async def call(self, method: str, path: str, **body: Any) -> Any:
        payload = body if method == "POST" else None
        async with self._http.request(method, f"{self._session}/{path}", json=payload) as got:
            value = (await got.json())["value"]
            if got.status == 404 and "element" in str(value["error"]):
                raise Gone(path)
            assert got.status == 200, value
            return value

    async def open(self, url: str) -> None:
        await self.call("POST", "url", url=url)

    async def find(self, css: str) -> str:
        found = await self.call("POST", "element", using="css selector", value=css)
        return str(found[ELEMENT])

    async def click(self, css: str) -> None:
        """Clicks what is there now, or what a page that is just being loaded brings within ten seconds."""
        async with asyncio.timeout(10):
            while True:
                with contextlib.suppress(Gone):
                    await self.call("POST", f"element/{await self.find(css)}/click")
                    return
                await asyncio.sleep(0.02)

    async def text(self, css: str) -> str:
        return str(await self.call("GET", f"element/{await self.find(css)}/text"))

    async def value(self, css: str) -> str:
        return str(await self.call("GET", f"element/{await self.find(css)}/property/value"))

    async def keys(self, *keys: str) -> None:
        """Presses these on the keyboard, wherever the focus is."""
        presses = [{"type": kind, "value": KEYS.get(key, key)} for key in keys for kind in ("keyDown", "keyUp")]
        await self.call("POST", "actions", actions=[{"type": "key", "id": "keyboard", "actions": presses}])

    async def run(self, script: str) -> Any:
        return await self.call("POST", "execute/sync", script=script, args=[])

    async def until(self, css: str, words: str) -> str:
        """The element's text once these words are in it. Fails after ten seconds."""
        async with asyncio.timeout(10):
            while True:
                with contextlib.suppress(Gone):
                    if words in (shown := await self.text(css)):
                        return shown
                await asyncio.sleep(0.02)

    async def until_value(self, css: str, value: str) -> None:
        """Waits until the field holds this. Fails after ten seconds."""
        async with asyncio.timeout(10):
            while True:
                with contextlib.suppress(Gone):
                    if await self.value(css) == value:
                        return
                await asyncio.sleep(0.02)

    async def look(self, width: int, height: int, dark: bool = False, script: bool = True) -> None:
        """A window of this size, in light or dark, with or without script."""
        screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        await self._cdp("Emulation.setDeviceMetricsOverride", screen)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await self._cdp("Emulation.setEmulatedMedia", {"features": [scheme]})
        await self._cdp("Emulation.setScriptExecutionDisabled", {"value": not script})

    async def picture(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(await self.call("GET", "screenshot")))

    async def _cdp(self, command: str, params: dict[str, Any]) -> None:
        await self.call("POST", "goog/cdp/execute", cmd=command, params=params)


@asynccontextmanager
async def browser(scratch: Path) -> AsyncIterator[Browser]:
    """A browser with an empty profile under ``scratch``; it is gone when the block is left."""
    assert CHROMIUM and DRIVER
    process = await asyncio.create_subprocess_exec(DRIVER, "--port=0", stdout=asyncio.subprocess.PIPE)
    try:
        async with aiohttp.ClientSession() as http:
            base = f"http://127.0.0.1:{await _port(process)}/session"
            options = {"binary": CHROMIUM, "args": [*FLAGS, f"--user-data-dir={scratch}"]}
            wanted = {"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}}
            async with http.post(base, json=wanted) as got:
                value = (await got.json())["value"]
                assert got.status == 200, value
            session = f"{base}/{value['sessionId']}"
            try:
                yield Browser(http, session)
            finally:
                await http.delete(session)
    finally:
        process.terminate()
        await process.wait()


async def _port(process: asyncio.subprocess.Process) -> int:
    assert process.stdout
    async with asyncio.timeout(20):
        async for line in process.stdout:
            if b"started successfully on port" in line:
                return int(line.rstrip(b".\n").rsplit(b" ", 1)[1])
    raise AssertionError("chromedriver did not start")


# Scripts for ``Browser.run``: WCAG 2.2, 1.3.1 and 4.1.2 (what has no name), 1.4.3 (words with a contrast below 4.5).
NAMELESS = """
return [...document.querySelectorAll("input:not([type=hidden]), select, button, a, summary")]
  .filter((one) => !(one.labels?.length || one.textContent.trim() || one.ariaLabel)).map((one) => one.outerHTML);
"""
PALE = """
const light = (rgb) => rgb.map((part) => part / 255)
  .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
  .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
const colours = (text) => [...text.matchAll(/rgba?\\(([^)]+)\\)/g)].map((found) => found[1].split(",").map(Number))
  .filter((parts) => parts.length === 3 || parts[3] === 1).map((parts) => parts.slice(0, 3));
const behind = (one) => {
  for (let at = one; at; at = at.parentElement) {
    const style = getComputedStyle(at);
    const found = [...colours(style.backgroundImage), ...colours(style.backgroundColor)];
    if (found.length) return found;
  }
  return [[255, 255, 255]];
};
const pale = [];
for (const one of document.querySelectorAll("body *")) {
  const said = [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  if (!said || !one.offsetParent || one.closest("[aria-hidden], :disabled")) continue;
  const ink = light(colours(getComputedStyle(one).color)[0]);
  for (const paper of behind(one).map(light)) {
    const ratio = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    if (ratio < 4.5) pale.push(`${one.textContent.trim()} ${ratio.toFixed(2)}`);
  }
}
return pale;
"""
# What screen readers and narrow screens need: WCAG 2.2, 1.3.1 (structure), 1.4.10 (320 px), 2.4.6, 2.5.8, 3.1.1, 4.1.2.
UNTIDY = """
const all = (css) => [...document.querySelectorAll(css)];
const short = (one) => one.outerHTML.slice(0, 90);
const wrong = [];
const needs = (good, words) => good || wrong.push(words);
needs(document.documentElement.lang, "the page has no language");
needs(document.title.trim(), "the page has no title");
for (const [css, many] of [["h1", 1], ["main", 1], ["body > header", 1]])
  needs(all(css).length === many, `${all(css).length} of ${css}`);
const ids = all("[id]").map((one) => one.id);
for (const id of ids) needs(ids.indexOf(id) === ids.lastIndexOf(id), `two of #${id}`);
let level = 0;
for (const one of all("h1, h2, h3, h4, h5")) {
  needs(+one.tagName[1] <= level + 1, `a level is left out before ${short(one)}`);
  level = +one.tagName[1];
}
for (const one of all("table")) needs(one.querySelector("thead th"), `no heads: ${short(one)}`);
for (const one of all("th")) needs(one.scope, `no scope: ${short(one)}`);
for (const one of all("nav")) needs(one.ariaLabel, `no name: ${short(one)}`);
for (const name of ["aria-labelledby", "aria-describedby", "for", "list"])
  for (const one of all(`[${name}]`))
    for (const id of one.getAttribute(name).split(" ").filter(Boolean))
      needs(document.getElementById(id), `${name} of nothing: ${short(one)}`);
for (const one of all("a, button, summary, input:not([type=hidden]), select, textarea")) {
  if (!one.offsetParent || one.tabIndex < 0 || one.closest("p, dd, td, small, .unseen")) continue;
  const box = (one.closest("label") || one).getBoundingClientRect();
  needs(box.height >= 24 && box.width >= 24, `small: ${short(one)}`);
}
if (document.documentElement.scrollWidth > innerWidth)
  wrong.push("wider than the window", ...all("main *")
    .filter((one) => one.getBoundingClientRect().right > innerWidth + 1).map(short));
return wrong;
"""


async def pictured(chromium: Browser, name: str) -> None:
    """All of the page as a picture in the folder ``NJIA_TEST_PICTURES``, for whoever wants to look at it."""
    if folder := os.environ.get("NJIA_TEST_PICTURES", ""):
        height, width = await chromium.run("return [document.documentElement.scrollHeight, innerWidth]")
        dark = await chromium.run("return matchMedia('(prefers-color-scheme: dark)').matches")
        await chromium.look(width, min(int(height), 3000), dark=dark)
        await chromium.picture(Path(folder) / f"{name}.png")
