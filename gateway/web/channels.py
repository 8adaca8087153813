"""Where providers call: ``/channels/<name>/<token>`` and its ``/events``, as routes of the application.

A hop as providers send it never comes here: ``front.py`` answers it. What is unusual in its HTTP comes here.
"""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from adapters.channel import Rejected, Request, Response
from gateway.gate import Gate, Line
from gateway.store.sessions import StoreDown
from gateway.turn import close
from gateway.web.caller import Proxies
from gateway.web.hops import hop, line_of, refused

GATE: web.AppKey[Gate] = web.AppKey("gate", Gate)
PROXIES: web.AppKey[Proxies] = web.AppKey("proxies", Proxies)


def routes(app: web.Application, gate: Gate, proxies: Sequence[str] = ()) -> None:
    """Mounts the channels of ``gate``. ``proxies``: our own, whose word on where a request came from is believed."""
    app[GATE], app[PROXIES] = gate, Proxies(proxies)
    app.router.add_route("*", "/channels/{name}/{token}", _hop)
    app.router.add_route("*", "/channels/{name}/{token}/events", _event)


async def _hop(http: web.Request) -> web.Response:
    line = _line(http)
    return answer(await hop(http.app[GATE], line, await request_of(http), lambda: _given_up(http)))


def _given_up(http: web.Request) -> bool:
    return http.transport is None or http.transport.is_closing()


async def _event(http: web.Request) -> web.Response:
    gate = http.app[GATE]
    line = _line(http)
    try:
        await close(gate, line, line.adapter.closed(await request_of(http)))
    except Rejected as rejected:
        return answer(refused(gate, line, rejected))
    except StoreDown:
        return web.Response(status=503, text="The session store does not answer. Send this notice again.\n")
    return web.Response(text="OK\n")


def _line(http: web.Request) -> Line:
    line = line_of(http.app[GATE], http.match_info["name"], http.match_info["token"])
    if line is None:
        raise web.HTTPNotFound(text="No channel answers here. Check the callback address.\n")
    return line


async def request_of(http: web.Request) -> Request:
    """The request as adapters read it."""
    forwarded = ",".join(http.headers.getall("X-Forwarded-For", []))
    return Request(
        method=http.method,
        path=f"/channels/{http.match_info['name']}",
        headers=http.headers,
        query=http.query_string,
        body=await http.read(),
        remote=http.app[PROXIES].caller(http.remote or "", forwarded),
    )


def answer(response: Response) -> web.Response:
    """An adapter's answer as it goes out."""
    headers = {**response.headers, "Content-Type": response.content_type}
    return web.Response(status=response.status, body=response.body, headers=headers)
