"""The front without sockets, so that every piece of a request is as the test cuts it: no byte is lost, none waits."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Any

import pytest
from fronts import Gate, body, on_both_loops, request
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from odd_requests import USUAL, odd

from gateway.web import heads, hops
from gateway.web.app import LIMIT
from gateway.web.caller import Proxies
from gateway.web.entrance import Entrance, Times


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
