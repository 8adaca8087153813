"""``/desk``: find a client, and what waits for staff.

What is typed is kept with the session, not in the address, where logs would have it.
"""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from gateway.desk.rooms import Visit, own_path, page
from gateway.record import payment_lists
from gateway.record import payments as kept
from gateway.record.desk import cases, payments, sessions
from gateway.record.desk.search import MOST, Found, known, search

SHORTEST_REASON = 5  # characters


@dataclass(frozen=True, slots=True)
class Waits:
    """How much of it this visitor may work on: payments, receipts in suspense, and cases by ``cases.counts``."""

    payments: int
    suspended: int
    cases: dict[str, int]


def routes(app: web.Application) -> None:
    app.router.add_get("/desk", find)
    app.router.add_post("/desk", look)
    app.router.add_post("/desk/show", show)


@page()
async def find(_request: web.Request, visit: Visit) -> web.StreamResponse:
    """The last search of this session with what it finds now."""
    typed = visit.session.search
    country = visit.house.stores.settings.institution.country
    found = await search(visit.db, typed, country, visit.staff) if typed else Found(())
    return visit.render("search.html", typed=typed, found=found, most=MOST, waits=await _waits(visit))


async def _waits(visit: Visit) -> Waits:
    db, staff = visit.db, visit.staff
    needing = await payments.theirs(db, await kept.needing_person(db), staff)
    lost = [] if staff.only_own else await payment_lists.suspended(db)  # who serves clients does not place money
    return Waits(len(needing), len(lost), await cases.counts(db, staff, visit.house.stores.clock.today()))


@page()
async def look(_request: web.Request, visit: Visit) -> web.StreamResponse:
    async with visit.db.write() as conn:
        await sessions.look_for(conn, visit.session, visit.form.get("q", "").strip())
    return visit.redirect("/desk")


@page()
async def show(_request: web.Request, visit: Visit) -> web.StreamResponse:
    """Takes the masks of one client off for a minute, in this session; who, when and why is in the audit."""
    client, why, back = (visit.form.get(name, "").strip() for name in ("client", "reason", "back"))
    if not await known(visit.db, client, visit.staff):
        raise web.HTTPNotFound(text="There is no such client.")
    if len(why) < SHORTEST_REASON:
        return visit.redirect(own_path(back), "Say why you need to see it: a few words are enough.")
    async with visit.db.write() as conn:
        await sessions.show(conn, visit.session, client, visit.office.watch.now())
        await visit.audit("show client", client, why[:300])
    return visit.redirect(own_path(back))
