"""One page of the desk: who is asking, whether they may, and how it answers.

A page module has ``routes(app)``, which adds its own addresses; ``gateway/desk/mounted.py`` lists the modules. A
handler is made by ``@page()`` and takes the request and the ``Visit``. By then the visitor is known and has the role,
and of a POST the form is read and its CSRF token and origin are checked. What it raises becomes a page:
``web.HTTPNotFound`` and the like (with ``text=`` the sentence to show), ``Unavailable`` 503.

    @page(role="agent")
    async def show(request: web.Request, visit: Visit) -> web.Response:
        client = await client_page.client(visit.db, request.match_info["id"])
        if client is None:
            raise web.HTTPNotFound(text="There is no such client.")
        return visit.render("client.html", client=client, shown=visit.shown(client.id))
"""

from __future__ import annotations

import datetime as dt
import functools
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from aiohttp import web
from markupsafe import Markup

from gateway.build import House
from gateway.desk import cookies, refusing
from gateway.desk.office import HEADERS, OFFICE, Office
from gateway.record import auditing
from gateway.record.database import Database
from gateway.record.desk import sessions
from gateway.record.desk.sessions import Session
from gateway.record.desk.staff import Staff

LOGIN = "/desk/login"
FORM = "application/x-www-form-urlencoded"
FLASH_LIMIT = 300  # characters
FORGED = (
    "This form did not come from a page of this log-in, so nothing was done. "
    "Go back, load the page again and send the form once more."
)


@dataclass(slots=True)
class Visit:
    """One request by somebody who is logged in."""

    office: Office
    request: web.Request
    session: Session
    token: str = field(repr=False)
    form: Mapping[str, str] = field(default_factory=dict)  # of a POST
    _shown_until: dt.datetime | None = None

    @property
    def staff(self) -> Staff:
        return self.session.staff

    @property
    def house(self) -> House:
        return self.office.house

    @property
    def csrf(self) -> str:
        """Of this session; in templates ``{{ csrf_field }}`` is the hidden field, a must in each form."""
        return cookies.csrf(self.token)

    @property
    def path(self) -> str:
        """Of this page: what "show" comes back to."""
        return self.request.path_qs

    @property
    def db(self) -> Database:
        return self.house.stores.db

    def now(self) -> dt.datetime:
        """What the institution's clock says: for rows of the record."""
        return self.house.stores.clock.now()

    def shown(self, client: str) -> bool:
        """Whether this session has asked to see this client unmasked, less than a minute ago."""
        until = self.session.shown.get(client)
        if until is None or until <= self.office.watch.now():
            return False
        self._shown_until = min(until, self._shown_until or until)
        return True

    @property
    def shown_for(self) -> int:
        """Seconds until the masks of what this page shows are put on again; 0: all of it is masked."""
        left = self._shown_until - self.office.watch.now() if self._shown_until else dt.timedelta()
        return math.ceil(left.total_seconds())

    def render(self, template: str, status: int = 200, **values: Any) -> web.Response:
        """The page from ``templates/web/desk/<template>``, which extends ``desk/base.html`` (blocks: title, main).

        Templates have besides ``values``: ``visit``, ``staff``, ``csrf_field``, ``flash``, ``today``; the filters
        ``mask_name``, ``mask_phone``, ``mask_ref`` (each takes ``shown``: ``{{ name | mask_name(shown) }}``),
        ``moment`` (a time at the institution), ``day``, ``money`` (of a ``Money``), ``minor("KES")`` (of minor units);
        and in ``desk/parts.html`` the macro ``show_form(visit, client_id)``: the form that unmasks, or a note that it
        is so.
        """
        flash = cookies.opened(self.token, cookies.read(self.request, self.office.proxies, cookies.FLASH))
        known = {
            "visit": self,
            "staff": self.staff,
            "csrf_field": Markup('<input type="hidden" name="csrf" value="{}">').format(self.csrf),
            "flash": flash,
            "today": self.house.stores.clock.today(),
            "here": self.request.path.split("/")[2] if self.request.path.count("/") > 1 else "clients",
        }
        response = self.office.page(template, status, **(known | values))
        if flash:
            cookies.write(self.request, response, self.office.proxies, cookies.FLASH, "")
        return response

    def redirect(self, path: str, flash: str = "") -> web.Response:
        """303 to a page of ours; ``flash`` is told there once. It travels in a cookie: nothing of a client's in it."""
        response = web.Response(status=303, headers=HEADERS | {"Location": own_path(path)})
        if flash:
            sealed = cookies.sealed(self.token, flash[:FLASH_LIMIT])
            cookies.write(self.request, response, self.office.proxies, cookies.FLASH, sealed)
        return response

    def check_csrf(self, form: Mapping[str, str]) -> None:
        """Raises 403. Every POST has been checked already."""
        if not (cookies.own_form(self.request) and cookies.is_csrf(self.token, form.get("csrf", ""))):
            raise web.HTTPForbidden(text=FORGED)

    async def audit(self, what: str, about: str, why: str = "", details: Mapping[str, Any] | None = None) -> None:
        """One row, in the transaction that this task has open, if any. ``about`` is an id; no personal data."""
        async with self.db.write() as conn:
            await auditing.note(conn, self.now(), self.staff.email, what, about, dict(details or {}), why=why)


Handler = Callable[[web.Request, Visit], Awaitable[web.StreamResponse]]
Route = Callable[[web.Request], Awaitable[web.StreamResponse]]


def page(role: str = "agent") -> Callable[[Handler], Route]:
    """A page for staff of this role. Nobody is known: to the log-in page (a POST: a page that says nothing was saved);
    another role: 403."""

    def made(handler: Handler) -> Route:
        @functools.wraps(handler)
        async def answer(request: web.Request) -> web.StreamResponse:
            office, visit = request.app[OFFICE], None
            try:
                refusing.check_address(request)
                visit = await visitor(office, request)
                if visit is None:
                    return await _unknown(office, request)
                return await _let_in(visit, role, handler)
            except Exception as error:  # noqa: BLE001 - every one becomes a page
                return refusing.refused(office, error, visit)

        return answer

    return made


async def visitor(office: Office, request: web.Request) -> Visit | None:
    """Who is logged in here. Raises Unavailable."""
    token = cookies.read(request, office.proxies, cookies.SESSION)
    session = await sessions.find(office.house.stores.db, token, office.watch.now()) if token else None
    return Visit(office, request, session, token) if session else None


async def _let_in(visit: Visit, role: str, handler: Handler) -> web.StreamResponse:
    if visit.request.method not in ("GET", "HEAD"):
        visit.form = await form_of(visit.request)
        visit.check_csrf(visit.form)
    if not visit.staff.may(role):
        raise web.HTTPForbidden(text=f"This page is for staff with the role {role}; yours is {visit.staff.role}.")
    return await handler(visit.request, visit)


async def _unknown(office: Office, request: web.Request) -> web.StreamResponse:
    """Nobody is logged in. What was typed into a form is given back, to be copied: it is never sent on by itself."""
    if request.method in ("GET", "HEAD"):
        return web.Response(status=303, headers=HEADERS | {"Location": f"{LOGIN}?then={quote(request.path_qs)}"})
    typed = await form_of(request) if cookies.own_form(request) else {}
    kept = [text for name, text in typed.items() if name not in ("csrf", "back", "client") and len(text) > 20]
    return office.page("ended.html", 403, typed=kept)


async def form_of(request: web.Request) -> dict[str, str]:
    """The texts of a form; no database takes the character NUL. Raises 400 for what is no form."""
    try:
        posted = await request.post() if request.content_type == FORM else {}
    except (LookupError, ValueError):
        raise web.HTTPBadRequest(text="This form cannot be read.") from None
    return {name: value.replace("\0", "") for name, value in posted.items() if isinstance(value, str)}


def own_path(path: str) -> str:
    """A page of the desk; for anything else, its first page: nobody is sent on to another site."""
    plain = path.isascii() and path.isprintable() and "\\" not in path
    return path if plain and (path == "/desk" or path.startswith(("/desk/", "/desk?"))) else "/desk"
