"""The desk of the sample institution, and a visitor with a browser that runs no script."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import Morsel, SimpleCookie
from pathlib import Path
from unittest import mock

import aiohttp
from houses import Served, served, settings_of
from yarl import URL

from gateway.clock import SetClock
from gateway.desk import office

AGENT = ("agent@jamii.example", "maji-safi-kisima-41")
OFFICER = ("officer@jamii.example", "njia-ndefu-mashariki-27")  # of Akinyi, Wanjiru, Halima and Chebet
ADMIN = ("admin@jamii.example", "mlima-mrefu-asubuhi-88")


@dataclass(slots=True)
class Form:
    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)


class Forms(HTMLParser):
    """The forms of a page, each with what it would send as it stands."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._open: Form | None = None
        self._area = ""
        self._select = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = Form(given.get("action", ""), given.get("method", "get"))
            self.found.append(self._open)
        if self._open is None or ("name" not in given and tag != "option"):
            return
        if tag == "input" and (given.get("type") not in ("radio", "checkbox") or "checked" in given):
            self._open.fields[given["name"]] = given.get("value", "")
        elif tag == "select":
            self._select = given["name"]
        elif tag == "option" and self._select and ("selected" in given or self._select not in self._open.fields):
            self._open.fields[self._select] = given.get("value", "")
        elif tag == "textarea":
            self._area = given["name"]
            self._open.fields[self._area] = ""

    def handle_data(self, data: str) -> None:
        if self._area and self._open:
            self._open.fields[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "textarea":
            self._area = ""
        elif tag == "select":
            self._select = ""


@dataclass(slots=True)
class Page:
    status: int
    path: str  # where the browser is after redirects
    html: str
    headers: Mapping[str, str]

    @property
    def text(self) -> str:
        """What is read on it."""
        body = re.sub(r"<head>.*?</head>|<datalist.*?</datalist>", " ", self.html, flags=re.DOTALL)
        return " ".join(re.sub(r"<[^>]+>", " ", body).split())

    def form(self, action: str) -> Form:
        return next(form for form in Forms(self.html).found if form.action.partition("?")[0] == action)


class Visitor:
    """One browser at the desk. ``headers`` go with each request."""

    def __init__(self, http: aiohttp.ClientSession, house: Served, watch: SetClock) -> None:
        self._http, self.served, self.watch = http, house, watch
        self.url = house.wire.url
        self.headers: dict[str, str] = {}
        self.page = Page(0, "", "", {})
        self.set: list[str] = []  # Set-Cookie of the last answer

    def other(self) -> AbstractAsyncContextManager[Visitor]:
        """Another browser at the same desk."""
        return browsing(self.served, self.watch)

    @property
    def jar(self) -> list[Morsel[str]]:
        """The cookies that the browser has."""
        return list(self._http.cookie_jar)

    def plant(self, name: str, value: str) -> None:
        planted: SimpleCookie = SimpleCookie({name: value})
        planted[name]["path"] = "/desk"
        self._http.cookie_jar.update_cookies(planted, URL(self.url + "/desk"))

    async def get(self, path: str) -> Page:
        return await self._ask("GET", path)

    async def post(self, path: str, **fields: str) -> Page:
        """Sends these fields and no others."""
        return await self._ask("POST", path, fields)

    async def send(self, action: str, **fields: str) -> Page:
        """Sends the form with this action on the page that is open, with these fields filled in."""
        form = self.page.form(action)
        return await self._ask("POST", action, form.fields | fields)

    async def log_in(self, email: str, password: str) -> Page:
        if not self.page.path.startswith("/desk/login"):
            await self.get("/desk/login")
        return await self.send("/desk/login", email=email, password=password)

    async def raw(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Page:
        """As no browser would."""
        return await self._ask(method, path, body, headers)

    async def _ask(
        self, method: str, path: str, body: dict[str, str] | bytes | None = None, more: dict[str, str] | None = None
    ) -> Page:
        url = URL(self.url + path, encoded=True)
        async with self._http.request(method, url, data=body, headers=self.headers | (more or {})) as got:
            raw = got.url.raw_path + (f"?{got.url.raw_query_string}" if got.url.raw_query_string else "")
            self.set = got.headers.getall("Set-Cookie", [])
            self.page = Page(got.status, raw, await got.text(), got.headers)
        assert "default-src 'none'" in self.page.headers.get("Content-Security-Policy", ""), path
        return self.page


@asynccontextmanager
async def desk(people_url: str, redis_url: str, folder: Path, **more: str) -> AsyncIterator[Visitor]:
    """The sample institution, and one browser that has not logged in; sessions and locks end by ``visitor.watch``."""
    watch = SetClock(dt.datetime.now(dt.UTC))
    with mock.patch.object(office, "Clock", lambda: watch):
        async with (
            served(settings_of(people_url, redis_url, folder, **more)) as house,
            browsing(house, watch) as visitor,
        ):
            yield visitor


@asynccontextmanager
async def browsing(house: Served, watch: SetClock) -> AsyncIterator[Visitor]:
    """Another browser at the same desk."""
    jar = aiohttp.CookieJar(unsafe=True)  # "unsafe" takes cookies from an address without a name
    async with aiohttp.ClientSession(cookie_jar=jar) as http:
        yield Visitor(http, house, watch)
