"""Whatever bytes come: the front answers as aiohttp alone would, takes nothing that can be read in two ways, and loses
none. Odd requests are played to both, side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from fronts import FORM, PATH, Answer, Gate, body, connected, front, on_both_loops, plain, request
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.web import heads, hops
from gateway.web.app import LIMIT
from gateway.web.caller import Proxies
from gateway.web.entrance import Entrance, Times

SENT = body("1")
LENGTH = f"Content-Length: {len(SENT)}"


def raw(*lines: str, start: str = f"POST {PATH} HTTP/1.1", sent: bytes = SENT) -> bytes:
    return "\r\n".join([start, *lines, "", ""]).encode("latin-1") + sent


CHUNKED = b"%x\r\n%b\r\n0\r\n\r\n" % (len(SENT), SENT)
SMUGGLED = {
    "two lengths": raw("Host: a", FORM, LENGTH, "Content-Length: 5"),
    "one length twice": raw("Host: a", FORM, LENGTH, LENGTH),
    "two lengths in one": raw("Host: a", FORM, f"{LENGTH}, 5"),
    "a length and chunks": raw("Host: a", FORM, LENGTH, "Transfer-Encoding: chunked", sent=CHUNKED),
    "a length and odd chunks": raw("Host: a", FORM, LENGTH, "Transfer-Encoding : chunked", sent=CHUNKED),
    "chunks by another name": raw("Host: a", FORM, "Transfer-Encoding: xchunked", LENGTH),
    "a length with a sign": raw("Host: a", FORM, f"Content-Length: +{len(SENT)}"),
    "a length in blanks": raw("Host: a", FORM, f"Content-Length: {len(SENT)} 0"),
    "a length in other figures": raw("Host: a", FORM, "Content-Length: \xb2\xb3"),
    "a length below nothing": raw("Host: a", FORM, "Content-Length: -1"),
    "an empty length": raw("Host: a", FORM, "Content-Length:"),
    "a blank before the colon": raw("Host: a", FORM, f"Content-Length : {len(SENT)}"),
    "a folded line": raw("Host: a", FORM, "X-A: 1", " Content-Length: 3", LENGTH),
    "a line folded by a tab": raw("Host: a", FORM, "X-A: 1", "\t2", LENGTH),
    "a NUL": raw("Host: a", FORM, "X-A: 1\0", LENGTH),
    "a bare line feed": raw("Host: a", FORM, f"X-A: 1\n{LENGTH}"),
    "a bare carriage return": raw("Host: a", FORM, f"X-A: 1\r{LENGTH}"),
    "a name that is none": raw("Host: a", FORM, "X(A): 1", LENGTH),
    "no name": raw("Host: a", FORM, ": 1", LENGTH),
    "no colon": raw("Host: a", FORM, "X-A", LENGTH),
    "a blank before everything": raw(" Host: a", FORM, LENGTH),
    "two hosts": raw("Host: a", "Host: b", FORM, LENGTH),
    "an address with a blank": raw("Host: a", FORM, LENGTH, start=f"POST {PATH} /x HTTP/1.1"),
    "two blanks": raw("Host: a", FORM, LENGTH, start=f"POST  {PATH} HTTP/1.1"),
    "another version": raw("Host: a", FORM, LENGTH, start=f"POST {PATH} HTTP/1.2"),
    "a version of two figures": raw("Host: a", FORM, LENGTH, start=f"POST {PATH} HTTP/1.10"),
    "another protocol": raw("Host: a", FORM, LENGTH, start=f"POST {PATH} ICE/1.1"),
}
UNUSUAL = {
    "no host": raw(FORM, LENGTH),
    "no length": raw("Host: a", FORM, sent=b""),
    "another method": raw("Host: a", FORM, LENGTH, start=f"PUT {PATH} HTTP/1.1"),
    "a method in small letters": raw("Host: a", FORM, LENGTH, start=f"post {PATH} HTTP/1.1"),
    "a query": raw("Host: a", FORM, LENGTH, start=f"POST {PATH}?a=b HTTP/1.1"),
    "a whole address": raw("Host: a", FORM, LENGTH, start=f"POST http://a{PATH} HTTP/1.1"),
    "a coded address": raw("Host: a", FORM, LENGTH, start="POST /channels/ussd/%74oken HTTP/1.1"),
    "an address below": raw("Host: a", FORM, LENGTH, start=f"POST {PATH}/more HTTP/1.1"),
    "a slash at the end": raw("Host: a", FORM, LENGTH, start=f"POST {PATH}/ HTTP/1.1"),
    "another channel": raw("Host: a", FORM, LENGTH, start="POST /channels/sms/token HTTP/1.1"),
    "another token": raw("Host: a", FORM, LENGTH, start="POST /channels/ussd/tokem HTTP/1.1"),
    "a page": raw("Host: a", start="GET /healthz HTTP/1.1", sent=b""),
    "chunks": raw("Host: a", FORM, "Transfer-Encoding: chunked", sent=CHUNKED),
    "a packed body": raw("Host: a", FORM, LENGTH, "Content-Encoding: gzip"),
    "an expectation": raw("Host: a", FORM, LENGTH, "Expect: something"),
    "another protocol to go on with": raw("Host: a", FORM, LENGTH, "Connection: Upgrade", "Upgrade: websocket"),
    "more than one wish for the connection": raw("Host: a", FORM, LENGTH, "Connection: keep-alive, TE", "TE: trailers"),
    "letters beyond ASCII": raw("Host: a", FORM, LENGTH, "X-A: \xe9"),
    "an old web socket": raw("Host: a", FORM, LENGTH, "Sec-WebSocket-Key1: 1"),
    "many lines": raw("Host: a", FORM, LENGTH, *[f"X-{n}: 1" for n in range(100)]),
    "too many lines": raw("Host: a", FORM, LENGTH, *[f"X-{n}: 1" for n in range(200)]),
    "a long line": raw("Host: a", FORM, LENGTH, f"X-A: {'1' * 8000}"),
    "too long a line": raw("Host: a", FORM, LENGTH, f"X-A: {'1' * 9000}"),
    "an address without an end": raw("Host: a", FORM, LENGTH, start=f"POST {PATH}{'1' * 9000} HTTP/1.1"),
    "more behind the last request": request("1", "Connection: close") + SENT,
    "too long a body": raw("Host: a", FORM, f"Content-Length: {LIMIT + 1}", sent=b"x" * (LIMIT + 1)),
}  # fmt: skip
USUAL = {
    "a provider's": request("1"),
    "through a proxy": request("1", "X-Forwarded-For: 1.2.3.4", "X-Real-IP: 1.2.3.4", "Connection: close"),
    "as HTTP/1.0": request("1", version="1.0"),
    "no blank after the colon": raw("Host:a", FORM, LENGTH.replace(": ", ":")),
    "more blanks after the colon": raw("Host: \t a  ", FORM, LENGTH.replace(": ", ":  \t")),
    "a length with noughts": raw("Host: a", FORM, LENGTH.replace(": ", ": 000")),
    "an empty line of nothing": raw("Host: a", FORM, LENGTH, "X-A:"),
    "names in capitals": raw("HOST: a", FORM.upper(), LENGTH.upper()),
    "no type": raw("Host: a", LENGTH),
    "another type": raw("Host: a", LENGTH, "Content-Type: application/json"),
    "no body": raw("Host: a", FORM, "Content-Length: 0", sent=b""),
    "a body that is no form": raw("Host: a", FORM, "Content-Length: 4", sent=b"\xff\0%="),
}


async def told(port: int, sent: bytes, patience: float) -> Answer | None:
    """The answer; None if there is none in so many seconds, or the connection is closed without one."""
    async with connected(port) as line:
        line.writer.write(sent)
        try:
            return await asyncio.wait_for(line.answer(), patience)
        except (TimeoutError, asyncio.IncompleteReadError, ConnectionError):
            return None


def one_of(sent: bytes) -> bytes:
    """The first request only: of two at once of which the second is none, aiohttp alone answers the second."""
    found = heads.read(head_of(sent))
    return sent[: len(head_of(sent)) + found.length] if found else sent


async def alike(ports: Sequence[int], sent: bytes) -> None:
    alone = await told(ports[1], sent, 0.2)
    ours = await told(ports[0], sent, 20 if alone else 0.2)
    assert (alone is None) == (ours is None), sent
    if alone and ours:
        assert (ours.status, ours.body) == (alone.status, alone.body), sent
        names = ("content-type", "connection", "allow", "content-length")
        assert [ours.headers.get(name) for name in names] == [alone.headers.get(name) for name in names], sent


@on_both_loops
async def test_what_is_odd_is_answered_as_by_aiohttp_alone(gate: Gate) -> None:
    async with front(gate) as ours, plain(gate) as alone:
        for sent in (*SMUGGLED.values(), *UNUSUAL.values(), *USUAL.values()):
            await alike((ours, alone), sent)


def test_every_beginning_of_a_head_is_waited_for_and_no_other() -> None:
    for sent in USUAL.values():
        head = head_of(sent)
        assert all(heads.may_begin(head[:end]) for end in range(len(head)))
    for wrong in (b"GET", b"POST /channelz", b"POST /channels/a b c", b"POST /channels/a HTTP/1.1\r\nX\0", b"\r\n"):
        assert not heads.may_begin(wrong)


def head_of(sent: bytes) -> bytes:
    return sent.partition(heads.END)[0] + heads.END


@pytest.mark.parametrize("sent", SMUGGLED.values(), ids=SMUGGLED)
def test_what_can_be_read_in_two_ways_is_not_taken(sent: bytes) -> None:
    assert heads.read(head_of(sent)) is None


@pytest.mark.parametrize("sent", USUAL.values(), ids=USUAL)
def test_what_providers_send_is_taken(sent: bytes) -> None:
    found = heads.read(head_of(sent))
    assert found and (found.name, found.token, found.path) == ("ussd", "token", "/channels/ussd")
    assert found.length == len(sent.partition(heads.END)[2])


PLAIN = (
    "Host: a",
    "host:b",
    FORM,
    LENGTH,
    "Content-Length: 5",
    "content-length: 0",
    "X-A: 1",
    "Content-Type: text/plain",
)
WISHES = ("Connection: close", "Connection: keep-alive", "Connection: x", "Expect: 100-continue", "Upgrade: h2c")
STRANGE = (
    "Transfer-Encoding: chunked",
    "Content-Encoding: identity",
    "X-A",
    " X: 2",
    "Sec-A: b",
    "X: \xe9",
    "X: \x01",
    "",
)
LINES = st.sampled_from((*PLAIN, *WISHES, *STRANGE))
STARTS = st.sampled_from(
    [f"POST {PATH} HTTP/1.1"] * 5
    + [f"POST {PATH} HTTP/1.0", f"GET {PATH} HTTP/1.1", "POST /channels/ussd/x HTTP/1.1", f"POST {PATH}# HTTP/1.1"]
)


@st.composite
def odd(draw: Any) -> bytes:
    """A request made of lines as they come, or a good one in which some bytes are others."""
    if draw(st.booleans()):
        return raw(*draw(st.lists(LINES, max_size=6)), start=draw(STARTS))
    sent = bytearray(draw(st.sampled_from(list(USUAL.values()))))
    for _ in range(draw(st.integers(1, 2))):
        sent[draw(st.integers(0, len(sent) - 1))] = draw(st.sampled_from(b"\r\n\t\0 :,;=%&+-0159azAZ\x7f\xff"))
    return bytes(sent)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(many=st.lists(odd(), min_size=4, max_size=4))
def test_any_request_is_answered_as_by_aiohttp_alone(monkeypatch: pytest.MonkeyPatch, many: list[bytes]) -> None:
    async def play() -> None:
        gate = Gate()
        monkeypatch.setattr(hops, "turn", gate.turn)
        async with front(gate) as ours, plain(gate) as alone:
            for sent in map(one_of, many):
                await alike((ours, alone), sent)

    asyncio.run(play())


# -- without sockets, so that every piece is as the test cuts it ------------------------------------------------------


class Line(asyncio.Transport):
    """What the front writes, and what it hands over to whom."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []
        self.handed = b""
        self.reading = True
        self.protocol: Any = None

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return ("192.0.2.1", 1) if name == "peername" else default

    def is_closing(self) -> bool:
        return self.protocol == "closed"

    def write(self, data: Any) -> None:
        self.written.append(data)

    def close(self) -> None:
        self.protocol = "closed"

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def set_protocol(self, protocol: Any) -> None:
        self.protocol = protocol

    def connection_made(self, transport: Any) -> None:
        assert transport is self

    def data_received(self, data: bytes) -> None:
        self.handed += data


def begun(gate: Gate, line: Line, times: Times | None = None) -> Any:
    """A front on this line, which is aiohttp's too."""
    made = Entrance(lambda: line, gate, Proxies(), times)()  # type: ignore[arg-type,return-value]
    made.connection_made(line)
    return made


async def settled(made: Any) -> None:
    while made.busy:
        await asyncio.sleep(0)


@on_both_loops
async def test_every_cut_of_a_request(gate: Gate) -> None:
    line = Line()
    made = begun(gate, line)
    sent = request("1", "X-A: b")
    for cut in range(1, len(sent)):
        made.data_received(sent[:cut])
        made.data_received(sent[cut:])
        await settled(made)
    assert len(line.written) == len(sent) - 1
    assert {answer.rpartition(b"\r\n")[2] for answer in line.written} == {b"CON heard 1"}
    assert [one.body for one in gate.asked] == [body("1")] * (len(sent) - 1)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    parts=st.lists(st.sampled_from(list(USUAL.values())) | odd() | st.binary(max_size=40), max_size=4),
    cuts=st.lists(st.integers(0, 2000), max_size=6),
)
def test_no_byte_is_lost(monkeypatch: pytest.MonkeyPatch, parts: list[bytes], cuts: list[int]) -> None:
    """What was not answered is handed over or still waits; what was answered is the beginning of what came."""
    everything = b"".join(parts)

    async def play() -> None:
        gate, line = Gate(), Line()
        monkeypatch.setattr(hops, "turn", gate.turn)
        made = begun(gate, line)
        at = [0, *sorted(cut for cut in cuts if cut < len(everything)), len(everything)]
        for start, end in pairwise(at):
            if start < end and line.protocol != "closed":
                (made if line.protocol is None else line).data_received(everything[start:end])
            await settled(made)
        if line.protocol == "closed":  # an answer after which the connection was to be closed
            return
        left = line.handed if line.protocol is line else bytes(made._unread)
        answered = everything[: len(everything) - len(left)]
        assert everything.endswith(left)
        assert len(line.written) == len(gate.asked)
        for one in gate.asked:
            head, end, rest = answered.partition(heads.END)
            assert heads.read(head + end) and rest.startswith(one.body)
            answered = rest[len(one.body) :]
        assert answered == b""

    asyncio.run(play())


@on_both_loops
async def test_it_reads_no_further_than_there_is_room(gate: Gate) -> None:
    gate.hold = asyncio.Event()
    line = Line()
    made = begun(gate, line)
    many = request("1") * (LIMIT // len(request("1")) + 2)
    made.data_received(many)
    made.data_received(b"")
    assert not line.reading, "there is more than a full request behind the one that is being answered"
    gate.hold.set()
    await settled(made)
    assert line.reading and len(line.written) == many.count(b"POST")


@on_both_loops
async def test_who_does_not_read_is_not_answered_further(gate: Gate) -> None:
    line = Line()
    made = begun(gate, line)
    made.pause_writing()
    assert not line.reading
    made.data_received(request("1") + request("2"))  # what was on its way
    assert not made.busy
    made.resume_writing()
    await settled(made)
    assert line.reading and [hop.text for hop in gate.heard] == ["1", "2"]


@on_both_loops
async def test_what_waits_is_bounded(gate: Gate) -> None:
    line = Line()
    made = begun(gate, line)
    head = b"POST /channels/ussd/token HTTP/1.1\r\nX: "
    made.data_received(head + b"a" * (heads.LIMIT - len(head) - 1))
    assert line.protocol is None and not line.handed
    made.data_received(b"a")
    assert line.protocol is line and len(line.handed) == heads.LIMIT
