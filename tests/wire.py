"""The provider's side of the wire, byte for byte: requests written out by hand, as curl would send them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from urllib.parse import quote_plus, urlsplit

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]  # names in small letters
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass(frozen=True, slots=True)
class Wire:
    """An address of the gateway: ``http://127.0.0.1:8384``, and the path of a channel."""

    url: str
    path: str = ""
    got: list[bytes] = field(default_factory=list, repr=False)  # everything that ever came back

    async def post(self, body: bytes, more: str = "", **headers: str) -> Answer:
        """``body`` to the channel, or below it: ``/events``."""
        return await self.send("POST", self.path + more, body, **{"Content-Type": FORM, **headers})

    async def send(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        lines = [f"{method} {path} HTTP/1.1", *(f"{name.replace('_', '-')}: {headers[name]}" for name in headers)]
        return await self.raw("\r\n".join([*lines, f"Content-Length: {len(body)}"]).encode() + b"\r\n", body)

    async def raw(self, head: bytes, body: bytes = b"") -> Answer:
        """A request line and headers, each with its line end, as they are."""
        where = urlsplit(self.url)
        reader, writer = await asyncio.open_connection(where.hostname, where.port)
        writer.write(head + f"Host: {where.netloc}\r\nConnection: close\r\n\r\n".encode() + body)
        try:
            self.got.append(await reader.read())
        finally:
            writer.close()
        return _read(self.got[-1])


def _read(got: bytes) -> Answer:
    head, _, body = got.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Answer(int(status.split()[1]), headers, body)


@dataclass(slots=True)
class Phone:
    """One handset on a session of Africa's Talking: what was typed before goes along with every request."""

    wire: Wire
    number: str
    session: str = "ATUid_1"
    typed: list[str] = field(default_factory=list)
    sent: list[bytes] = field(default_factory=list, repr=False)

    async def dial(self, session: str, *path: str) -> str:
        self.session, self.typed = session, list(path)
        return await self._hop()

    async def type(self, text: str) -> str:
        self.typed.append(text)
        return await self._hop()

    async def again(self, hop: int = -1) -> str:
        """A request once more, byte for byte."""
        return (await self.wire.post(self.sent[hop])).text

    async def hang_up(self, status: str = "Incomplete") -> Answer:
        """The end notice, with the copies of what was typed that the real one carries."""
        rest = f"&status={status}&cost=KES+0.80&durationInMillis=9500&hopsCount={len(self.typed)}"
        return await self.wire.post(f"{self._who()}{rest}&input={self._text()}".encode(), "/events")

    async def _hop(self) -> str:
        self.sent.append(f"{self._who()}&networkCode=63902&text={self._text()}".encode())
        return (await self.wire.post(self.sent[-1])).text

    def _who(self) -> str:
        return f"sessionId={self.session}&serviceCode=*384*7%23&phoneNumber={quote_plus(self.number)}"

    def _text(self) -> str:
        return quote_plus("*".join(self.typed), safe="*")
