"""Whatever bytes come: the front answers as aiohttp alone would, takes nothing that can be read in two ways, and loses
none. Odd requests are played to both, side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from fronts import Answer, Gate, connected, front, on_both_loops, plain
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from odd_requests import SMUGGLED, UNUSUAL, USUAL, odd

from gateway.web import heads, hops


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
