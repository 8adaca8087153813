"""A simulated phone on a running gateway: it plays the provider over HTTP, through the adapter's own Handset."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from adapters import discover
from adapters.channel import Handset, Rejected, Reply, Request, Response

PATIENCE = aiohttp.ClientTimeout(total=15)  # longer than any provider waits, so that a late answer is seen as such


class NoAnswer(Exception):
    """The gateway did not answer: it is not running, or not at this address."""


@dataclass(frozen=True, slots=True)
class Line:
    """One channel that can be dialled: where the provider would post to, and the code that reaches it."""

    name: str
    adapter: str
    url: str
    service_code: str

    @property
    def key(self) -> str:
        """Tells it from the other lines."""
        return f"{self.name} {self.service_code}"

    def serves(self, code: str) -> bool:
        """Whether dialling ``code`` arrives here: the service code itself, or deeper."""
        return f"{code.removesuffix('#')}*".startswith(self.service_code.removesuffix("#") + "*")


def lines(running: Mapping[str, Any]) -> list[Line]:
    """What can be dialled of a gateway that runs: ``url``, ``service_code`` and ``channels`` as ``njia demo`` prints.

    A channel may name its own ``service_codes``; else it answers the gateway's one ``service_code``.
    """
    found: list[Line] = []
    for name, channel in running["channels"].items():
        if not hasattr(discover.module(channel["adapter"], *discover.CHANNELS), "Handset"):
            continue
        url = running["url"].rstrip("/") + channel["path"]
        codes = channel.get("service_codes") or [running["service_code"]]
        found.extend(Line(name, channel["adapter"], url, code) for code in codes)
    return found


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer. ``reply`` is None where the provider would show an error of its own."""

    sent: Request
    got: Response
    reply: Reply | None
    millis: float


class Call:
    """One phone on one line. ``handset`` may be saved and loaded between two requests."""

    def __init__(self, http: aiohttp.ClientSession, line: Line, phone: str) -> None:
        self._http, self.line = http, line
        handset = discover.handset(line.adapter, line.service_code, phone)
        if handset is None:
            raise ValueError(f"{line.name} cannot be dialled")
        self.handset: Handset = handset

    async def dial(self, code: str) -> Exchange:
        """Raises NoAnswer, and ValueError for a code that this line does not serve."""
        return await self._exchange(self.handset.dial(code))

    async def type(self, text: str) -> Exchange:
        """Raises NoAnswer."""
        return await self._exchange(self.handset.type(text))

    async def hang_up(self) -> None:
        """Posts the notice that the provider posts when a session is over, however it ended. Raises NoAnswer."""
        await self._post(self.handset.hang_up())

    async def _exchange(self, sent: Request) -> Exchange:
        start = time.perf_counter()
        got = await self._post(sent)
        millis = (time.perf_counter() - start) * 1000
        try:
            return Exchange(sent, got, self.handset.read(got), millis)
        except Rejected:
            return Exchange(sent, got, None, millis)

    async def _post(self, sent: Request) -> Response:
        url = self.line.url + sent.path
        try:
            async with self._http.request(
                sent.method, url, data=sent.body, headers=dict(sent.headers), timeout=PATIENCE, allow_redirects=False
            ) as got:
                return Response(got.status, await got.read(), got.headers.get("Content-Type", ""))
        except (aiohttp.ClientError, TimeoutError, OSError):
            raise NoAnswer from None
