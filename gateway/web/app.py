"""The web application: pages are mounted by small modules; whatever goes wrong is answered in clear text and logged.

A log line names the route, never the address as it came: its query may hold what a client typed, its path a token.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Iterable

from aiohttp import web

from gateway.access import new_request_id
from gateway.logs import request_id
from gateway.web import health

LIMIT = 64 * 1024  # bytes of a request's body
Mount = Callable[[web.Application], None]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

log = logging.getLogger("njia.access")

SAYS = {
    400: "This request cannot be understood.",
    403: "This address is not for you.",
    404: "There is nothing at this address.",
    405: "This address does not take {method}.",
    413: f"A request may have at most {LIMIT // 1024} KiB.",
    415: "This character set is not taken. Send UTF-8.",
    500: "Something went wrong here. It has been logged as {request}.",
}


def application(served: health.Served, mounts: Iterable[Mount] = ()) -> web.Application:
    """The application of one gateway process; each of ``mounts`` adds its own routes to it."""
    app = web.Application(middlewares=[_answer], client_max_size=LIMIT)
    health.routes(app, served)
    for mount in mounts:
        mount(app)
    return app


@web.middleware
async def _answer(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every request gets an id, an answer and one line in the log."""
    began = time.perf_counter()
    token = request_id.set(new_request_id())
    try:
        response = await _answered(request, handler)
        response.headers["X-Request-Id"] = request_id.get()
        level = logging.DEBUG if request.path in health.PATHS else logging.INFO
        if log.isEnabledFor(level):
            millis = (time.perf_counter() - began) * 1000
            log.log(level, "%s %s %d %.1f ms", request.method, _route(request), response.status, millis)
        return response
    finally:
        request_id.reset(token)


async def _answered(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        if (request.content_length or 0) > LIMIT:
            return _plain(request, 413)
        return await handler(request)
    except web.HTTPException as refused:
        return _refused(request, refused)
    except web.RequestPayloadError:  # a compressed or chunked body that is none
        return _plain(request, 400)
    except Exception as error:
        log.error("a request failed", exc_info=error)
        return _plain(request, 500)


def _refused(request: web.Request, refused: web.HTTPException) -> web.StreamResponse:
    """What aiohttp raises: with its own words where a page gave some, else with ours."""
    if refused.status < 400 or refused.text != f"{refused.status}: {refused.reason}":
        if refused.status == 413:
            return _plain(request, 413)
        kept = {name: value for name, value in refused.headers.items() if name not in ("Content-Length",)}
        return web.Response(status=refused.status, text=refused.text, headers=kept)
    response = _plain(request, refused.status)
    if isinstance(refused, web.HTTPMethodNotAllowed):
        response.headers["Allow"] = ", ".join(sorted(refused.allowed_methods))
    return response


def says(status: int, method: str = "") -> str:
    """What is told with a status, about the request that is being answered."""
    words = SAYS.get(status, "This request was refused.")
    return words.format(method=method, request=request_id.get()) + "\n"


def _plain(request: web.Request, status: int) -> web.Response:
    return web.Response(status=status, text=says(status, request.method))


def _route(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "(nothing there)"
