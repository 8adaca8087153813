"""What went wrong, as a page in plain words. What nobody foresaw is logged under the number that the page names."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from aiohttp import web

from flows.ports import Unavailable, Uncertain
from gateway.desk.office import HEADERS, Office
from gateway.logs import request_id

if TYPE_CHECKING:
    from gateway.desk.rooms import Visit

log = logging.getLogger("njia.desk")

TITLES = {
    400: "This cannot be read",
    403: "This is not for you",
    404: "There is nothing here",
    405: "This address takes another kind of request",
    409: "Somebody was faster",
    413: "This is too long",
    429: "Too many tries",
    503: "The record does not answer",
}
SAYS = {
    400: "Go back and try once more.",
    403: "Your role does not open this page. Ask an administrator if it should.",
    404: "The address may be mistyped, or what was here is gone.",
    405: "Go back and use the links and buttons of the page.",
    413: "Go back and write less.",
    503: "Nothing was changed. Try again in a minute; if it stays so, tell whoever runs the system.",
}


def check_address(request: web.Request) -> None:
    """Raises 404 for an address with the character NUL in it: no database takes it."""
    if any("\0" in part for part in (*request.match_info.values(), *request.query.values())):
        raise web.HTTPNotFound


def refused(office: Office, error: Exception, visit: Visit | None = None) -> web.Response:
    """The page for what a handler raised; a redirect stays one."""
    if isinstance(error, web.HTTPException):
        if error.status < 400:
            return web.Response(status=error.status, headers=HEADERS | {"Location": error.headers["Location"]})
        own = error.text if error.text != f"{error.status}: {error.reason}" else None
        return told(office, error.status, own or "", visit)
    if isinstance(error, Uncertain):
        return told(office, 503, "It may have been done, or not. Look at it again before you repeat it.", visit)
    if isinstance(error, Unavailable):
        return told(office, 503, "", visit)
    if isinstance(error, web.RequestPayloadError):
        return told(office, 400, "", visit)
    log.error("a page failed", exc_info=error)
    says = f"Something went wrong here. It has been logged as {request_id.get()}: tell whoever runs the system."
    return told(office, 500, says, visit)


def told(office: Office, status: int, says: str = "", visit: Visit | None = None) -> web.Response:
    """``says`` in place of the usual words."""
    values = {"heading": TITLES.get(status, "This did not work"), "says": says or SAYS.get(status, "")}
    if visit is not None:
        return visit.render("error.html", status, **values)
    return office.page("error.html", status, **values)
