"""``/desk/password/<token>``: somebody chooses their password, by the link that an administrator handed them."""

from __future__ import annotations

from aiohttp import web

from gateway.desk import cookies
from gateway.desk.entrance import kindly, moved_on
from gateway.desk.office import OFFICE, Office
from gateway.desk.rooms import FORGED, LOGIN, form_of
from gateway.record import auditing
from gateway.record.desk import accounts
from gateway.record.desk import staff as kept
from gateway.record.desk.sessions import new_token
from gateway.record.desk.staff import BadStaff, Staff, check_password

OVER = "This link was used already, is older than a day, or was replaced by another. Ask an administrator for one."


def routes(app: web.Application) -> None:
    app.router.add_get("/desk/password/{token}", kindly(show))
    app.router.add_post("/desk/password/{token}", kindly(choose))


async def show(request: web.Request) -> web.StreamResponse:
    return _form(request, await _owner(request))


async def choose(request: web.Request) -> web.StreamResponse:
    """The link is used up by this, and by nothing before: who only looks at it changes nothing."""
    office, form, who = request.app[OFFICE], await form_of(request), await _owner(request)
    door = cookies.read(request, office.proxies, cookies.DOOR)
    if not (cookies.own_form(request) and cookies.is_csrf(door, form.get("csrf", ""))):
        raise web.HTTPForbidden(text=FORGED)
    typed = form.get("password", "")
    try:
        check_password(typed, who.email)
        if typed != form.get("again", ""):
            raise BadStaff("The two are not the same. Type the new password twice.")
    except BadStaff as bad:
        return _form(request, who, str(bad), 400)
    await _keep(office, request.match_info["token"], who, typed)
    return moved_on(f"{LOGIN}?chosen=1")


async def _owner(request: web.Request) -> Staff:
    office = request.app[OFFICE]
    async with office.house.stores.db.read() as conn:
        who = await accounts.invited(conn, request.match_info["token"], office.watch.now())
    if who is None:
        raise web.HTTPNotFound(text=OVER)
    return who


async def _keep(office: Office, token: str, who: Staff, typed: str) -> None:
    stores, hasher = office.house.stores, office.door.hasher
    with hasher.place():
        hashed = await kept.hashed(hasher, who.id, typed)
    async with stores.db.write() as conn:
        if not await accounts.choose(conn, token, hashed, office.watch.now()):
            raise web.HTTPNotFound(text=OVER)
        await auditing.note(conn, stores.clock.now(), who.email, "password chosen", who.id, {})


def _form(request: web.Request, who: Staff, wrong: str = "", status: int = 200) -> web.Response:
    office = request.app[OFFICE]
    door = cookies.read(request, office.proxies, cookies.DOOR) or new_token()
    response = office.page("password.html", status, csrf=cookies.csrf(door), who=who, wrong=wrong, path=request.path)
    cookies.write(request, response, office.proxies, cookies.DOOR, door)
    return response
