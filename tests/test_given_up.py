"""A request that its provider gave up, as when no process was there to take it: it does not end the call after it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from urllib.parse import urlencode

import pytest
import uvloop
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from staging import CODE, PHONE, Pace, Stage

from adapters.channel import Hop
from gateway.store.state import Held
from gateway.turn import turn
from gateway.web import channels
from gateway.web.listening import listen
from gateway.web.serving import reached

LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


def request(session: str) -> bytes:
    form = {"sessionId": session, "serviceCode": CODE, "phoneNumber": PHONE, "networkCode": "63902", "text": ""}
    body = urlencode(form).encode()
    head = "POST /channels/ussd/token HTTP/1.1\r\nHost: here\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def sent(listening: socket.socket, session: str) -> socket.socket:
    """A connection that nobody has accepted yet, with a whole request in it."""
    connection = socket.create_connection(listening.getsockname()[:2])
    connection.sendall(request(session))
    return connection


async def screen(connection: socket.socket) -> bytes:
    reader, writer = await asyncio.open_connection(sock=connection)
    found = await reader.readuntil(b"8 Settings")
    writer.close()
    return found


@pytest.mark.parametrize("loop", LOOPS.values(), ids=LOOPS)
def test_what_was_given_up_in_the_queue_is_not_taken(
    valkey_url: str, loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    (listening,) = listen("127.0.0.1", 0, 1)
    for number in range(20):  # as after the kill of a process with many calls
        sent(listening, f"gone-{number}").close()
    waiting = sent(listening, "waiting")

    async def play() -> None:
        stage = Stage(valkey_url)
        app = web.Application()
        channels.routes(app, stage.gate)
        async with reached(app, listening):
            assert b"CON Jamii" in await screen(waiting)
        held = await stage.gate.sessions.load("ussd", CODE, PHONE)
        assert held.state is not None and held.state.provider == "waiting" and held.state.superseded == []
        assert [(entry.event, entry.turn) for entry in await stage.journal()] == [("dial", 1)]
        await stage.close()

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(play())


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(schedule=st.lists(st.integers(0, 1), max_size=16))
def test_a_dial_that_is_given_up_while_it_is_taken_does_not_end_the_next_call(
    valkey_url: str, schedule: list[int]
) -> None:
    """Its user gave up before the next call came to us; the first dial has looked into the store by then, or not."""

    async def play() -> None:
        stage = Stage(valkey_url)
        await stage.redis.flushall()
        pace, first, second = Pace(), stage.another_gate(), stage.another_gate()
        came, look = asyncio.Event(), second.sessions.load

        async def come(*at: str) -> Held:
            came.set()
            return await look(*at)

        second.sessions.load = come  # type: ignore[method-assign]
        pace.watch(first, 0)
        pace.watch(second, 1)
        slow = turn(first, first.lines["ussd"], Hop(PHONE, CODE, "S1", ""), came.is_set)
        await pace.run([slow, stage.hop("", "S2", gate=second)], schedule)
        assert "Shall we call you" in (await stage.hop("5", "S2")).text
        await stage.check_journal()
        await stage.close()

    asyncio.run(play())
