"""The other side of the wire: phones that dial, type and check every reply, in a process of their own.

``python -m bench.phones`` reads a ``Job`` a line from standard input, does what comes before the measured part, says
``ready``, waits for a line, and answers with a ``Done``.
"""

from __future__ import annotations

import asyncio
import sys
import time
import uuid
from collections.abc import Iterator
from itertools import cycle
from typing import cast
from urllib.parse import quote_plus

import msgspec
import uvloop

from gateway.embedded.parents import watch_parent

FORM = "sessionId={session}&serviceCode=%2A384%2A7%23&phoneNumber={phone}&networkCode=63902&text={text}"
WITHOUT_TEXT = "sessionId={session}&serviceCode=%2A384%2A7%23&phoneNumber={phone}&networkCode=63902"


class Step(msgspec.Struct):
    """One request: what is typed ("" dials, None sends the last request again) and what the reply must hold."""

    typed: str | None
    expects: str  # {last} is what this phone's last screen says
    status: int = 200
    late: str = ""  # what it may say instead, where a read missed its deadline: counted, and no fault


class Job(msgspec.Struct):
    """``steps`` are measured: over and over for ``seconds``, each time in a new call unless steps stand ``before``; or,
    with 0 seconds, once for each of ``sims`` (phone number, last screen), after the steps ``before``."""

    port: int
    path: str
    sims: list[tuple[str, str]]
    steps: list[Step]
    before: list[Step] = []
    seconds: float = 0.0
    phones: int = 16
    form: str = FORM


class Done(msgspec.Struct):
    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    worst_ms: float
    late: int


class WrongReply(Exception):
    """The server said something else than it should; nothing that was measured counts."""


class Wire(asyncio.Protocol):
    """One connection that is kept open: a request, then its reply."""

    def __init__(self) -> None:
        self._got = bytearray()
        self._waits: asyncio.Future[tuple[int, bytes]] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def ask(self, request: bytes) -> asyncio.Future[tuple[int, bytes]]:
        """Status and body of the reply."""
        self._waits = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._waits

    def data_received(self, data: bytes) -> None:
        self._got += data
        head = self._got.find(b"\r\n\r\n")
        if head < 0 or self._waits is None:
            return
        at = self._got.index(b"Content-Length: ") + 16
        body = head + 4
        end = body + int(self._got[at : self._got.index(b"\r", at)])
        if len(self._got) >= end:
            status, text = int(self._got[9:12]), bytes(self._got[body:end])
            self._got.clear()
            self._waits.set_result((status, text))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._waits and not self._waits.done():
            self._waits.set_exception(WrongReply("the server closed the connection"))

    def close(self) -> None:
        self._transport.close()


class Call:
    """One call of a phone: its session id, and everything typed so far."""

    def __init__(self, sim: tuple[str, str]) -> None:
        self.phone, self.last = sim
        self._session = f"ATUid_{uuid.uuid4().hex}"
        self._text = ""

    def type(self, typed: str | None) -> str:
        if typed:
            self._text = f"{self._text}*{typed}" if self._text else typed
        return self._text

    def form(self, form: str, typed: str | None) -> bytes:
        text = quote_plus(self.type(typed))
        return form.format(session=self._session, phone=quote_plus(self.phone), text=text).encode()


class Phones:
    """What one job needs while it runs."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.took: list[float] = []
        self.late = 0
        self.wires: list[Wire] = []
        self.calls: list[list[Call]] = []
        self._head = (
            f"POST {job.path} HTTP/1.1\r\nHost: 127.0.0.1:{job.port}\r\nAccept: */*\r\nUser-Agent: phones\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: "
        ).encode()

    async def prepare(self) -> None:
        loop, job = asyncio.get_running_loop(), self.job
        for _ in range(job.phones):
            _, wire = await loop.create_connection(Wire, "127.0.0.1", job.port)
            self.wires.append(wire)
        self.calls = [[Call(sim) for sim in job.sims[n :: job.phones]] for n in range(job.phones)]
        if job.before:
            await asyncio.gather(*(self._each(wire, calls, job.before) for wire, calls in self._pairs()))

    async def run(self) -> Done:
        job, began = self.job, time.perf_counter()
        self.took.clear()
        self.late = 0
        work = self._until if job.seconds else self._each
        await asyncio.gather(*(work(wire, calls, job.steps) for wire, calls in self._pairs()))
        seconds, took = time.perf_counter() - began, sorted(self.took)
        for wire in self.wires:
            wire.close()
        p50, p99, worst = (took[at] * 1000 for at in (len(took) // 2, len(took) * 99 // 100, -1))
        return Done(len(took), seconds, p50, p99, worst, self.late)

    def _pairs(self) -> Iterator[tuple[Wire, list[Call]]]:
        return zip(self.wires, self.calls, strict=True)

    async def _each(self, wire: Wire, calls: list[Call], steps: list[Step]) -> None:
        for call in calls:
            await self._through(wire, call, steps)

    async def _until(self, wire: Wire, calls: list[Call], steps: list[Step]) -> None:
        end = time.perf_counter() + self.job.seconds
        for call in cycle(calls):
            on = call if self.job.before else Call((call.phone, call.last))
            await self._through(wire, on, steps)
            if time.perf_counter() >= end:
                break

    async def _through(self, wire: Wire, call: Call, steps: list[Step]) -> None:
        for step in steps:
            body = call.form(self.job.form, step.typed)
            request = b"%b%d\r\n\r\n%b" % (self._head, len(body), body)
            began = time.perf_counter()
            status, reply = await wire.ask(request)
            self.took.append(time.perf_counter() - began)
            if status == step.status and step.expects.replace("{last}", call.last).encode() in reply:
                continue
            if not step.late or step.late.encode() not in reply:
                raise WrongReply(f"{step.typed!r}: expected {step.status} {step.expects!r}, got {status} {reply!r}")
            self.late += 1


async def main() -> None:
    """Job after job, until standard input ends."""
    for line in iter(sys.stdin.readline, ""):
        phones = Phones(msgspec.json.decode(line, type=Job))
        await phones.prepare()
        print("ready", flush=True)
        sys.stdin.readline()
        print(msgspec.json.encode(await phones.run()).decode(), flush=True)


if __name__ == "__main__":
    watch_parent()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runs:
        try:
            runs.run(main())
        except WrongReply as wrong:
            sys.exit(f"A reply is not what it should be. {wrong}")
