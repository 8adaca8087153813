"""What a provider sent, and what goes back: adapter, turn, adapter. Whoever speaks HTTP for us comes here with it."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable
from time import perf_counter

from adapters.channel import Rejected, Request, Response
from gateway.gate import Gate, Line
from gateway.turn import turn

log = logging.getLogger("njia.channels")
GIVEN_UP = Response(408)


def line_of(gate: Gate, name: str, token: str) -> Line | None:
    """The channel of this name. An unknown name and a wrong token look the same: None."""
    line = gate.lines.get(name)
    if line is None or not hmac.compare_digest(line.token.encode(), token.encode()):
        return None
    return line


async def hop(gate: Gate, line: Line, request: Request, given_up: Callable[[], bool]) -> Response:
    """The answer to one request of a session.

    ``given_up``: whether nobody waits for the answer any more, as when a request lay in the queue of a process that was
    killed. The provider has repeated it, or its user has dialled again: taken now, it could only put an end to that
    call.
    """
    try:
        heard = line.adapter.receive(request)
    except Rejected as rejected:
        return refused(gate, line, rejected)
    if given_up():
        return GIVEN_UP
    began = perf_counter()
    try:
        reply = await turn(gate, line, heard, given_up)
    except Exception as error:  # noqa: BLE001 - a flow that fails must not leave the client with an empty screen
        log.error("turn failed on %s: %s", line.name, _where(error))
        gate.metrics.failed(line.name)
        reply = gate.apology(line)
    gate.metrics.took(line.name, perf_counter() - began)
    return line.adapter.answer(reply)


def refused(gate: Gate, line: Line, rejected: Rejected) -> Response:
    """The answer to a request that the provider cannot have sent."""
    gate.metrics.rejected(line.name)
    log.warning("refused on %s: %s", line.name, rejected.reason)
    return line.adapter.refuse(rejected)


def _where(error: BaseException) -> str:
    """Type and place of an error, never its text: that may quote what a client typed."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_filename.rsplit('/', 2)[-1]}:{trace.tb_lineno}" if trace else "?"
    return f"{type(error).__name__} at {place}"
