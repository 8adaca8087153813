"""Where providers call: ``/channels/<name>/<token>`` and its ``/events``. Bytes in, adapter, turn, bytes out."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Sequence

from aiohttp import web

from adapters.channel import Rejected, Request, Response
from gateway.gate import Gate, Line
from gateway.store.sessions import StoreDown
from gateway.turn import close, turn
from gateway.web.caller import caller

log = logging.getLogger("njia.channels")
GATE: web.AppKey[Gate] = web.AppKey("gate", Gate)
PROXIES: web.AppKey[tuple[str, ...]] = web.AppKey("proxies")


def routes(app: web.Application, gate: Gate, proxies: Sequence[str] = ()) -> None:
    """Mounts the channels of ``gate``. ``proxies``: our own, whose word on where a request came from is believed."""
    app[GATE], app[PROXIES] = gate, tuple(proxies)
    app.router.add_route("*", "/channels/{name}/{token}", _hop)
    app.router.add_route("*", "/channels/{name}/{token}/events", _event)


async def _hop(http: web.Request) -> web.Response:
    gate = http.app[GATE]
    line = _line(gate, http)
    try:
        hop = line.adapter.receive(await _request(http))
    except Rejected as rejected:
        return _refused(gate, line, rejected)
    if _given_up(http):
        return web.Response(status=408)
    began = gate.loop_time()
    try:
        reply = await turn(gate, line, hop, lambda: _given_up(http))
    except Exception as error:  # noqa: BLE001 - a flow that fails must not leave the client with an empty screen
        log.error("turn failed on %s: %s", line.name, _where(error))
        gate.metrics.failed(line.name)
        reply = gate.apology(line)
    gate.metrics.took(line.name, gate.loop_time() - began)
    return _answer(line.adapter.answer(reply))


def _given_up(http: web.Request) -> bool:
    """Whether nobody waits for the answer any more, as when a request lay in the queue of a process that was killed.

    The provider has repeated it, or its user has dialled again: taken now, it could only put an end to that call.
    """
    return http.transport is None or http.transport.is_closing()


async def _event(http: web.Request) -> web.Response:
    gate = http.app[GATE]
    line = _line(gate, http)
    try:
        await close(gate, line, line.adapter.closed(await _request(http)))
    except Rejected as rejected:
        return _refused(gate, line, rejected)
    except StoreDown:
        return web.Response(status=503, text="The session store does not answer. Send this notice again.\n")
    return web.Response(text="OK\n")


def _line(gate: Gate, http: web.Request) -> Line:
    """The channel that the path names. An unknown name and a wrong token look the same."""
    line = gate.lines.get(http.match_info["name"])
    token = http.match_info["token"]
    if line is None or not hmac.compare_digest(line.token.encode(), token.encode()):
        raise web.HTTPNotFound(text="No channel answers here. Check the callback address.\n")
    return line


async def _request(http: web.Request) -> Request:
    proxies: tuple[str, ...] = http.app[PROXIES]
    return Request(
        method=http.method,
        path=f"/channels/{http.match_info['name']}",
        headers=http.headers,
        query=http.query_string,
        body=await http.read(),
        remote=caller(http, proxies),
    )


def _refused(gate: Gate, line: Line, rejected: Rejected) -> web.Response:
    gate.metrics.rejected(line.name)
    log.warning("refused on %s: %s", line.name, rejected.reason)
    return _answer(line.adapter.refuse(rejected))


def _answer(response: Response) -> web.Response:
    headers = {**response.headers, "Content-Type": response.content_type}
    return web.Response(status=response.status, body=response.body, headers=headers)


def _where(error: BaseException) -> str:
    """Type and place of an error, never its text: that may quote what a client typed."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename.rsplit('/', 2)[-1]}:{trace.tb_lineno}" if trace else "?"
    return f"{type(error).__name__} at {place}"
