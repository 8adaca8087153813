"""``/desk/cases``: what clients wait for; one case to take, note, promise for another day and close."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable

from aiohttp import web

from gateway.desk.rooms import Visit, page
from gateway.desk.veiling import private_words
from gateway.desk.veiling import read as read_text
from gateway.record.desk import cases
from gateway.record.desk.cases import WHICH, CaseLine, Elsewhere, Which
from gateway.record.desk.client_page import marks_of, name_of

NAMES = {"open": "Open", "mine": "Mine", "overdue": "Overdue", "closed": "Closed"}
FAR = dt.timedelta(days=92)  # nobody is promised an answer later than that

GONE = "There is no such case."


class Incomplete(Exception):
    """What the form lacks, in a sentence."""


def routes(app: web.Application) -> None:
    app.router.add_get("/desk/cases", show_list)
    app.router.add_get("/desk/cases/{id}", show)
    app.router.add_post("/desk/cases/{id}", change)


@page()
async def show_list(request: web.Request, visit: Visit) -> web.Response:
    asked, today = request.query.get("which", "open"), visit.house.stores.clock.today()
    which: Which = next((one for one in WHICH if one == asked), "open")
    found = await cases.cases(visit.db, which, visit.staff, today)
    return visit.render(
        "cases.html",
        cases=found,
        which=which,
        names=NAMES,
        counts=await cases.counts(visit.db, visit.staff, today),
        most=cases.MOST,
    )


@page()
async def show(request: web.Request, visit: Visit) -> web.Response:
    return await _page(visit, await _found(request, visit))


@page()
async def change(request: web.Request, visit: Visit) -> web.Response:
    """What the pressed button says: take, note, promise or close."""
    found = await _found(request, visit)
    work = _CHANGES.get(visit.form.get("do", ""))
    if work is None:
        raise web.HTTPBadRequest(text="Press one of the buttons of the page.")
    try:
        said = await work(visit, found)
    except Incomplete as wrong:
        return await _page(visit, found, str(wrong), 400)
    except Elsewhere as changed:
        return await _page(visit, await _found(request, visit), f"{changed} Nothing was changed.", 409)
    except LookupError:
        raise web.HTTPNotFound(text=GONE) from None
    return visit.redirect(f"/desk/cases/{found.id}", said)


async def _found(request: web.Request, visit: Visit) -> CaseLine:
    found = await cases.find(visit.db, request.match_info["id"], visit.staff)
    if found is None:
        raise web.HTTPNotFound(text=GONE)
    return found


async def _page(visit: Visit, found: CaseLine, alert: str = "", status: int = 200) -> web.Response:
    client = await name_of(visit.db, found.client) if found.client else None
    shown = bool(found.client) and visit.shown(found.client or "")
    private = private_words(client, *await marks_of(visit.db, found.client or ""))
    return visit.render(
        "case.html",
        status=status,
        case=found,
        client=client,
        shown=shown,
        notes=await cases.notes(visit.db, found),
        alert=alert,
        typed=visit.form if status != 200 else {},
        text=lambda text: read_text(text, private, shown),
    )


async def _take(visit: Visit, found: CaseLine) -> str:
    await cases.take(visit.db, found.id, visit.staff, visit.now(), visit.form.get("owner", ""))
    return "The case is yours."


async def _note(visit: Visit, found: CaseLine) -> str:
    text = _words(visit, "note", "Write the note first.")
    await cases.note(visit.db, found.id, visit.staff, visit.now(), text)
    return "The note is kept."


async def _promise(visit: Visit, found: CaseLine) -> str:
    why = _words(visit, "because", "Say why it takes until another day.")
    today = visit.house.stores.clock.today()
    try:
        day = dt.date.fromisoformat(visit.form.get("day", ""))
    except ValueError:
        raise Incomplete("Choose the day that is promised.") from None
    if not today <= day <= today + FAR:
        raise Incomplete("Promise a day from today to three months from now.")
    await cases.promise(visit.db, found.id, visit.staff, visit.now(), day, why)
    return "The new day is kept."


async def _close(visit: Visit, found: CaseLine) -> str:
    why = _words(visit, "why", "Say what became of it: the client may ask.")
    await cases.close(visit.db, found.id, visit.staff, visit.now(), why)
    return "The case is closed."


def _words(visit: Visit, name: str, missing: str) -> str:
    if not (text := visit.form.get(name, "").strip()):
        raise Incomplete(missing)
    return text


_CHANGES: dict[str, Callable[[Visit, CaseLine], Awaitable[str]]] = {
    "take": _take,
    "note": _note,
    "promise": _promise,
    "close": _close,
}
