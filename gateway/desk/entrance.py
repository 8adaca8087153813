"""Logging in and out."""

from __future__ import annotations

import datetime as dt
import math

from aiohttp import web

from gateway.desk import cookies, refusing
from gateway.desk.office import HEADERS, OFFICE, Office
from gateway.desk.rooms import FORGED, LOGIN, Route, Visit, form_of, own_path, page, visitor
from gateway.record.desk import sessions
from gateway.record.desk.sessions import new_token

WRONG = "This e-mail address and password do not go together. Check both and try again."


def routes(app: web.Application) -> None:
    app.router.add_get(LOGIN, kindly(show))
    app.router.add_post(LOGIN, kindly(enter))
    app.router.add_post("/desk/logout", leave)


def kindly(handler: Route) -> Route:
    """What goes wrong becomes a page: here nobody is known yet."""

    async def answer(request: web.Request) -> web.StreamResponse:
        try:
            refusing.check_address(request)
            return await handler(request)
        except Exception as error:  # noqa: BLE001 - every one becomes a page
            return refusing.refused(request.app[OFFICE], error)

    return answer


async def show(request: web.Request) -> web.StreamResponse:
    office, then = request.app[OFFICE], own_path(request.query.get("then", ""))
    if await visitor(office, request):
        return moved_on(then)
    return _form(office, request, then)


async def enter(request: web.Request) -> web.StreamResponse:
    """The session gets a token of its own: one that was there before, or was planted, is worth nothing."""
    office, form = request.app[OFFICE], await form_of(request)
    door = cookies.read(request, office.proxies, cookies.DOOR)
    if not (cookies.own_form(request) and cookies.is_csrf(door, form.get("csrf", ""))):
        raise web.HTTPForbidden(text=FORGED)
    email, then = form.get("email", ""), own_path(form.get("then", ""))
    entered = await office.door.enter(email, form.get("password", ""), office.remote(request))
    if isinstance(entered, dt.datetime):
        return _form(office, request, then, email, _wait(entered - office.watch.now()), 429)
    if entered is None:
        return _form(office, request, then, email, WRONG, 403)
    response = moved_on(then)
    cookies.write(request, response, office.proxies, cookies.SESSION, entered[1])
    cookies.write(request, response, office.proxies, cookies.DOOR, "")
    return response


@page()
async def leave(request: web.Request, visit: Visit) -> web.StreamResponse:
    async with visit.db.write() as conn:
        await sessions.end(conn, visit.session)
        await visit.audit("log out", visit.staff.id)
    response = moved_on(f"{LOGIN}?left=1")
    for name in (cookies.SESSION, cookies.FLASH):
        cookies.write(request, response, visit.office.proxies, name, "")
    return response


def _form(
    office: Office, request: web.Request, then: str, email: str = "", wrong: str = "", status: int = 200
) -> web.Response:
    door = cookies.read(request, office.proxies, cookies.DOOR) or new_token()
    response = office.page(
        "login.html",
        status,
        csrf=cookies.csrf(door),
        then=then,
        email=email,
        wrong=wrong,
        left="left" in request.query,
        chosen="chosen" in request.query,
    )
    cookies.write(request, response, office.proxies, cookies.DOOR, door)
    return response


def _wait(left: dt.timedelta) -> str:
    minutes = max(1, math.ceil(left.total_seconds() / 60))
    return f"There were too many tries. Try again in {minutes} {'minute' if minutes == 1 else 'minutes'}."


def moved_on(path: str) -> web.Response:
    return web.Response(status=303, headers=HEADERS | {"Location": path})
