"""HTTP to a provider, and the one thing that a sender must know of a failure: whether the request may have arrived."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import aiohttp

from adapters.channel import BadSettings

SECONDS = 7.0  # for one request in all: the worker gives up on a message after eight
CONNECT = 3.0  # of them, until there is a connection
LIMIT = 65_536  # bytes of an answer
# Seconds that an idle connection is used again. Servers close theirs after 5 to 75: a request that meets such a close
# on its way would leave it open whether it arrived.
IDLE = 4.0


class Unreached(Exception):
    """There was no connection: nothing was sent."""


class Unanswered(Exception):
    """The request was sent, and no whole answer came: it may have arrived."""


class Answer:
    """What came back: ``status``, ``body`` and one header in ten that matters (``retry_after``, in seconds; else 0)."""

    __slots__ = ("body", "retry_after", "status")

    def __init__(self, status: int, body: bytes, retry_after: str = "") -> None:
        self.status, self.body = status, body
        self.retry_after = int(retry_after) if retry_after.isascii() and retry_after.isdigit() else 0


class Web:
    """The connections of one process to one provider, opened at the first use. It follows no redirect: a ``POST``
    would come out of it as a ``GET``."""

    def __init__(self, seconds: float = SECONDS, connect: float = CONNECT) -> None:
        self._limits = aiohttp.ClientTimeout(total=seconds, connect=connect)
        self._session: aiohttp.ClientSession | None = None

    async def post(self, url: str, headers: Mapping[str, str], form: Mapping[str, str]) -> Answer:
        """Posts a form. Raises Unreached, Unanswered."""
        try:
            async with self._opened().post(url, headers=headers, data=form, allow_redirects=False) as response:
                return Answer(response.status, await _body(response), response.headers.get("Retry-After", ""))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise Unreached(type(error).__name__) from None
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise Unanswered(type(error).__name__) from None

    async def close(self) -> None:
        """Closes its connections. It may be used again afterwards."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            connections = aiohttp.TCPConnector(keepalive_timeout=IDLE)
            jar = aiohttp.DummyCookieJar()
            self._session = aiohttp.ClientSession(connector=connections, timeout=self._limits, cookie_jar=jar)
        return self._session


async def _body(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(8192):
        body += chunk
        if len(body) > LIMIT:
            raise Unanswered(f"more than {LIMIT} bytes")
    return bytes(body)


def base_url(channel: str, options: Mapping[str, Any], default: str) -> str:
    """Where the provider is, without a slash at the end: ``base_url``, or its own address. Raises BadSettings."""
    url = str(options.get("base_url", default)).strip().rstrip("/")
    if not url.startswith(("https://", "http://")) or len(url.split("/")) < 3 or not url.split("/")[2]:
        raise BadSettings(f'[channels.{channel}] base_url is no address; write "{default}".')
    return url
