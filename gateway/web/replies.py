"""An answer as bytes: status line, headers and body in one piece."""

from __future__ import annotations

from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus

from adapters.channel import Response
from gateway.web.heads import Head

Named = tuple[tuple[str, str], ...]


def reply(response: Response, head: Head, ident: str, now: float) -> bytes:
    """The answer to a request with this head. ``now``: in seconds since 1970. Raises ValueError for a header that would
    break the line."""
    named = tuple(response.headers.items()) if response.headers else ()
    start = _start(response.status, response.content_type, named, head.old, head.keeps)
    body = response.body
    return b"%b%b\r\nX-Request-Id: %b\r\nContent-Length: %d\r\n\r\n%b" % (
        start, _date(int(now)), ident.encode(), len(body), body
    )  # fmt: skip


@lru_cache(256)
def _start(status: int, content_type: str, named: Named, old: bool, keeps: bool) -> bytes:
    """Everything that is the same for many answers; the date is to follow."""
    phrase = HTTPStatus(status).phrase if status in HTTPStatus.__members__.values() else ""
    lines = [f"HTTP/1.{0 if old else 1} {status} {phrase}", f"Content-Type: {content_type}"]
    lines += [f"{name}: {value}" for name, value in named]
    if old is keeps:  # what the version does not say by itself
        lines.append(f"Connection: {'keep-alive' if keeps else 'close'}")
    if any("\r" in line or "\n" in line for line in lines):
        raise ValueError("a header holds a line end")
    return "\r\n".join([*lines, "Date: "]).encode()


@lru_cache(1)
def _date(second: int) -> bytes:
    return formatdate(second, usegmt=True).encode()
