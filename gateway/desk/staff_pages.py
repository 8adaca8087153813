"""``/desk/staff``: who may log in, for administrators. Whatever is changed here is in the audit, in the same moment."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from gateway.desk import cookies
from gateway.desk.rooms import Visit, page
from gateway.record.desk import accounts, linking
from gateway.record.desk import staff as kept
from gateway.record.desk.sessions import IDLE
from gateway.record.desk.staff import ROLES, BadStaff, Staff, check_password

GONE = "Nobody has this log-in."
YOURSELF = "Somebody else must do that to your log-in, so that nobody locks themselves out."
HAND = "Hand it over so that nobody else reads it. It works once, until this time tomorrow."


def routes(app: web.Application) -> None:
    app.router.add_get("/desk/staff", show_list)
    app.router.add_post("/desk/staff", add)
    app.router.add_get("/desk/staff/{id}", show)
    app.router.add_post("/desk/staff/{id}", change)


@page(role="admin")
async def show_list(_request: web.Request, visit: Visit) -> web.Response:
    return await _list(visit)


@page(role="admin")
async def add(_request: web.Request, visit: Visit) -> web.Response:
    """A new log-in, with a password that was typed or a link to choose one by."""
    form = visit.form
    who = kept.new_staff(form.get("email", ""), form.get("name", ""), _role(visit), form.get("ref", "").strip())
    try:
        made = await _hashed(visit, who, form.get("password", ""))
        async with visit.db.write() as conn:
            await linking.check(conn, who, another="another" in form)
            await kept.add(conn, who, made, visit.now())
            token = "" if form.get("password") else await _invite(visit, who, made)
            await visit.audit("add staff", who.id, details={"role": who.role, "ref": who.ref})
    except BadStaff as bad:
        return await _list(visit, str(bad), 400)
    return await _page(visit, who, done=f"{who.email} can log in.", link=_link(visit, token))


@page(role="admin")
async def show(request: web.Request, visit: Visit) -> web.Response:
    return await _page(visit, await _found(request, visit))


@page(role="admin")
async def change(request: web.Request, visit: Visit) -> web.Response:
    """What the pressed button says."""
    who = await _found(request, visit)
    work = _CHANGES.get(visit.form.get("do", ""))
    if work is None:
        raise web.HTTPBadRequest(text="Press one of the buttons of the page.")
    try:
        done, token = await work(visit, who)
    except BadStaff as bad:
        return await _page(visit, who, alert=str(bad), status=409)
    if token:
        return await _page(visit, await _found(request, visit), done=done, link=_link(visit, token))
    return visit.redirect(f"/desk/staff/{who.id}", done)


async def _found(request: web.Request, visit: Visit) -> Staff:
    async with visit.db.read() as conn:
        who = await accounts.of(conn, request.match_info["id"])
    if who is None:
        raise web.HTTPNotFound(text=GONE)
    return who


async def _list(visit: Visit, alert: str = "", status: int = 200) -> web.Response:
    now = visit.office.watch.now()
    async with visit.db.read() as conn:
        people = await kept.everybody(conn)
        serves = await linking.served(conn, [who.ref for who in people if who.ref])
        logged_in, waits = await accounts.browsers(conn, now - IDLE), await accounts.waiting(conn)
        offered = await linking.parties(conn)
    return visit.render(
        "people.html",
        status=status,
        people=people,
        serves=serves,
        logged_in=logged_in,
        waits=waits,
        now=now,
        roles=ROLES,
        offered=offered,
        alert=alert,
        typed=visit.form if alert else {},
    )


async def _page(
    visit: Visit, who: Staff, *, alert: str = "", done: str = "", link: str = "", status: int = 200
) -> web.Response:
    now = visit.office.watch.now()
    async with visit.db.read() as conn:
        offered = await linking.parties(conn)
        serves = (await linking.served(conn, [who.ref])).get(who.ref, 0) if who.ref else 0
        logged_in, waits = await accounts.browsers(conn, now - IDLE), await accounts.waiting(conn)
    return visit.render(
        "person.html",
        status=status,
        who=who,
        own=who.id == visit.staff.id,
        offered=offered,
        party=next((one for one in offered if one.ref == who.ref), None),
        serves=serves,
        browsers=logged_in.get(who.id, 0),
        until=waits.get(who.id),
        now=now,
        roles=ROLES,
        alert=alert,
        done=done,
        link=link,
        hand=HAND,
        typed=visit.form if alert else {},
    )


def _role(visit: Visit) -> str:
    role = visit.form.get("role", "")
    if role not in ROLES:
        raise web.HTTPBadRequest(text="Choose a role.")
    return role


def _link(visit: Visit, token: str) -> str:
    """As the browser of the administrator knows this desk."""
    scheme = "https" if cookies.secure(visit.request, visit.office.proxies) else "http"
    return f"{scheme}://{visit.request.host}/desk/password/{token}" if token else ""


async def _hashed(visit: Visit, who: Staff, typed: str) -> str:
    """Of what was typed, or of what nobody knows. Raises BadStaff for a password that is too easily guessed."""
    if typed:
        check_password(typed, who.email)
    hasher = visit.office.door.hasher
    with hasher.place():
        return await kept.hashed(hasher, who.id, typed or kept.minted())


async def _invite(visit: Visit, who: Staff, unknown: str) -> str:
    async with visit.db.write() as conn:
        return await accounts.invite(conn, who, unknown, visit.office.watch.now())


async def _role_and_link(visit: Visit, who: Staff) -> tuple[str, str]:
    role, ref = _role(visit), visit.form.get("ref", "").strip()
    if who.id == visit.staff.id and (role, ref) != (who.role, who.ref):
        raise BadStaff(YOURSELF)
    then = Staff(who.id, who.email, who.name, role, ref)
    async with visit.db.write() as conn:
        await linking.check(conn, then, another="another" in visit.form)
        await accounts.change(conn, who, role, ref)
        was = {"role": who.role, "ref": who.ref}
        await visit.audit("change staff", who.id, details={"role": role, "ref": ref, "was": was})
    return "Changed. It counts from their next click.", ""


async def _password(visit: Visit, who: Staff) -> tuple[str, str]:
    if not visit.form.get("password"):
        raise BadStaff("Type the new password, or let them choose one by a link.")
    made = await _hashed(visit, who, visit.form["password"])
    async with visit.db.write() as conn:
        await kept.change_password(conn, who, made)
        await visit.audit("change password of staff", who.id)
    return "They have a new password, and are logged out everywhere.", ""


async def _new_link(visit: Visit, who: Staff) -> tuple[str, str]:
    if who.id == visit.staff.id:
        raise BadStaff(YOURSELF)
    made = await _hashed(visit, who, "")
    async with visit.db.write() as conn:
        token = await accounts.invite(conn, who, made, visit.office.watch.now())
        await visit.audit("password link of staff", who.id)
    return "The old password is worth nothing now, and they are logged out everywhere.", token


async def _lock(visit: Visit, who: Staff) -> tuple[str, str]:
    if who.id == visit.staff.id:
        raise BadStaff(YOURSELF)
    async with visit.db.write() as conn:
        await accounts.lock(conn, who, visit.now())
        await visit.audit("disable staff", who.id)
    return f"{who.email} cannot log in any more.", ""


async def _unlock(visit: Visit, who: Staff) -> tuple[str, str]:
    async with visit.db.write() as conn:
        await kept.disable(conn, who, None)
        await visit.audit("enable staff", who.id)
    return f"{who.email} can log in again.", ""


async def _log_out(visit: Visit, who: Staff) -> tuple[str, str]:
    async with visit.db.write() as conn:
        await kept.log_out(conn, who)
        await visit.audit("log out staff", who.id)
    return f"{who.email} is logged out everywhere.", ""


_CHANGES: dict[str, Callable[[Visit, Staff], Awaitable[tuple[str, str]]]] = {
    "change": _role_and_link,
    "password": _password,
    "link": _new_link,
    "lock": _lock,
    "unlock": _unlock,
    "log out": _log_out,
}
