"""The short way of a hop, by real sockets: what it answers itself, what it hands to aiohttp, and how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
from unittest.mock import Mock

import pytest
from fronts import Gate, app, body, connected, front, on_both_loops, request

from gateway.web import entrance, hops, serving
from gateway.web.app import LIMIT
from gateway.web.caller import Proxies
from gateway.web.entrance import Times
from gateway.web.listening import listen
from gateway.web.serving import reached

PAGE = b"GET /healthz HTTP/1.1\r\nHost: here\r\n\r\n"
OURS = "server"  # a header that aiohttp sends and the front does not: tells who has answered


@on_both_loops
async def test_hops_on_one_connection(gate: Gate) -> None:
    async with front(gate) as port, connected(port) as line:
        for text in ("", "1", "1*2"):
            answer = await line.ask(request(text))
            assert (answer.status, answer.body) == (200, f"CON heard {text}".encode())
            assert OURS not in answer.headers
            assert answer.headers["content-type"] == "text/plain; charset=utf-8"
            assert re.fullmatch("[0-9a-f]{12}", answer.headers["x-request-id"])
    assert [hop.text for hop in gate.heard] == ["", "1", "1*2"]
    asked = gate.asked[-1]
    assert (asked.method, asked.path, asked.query, asked.body) == ("POST", "/channels/ussd", "", body("1*2"))
    assert (asked.remote, asked.headers["HOST"]) == ("127.0.0.1", "here")


@on_both_loops
async def test_a_page_between_two_hops(gate: Gate) -> None:
    async with front(gate) as port, connected(port) as line:
        assert OURS not in (await line.ask(request("1"))).headers
        page = await line.ask(PAGE)
        assert (page.status, page.body) == (200, b"ok\n")
        later = await line.ask(request("2"))
        assert (later.status, later.body, OURS in later.headers) == (200, b"CON heard 2", True)


@on_both_loops
async def test_requests_sent_together_are_answered_one_by_one_in_order(gate: Gate) -> None:
    gate.hold = asyncio.Event()
    async with front(gate) as port, connected(port) as line:
        line.writer.write(request("1") + request("2") + PAGE)
        await gate.begun.wait()
        async with connected(port) as other:
            assert (await other.ask(PAGE)).status == 200
        assert [hop.text for hop in gate.heard] == ["1"], "the second waits for the first"
        gate.hold.set()
        assert [(await line.answer()).body for _ in range(3)] == [b"CON heard 1", b"CON heard 2", b"ok\n"]


@on_both_loops
async def test_byte_by_byte(gate: Gate) -> None:
    async with front(gate) as port, connected(port) as line:
        for byte in request("1*2"):
            line.writer.write(bytes([byte]))
            await line.writer.drain()
        answer = await line.answer()
        assert (answer.body, OURS in answer.headers) == (b"CON heard 1*2", False)


@on_both_loops
async def test_how_long_the_connection_stays(gate: Gate) -> None:
    async with front(gate) as port:
        for version, more, says in (
            ("1.1", ["Connection: close"], "close"),
            ("1.0", [], None),
            ("1.0", ["Connection: Close"], None),
        ):
            async with connected(port) as line:
                answer = await line.ask(request("1", *more, version=version))
                assert (answer.body, answer.headers.get("connection")) == (b"CON heard 1", says)
                assert await line.ends()
        for version, more, says in (("1.0", ["Connection: Keep-Alive"], "keep-alive"), ("1.1", [], None)):
            async with connected(port) as line:
                for _ in range(2):
                    answer = await line.ask(request("1", *more, version=version))
                    assert (answer.body, answer.headers.get("connection")) == (b"CON heard 1", says)


@on_both_loops
async def test_our_proxy_is_believed(gate: Gate) -> None:
    async with front(gate, proxies=("127.0.0.0/8",)) as port, connected(port) as line:
        assert OURS not in (await line.ask(request("1", "X-Forwarded-For: 6.6.6.6, 198.51.100.1"))).headers
    assert gate.asked[0].remote == "198.51.100.1"


@on_both_loops
async def test_a_request_that_does_not_end_and_a_connection_that_says_nothing(gate: Gate) -> None:
    gate.hold = asyncio.Event()
    async with front(gate, Times(idle=0.05, whole=0.05)) as port, contextlib.AsyncExitStack() as stack:
        busy, half, head, silent, kept = [await stack.enter_async_context(connected(port)) for _ in range(5)]
        gate.hold.set()
        assert (await kept.ask(request("1"))).status == 200
        gate.hold.clear()
        busy.writer.write(request("2"))
        half.writer.write(request("3")[:-1])
        head.writer.write(request("4")[:20])
        for line in (half, head, silent, kept):
            assert await line.ends()
        gate.hold.set()
        assert (await busy.answer()).body == b"CON heard 2", "who is being answered is not idle"
    assert [hop.text for hop in gate.heard] == ["1", "2"]


@on_both_loops
async def test_a_turn_that_fails_is_an_apology_and_an_answer_that_fails_is_told(gate: Gate) -> None:
    gate.fails = KeyError("4729")
    async with front(gate) as port, connected(port) as line:
        assert (await line.ask(request("1"))).body == b"END Sorry"
        gate.fails = None
        for text in ("broken", "folded"):
            broken = await line.ask(request(text))
            assert broken.status == 500 and b"4729" not in broken.body
            assert broken.headers["x-request-id"].encode() in broken.body
        assert (await line.ask(request("1"))).body == b"CON heard 1", "the connection goes on"
        refused = await line.ask(request("1").replace(b"text=", b"next="))
        assert (refused.status, OURS in refused.headers) == (400, False)
        assert refused.body.endswith(b"(text is missing)")


@on_both_loops
async def test_who_went_away_is_not_answered(gate: Gate) -> None:
    gate.hold = asyncio.Event()
    async with front(gate) as port:
        async with connected(port) as line:
            line.writer.write(request("1"))
            await gate.begun.wait()
            assert not gate.gone()
        async with asyncio.timeout(10):
            while not gate.gone():
                async with connected(port) as other:
                    assert (await other.ask(PAGE)).status == 200
        gate.hold.set()
        async with connected(port) as other:
            assert (await other.ask(request("2"))).body == b"CON heard 2"
    assert gate.over == ["answered", "answered"]


@pytest.mark.parametrize("lost", ["while it is answered", "after that"])
async def test_a_lost_connection_is_kept_until_its_request_is_answered(
    monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    gate = Gate(hold=asyncio.Event())
    monkeypatch.setattr(hops, "turn", gate.turn)
    made = entrance.Entrance(None, gate, Proxies())  # type: ignore[arg-type]
    one, transport = made(), Mock(asyncio.Transport)
    transport.get_extra_info.return_value = ("127.0.0.1", 1)
    transport.is_closing.return_value = False
    one.connection_made(transport)
    one.data_received(request("1"))
    await gate.begun.wait()
    if lost == "while it is answered":
        transport.is_closing.return_value = True
        one.connection_lost(None)
    assert made.fronts == {one}, "who stops the process waits for it"
    assert gate.hold and one.task
    gate.hold.set()
    await one.task
    if lost == "after that":
        assert made.fronts == {one}
        one.connection_lost(None)
    assert made.fronts == set()


@on_both_loops
async def test_what_was_given_up_before_it_was_accepted_is_not_heard(gate: Gate) -> None:
    (listening,) = listen("127.0.0.1", 0, 1)
    for number in range(20):
        with socket.create_connection(listening.getsockname()) as gone:
            gone.sendall(request(f"gone {number}".replace(" ", "+")))
    waiting = socket.create_connection(listening.getsockname())
    waiting.sendall(request("waiting"))
    async with reached(app(gate), listening):
        reader, writer = await asyncio.open_connection(sock=waiting)
        assert await reader.readuntil(b"heard waiting")
        writer.close()
    assert [hop.text for hop in gate.heard] == ["waiting"]


@on_both_loops
async def test_told_to_stop_it_answers_what_is_under_way_and_nothing_else(gate: Gate) -> None:
    gate.hold = asyncio.Event()
    house = contextlib.AsyncExitStack()
    port = await house.enter_async_context(front(gate))
    async with contextlib.AsyncExitStack() as stack:
        busy, idle, half, paged = [await stack.enter_async_context(connected(port)) for _ in range(4)]
        assert (await paged.ask(PAGE)).status == 200
        half.writer.write(request("9")[:-1])
        busy.writer.write(request("1") + request("2"))
        await gate.begun.wait()
        stopped = asyncio.ensure_future(house.aclose())
        for line in (idle, half, paged):
            assert await line.ends()
        with pytest.raises(OSError, match=r".+"):
            async with connected(port):
                pass
        assert not stopped.done()
        gate.hold.set()
        assert (await busy.answer()).body == b"CON heard 1"
        assert await busy.ends()
        await stopped
    assert [hop.text for hop in gate.heard] == ["1"]


def test_who_takes_too_long_to_stop_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "LINGER", 0.05)

    async def play() -> None:
        gate = Gate(hold=asyncio.Event())
        monkeypatch.setattr(hops, "turn", gate.turn)
        async with front(gate) as port:
            stack = contextlib.AsyncExitStack()
            line = await stack.enter_async_context(connected(port))
            line.writer.write(request("1"))
            await gate.begun.wait()
        assert gate.over == ["CancelledError"]
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await line.answer()
        await stack.aclose()

    asyncio.run(play())


# -- what is not for the front ----------------------------------------------------------------------------------------


@on_both_loops
async def test_the_longest_body_is_heard_and_one_that_is_longer_is_not(gate: Gate) -> None:
    head = "POST /channels/ussd/token HTTP/1.1\r\nHost: here\r\nContent-Length: {}\r\n\r\n"
    async with front(gate) as port, connected(port) as line:
        answer = await line.ask(head.format(LIMIT).encode() + b"x" * LIMIT)
        assert (answer.status, OURS in answer.headers) == (400, False)
        answer = await line.ask(head.format(LIMIT + 1).encode())
        assert (answer.status, answer.body) == (413, b"A request may have at most 64 KiB.\n")
    assert len(gate.asked) == 1


def test_the_heads_that_are_kept_are_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entrance, "MANY", 8)

    async def play() -> None:
        made = entrance.Entrance(None, Gate(), None)  # type: ignore[arg-type]
        heads = [request("", f"X-Number: {n}").partition(b"\r\n\r\n")[0] + b"\r\n\r\n" for n in range(50)]
        for head in heads:
            assert made.known(head) is made.heads[head]
            assert made.known(head.replace(b"/token", b"/tokem")) is None
        assert len(made.heads) <= 8

    asyncio.run(play())
