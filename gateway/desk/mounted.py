"""All pages of the desk, mounted in every gateway."""

from __future__ import annotations

from collections.abc import AsyncIterator

from aiohttp import web

from gateway.build import House
from gateway.desk import (
    case_pages,
    choosing,
    client_pages,
    conversation_pages,
    entrance,
    payment_pages,
    searching,
    staff_pages,
    survey_pages,
    suspense_pages,
)
from gateway.desk.office import OFFICE, office
from gateway.desk.rooms import Visit, page
from gateway.web import pages

# each has routes(app)
MODULES = (
    entrance,
    choosing,
    searching,
    client_pages,
    conversation_pages,
    payment_pages,
    case_pages,
    survey_pages,
    staff_pages,
    suspense_pages,
)


def routes(app: web.Application, house: House) -> None:
    """Mounts ``/desk``. Each page module adds its own addresses, before the last, which answers what there is not."""
    app[OFFICE] = office(house)
    app.cleanup_ctx.append(_closing)
    pages.add_files(app, "", "desk/desk.css", "desk/desk.js", "desk/desk.svg")
    for module in MODULES:
        module.routes(app)
    for path in ("/desk", "/desk/{rest:.*}"):
        app.router.add_route("*", path, nothing)


@page()
async def nothing(request: web.Request, visit: Visit) -> web.StreamResponse:
    """What there is not; and what is asked in a way that its address does not take."""
    if request.path == "/desk/":
        return visit.redirect("/desk")
    raise web.HTTPNotFound


async def _closing(app: web.Application) -> AsyncIterator[None]:
    yield
    app[OFFICE].door.hasher.close()
