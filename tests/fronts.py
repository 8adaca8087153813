"""A gate behind the real front, the real adapter and aiohttp, whose turns a test hears and holds."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import uvloop
from aiohttp import web

from adapters import discover
from adapters.channel import ChannelSettings, Hop, Reply, Request, Response
from gateway.gate import Line
from gateway.metrics import Metrics
from gateway.web import channels, hops
from gateway.web.app import application
from gateway.web.entrance import Times
from gateway.web.listening import listen
from gateway.web.serving import reached

CODE, PATH = "*384*7#", "/channels/ussd/token"
FORM = "Content-Type: application/x-www-form-urlencoded"
LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
PATIENCE = 20.0  # seconds for what must come


def body(text: str = "", session: str = "S1") -> bytes:
    return f"sessionId={session}&serviceCode=*384*7%23&phoneNumber=%2B254700000001&text={text}".encode()


def request(text: str = "", *more: str, version: str = "1.1") -> bytes:
    """A hop as a provider sends it, with ``more`` header lines."""
    sent = body(text)
    lines = [f"POST {PATH} HTTP/{version}", "Host: here", FORM, f"Content-Length: {len(sent)}", *more, "", ""]
    return "\r\n".join(lines).encode() + sent


@dataclass
class Gate:
    """Answers each hop by what it heard. ``hold``: turns wait for it."""

    hold: asyncio.Event | None = None
    fails: BaseException | None = None
    heard: list[Hop] = field(default_factory=list)
    asked: list[Request] = field(default_factory=list)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    over: list[str] = field(default_factory=list)  # how the turns ended
    gone: Callable[[], bool] = lambda: False  # of the last turn
    metrics: Metrics = field(default_factory=Metrics)

    def __post_init__(self) -> None:
        self.adapter: Any = discover.channel(ChannelSettings("ussd", "ussd/africastalking", "KE", (CODE,)))
        self.lines = {"ussd": Line("ussd", _Heard(self), None, "token")}  # type: ignore[arg-type]

    def loop_time(self) -> float:
        return asyncio.get_running_loop().time()

    def apology(self, line: Line) -> Reply:
        return Reply("Sorry", more=False)

    async def turn(self, gate: Any, line: Line, hop: Hop, gone: Callable[[], bool]) -> Reply:
        self.heard.append(hop)
        self.gone = gone
        self.begun.set()
        try:
            if self.hold:
                await self.hold.wait()
            if self.fails:
                raise self.fails
        except BaseException as error:
            self.over.append(type(error).__name__)
            raise
        self.over.append("answered")
        return Reply(f"heard {hop.text}", more=True)


class _Heard:
    """The adapter, and the requests that it was given."""

    kind = "ussd"

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def receive(self, request: Request) -> Hop:
        self._gate.asked.append(request)
        return self._gate.adapter.receive(request)  # type: ignore[no-any-return]

    def answer(self, reply: Reply) -> Response:
        if reply.text == "heard broken":
            raise ValueError("the PIN 4729")
        if reply.text == "heard folded":
            return Response(200, headers={"X-A": "1\r\nX-PIN: 4729"})
        return self._gate.adapter.answer(reply)  # type: ignore[no-any-return]

    def refuse(self, rejected: Any) -> Response:
        return self._gate.adapter.refuse(rejected)  # type: ignore[no-any-return]


class _Served:
    metrics = Metrics()

    async def troubles(self) -> list[str]:
        return []

    async def measure(self) -> None:
        return None


def app(gate: Gate, proxies: tuple[str, ...] = ()) -> web.Application:
    return application(_Served(), [lambda made: channels.routes(made, gate, proxies)])  # type: ignore[arg-type]


@asynccontextmanager
async def front(gate: Gate, times: Times | None = None, proxies: tuple[str, ...] = ()) -> AsyncIterator[int]:
    """The port at which it is reached."""
    (listening,) = listen("127.0.0.1", 0, 1)
    port = listening.getsockname()[1]
    async with reached(app(gate, proxies), listening, times):
        yield port


@asynccontextmanager
async def plain(gate: Gate) -> AsyncIterator[int]:
    """The same without the front: aiohttp alone."""
    runner = web.AppRunner(app(gate), access_log=None)
    await runner.setup()
    (listening,) = listen("127.0.0.1", 0, 1)
    await web.SockSite(runner, listening).start()
    try:
        yield listening.getsockname()[1]
    finally:
        await runner.cleanup()


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]  # names in small letters
    body: bytes


@dataclass
class Caller:
    """A connection as a provider has it."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def ask(self, sent: bytes) -> Answer:
        self.writer.write(sent)
        return await self.answer()

    async def answer(self) -> Answer:
        async with asyncio.timeout(PATIENCE):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            status, *lines = head.split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            return Answer(
                int(status.split()[1]), headers, await self.reader.readexactly(int(headers.get("content-length", "0")))
            )

    async def ends(self) -> bool:
        """Waits for the end: whether nothing came before it."""
        async with asyncio.timeout(PATIENCE):
            return await self.reader.read() == b""


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[Caller]:
    made = socket.create_connection(("127.0.0.1", port))
    line = Caller(*await asyncio.open_connection(sock=made))
    try:
        yield line
    finally:
        line.writer.close()


def on_both_loops(scenario: Callable[[Gate], Awaitable[None]]) -> Any:
    """A test that is played on asyncio's own loop and on uvloop; nothing may reach the loop's exception handler."""

    @pytest.mark.parametrize("loop", LOOPS.values(), ids=LOOPS)
    def test(loop: Callable[[], asyncio.AbstractEventLoop], monkeypatch: pytest.MonkeyPatch) -> None:
        async def play() -> None:
            gate, wrong = Gate(), []
            asyncio.get_running_loop().set_exception_handler(lambda _, context: wrong.append(context))
            monkeypatch.setattr(hops, "turn", gate.turn)
            await scenario(gate)
            assert not wrong

        with asyncio.Runner(loop_factory=loop) as runner:
            runner.run(play())

    test.__name__, test.__doc__ = scenario.__name__, scenario.__doc__
    return test
