"""The head of a request as providers send it, read strictly: whatever is unusual in it is left to aiohttp.

What two readers may understand differently (a length given twice, chunks, a folded line, a bare line end, a blank
before a colon) is never taken here, so that nothing can be smuggled past a proxy.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from multidict import CIMultiDict, CIMultiDictProxy

LIMIT = 4096  # bytes
START = b"POST /channels/"
END = b"\r\n\r\n"
ENDS = len(END)

_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"  # RFC 9110, section 5.6.2
_LINES = rb"((?:" + _TOKEN + rb":[\t\x20-\x7e]*\r\n){0,64})"
_HEAD = re.compile(rb"POST (/channels/([0-9A-Za-z_-]+))/([0-9A-Za-z]+) HTTP/1\.([01])\r\n" + _LINES + rb"\r\n")
_LINE = rb"(?:" + _TOKEN + rb"(?::[\t\x20-\x7e]*)?)?\r?"  # the last one, as far as it goes
_BEGINNING = re.compile(rb"POST /channels/[!-~]*(?: [!-~]*\r?|(?: HTTP/1\.[01]\r\n" + _LINES + _LINE + rb"))?")
_LENGTH = re.compile(r"[0-9]{1,9}")
_ODD = frozenset({"transfer-encoding", "content-encoding", "expect", "upgrade", "te", "trailer", "http2-settings"})


@dataclass(frozen=True, slots=True)
class Head:
    path: str  # without the token
    name: str
    token: str
    headers: Mapping[str, str]
    length: int  # bytes of the body
    forwarded: str  # X-Forwarded-For
    old: bool  # HTTP/1.0
    keeps: bool  # whether the connection stays open


def read(raw: bytes) -> Head | None:
    """The head in these bytes, its last empty line included; None for one that aiohttp should see."""
    found = _HEAD.fullmatch(raw) if len(raw) <= LIMIT else None
    if found is None:
        return None
    path, name, token, version = (part.decode() for part in found.group(1, 2, 3, 4))
    pairs = [line.split(":", 1) for line in found[5].decode().split("\r\n")[:-1]]
    headers = {header.lower(): value.strip(" \t") for header, value in pairs}
    if len(headers) < len(pairs) or not _ODD.isdisjoint(headers) or any(one.startswith("sec-") for one in headers):
        return None
    length, keeps, old = headers.get("content-length", ""), headers.get("connection", "").lower(), version == "0"
    if not _LENGTH.fullmatch(length) or keeps not in ("", "close", "keep-alive") or not (old or "host" in headers):
        return None
    shown = CIMultiDictProxy(CIMultiDict((header, value.strip(" \t")) for header, value in pairs))
    forwarded = headers.get("x-forwarded-for", "")
    return Head(path, name, token, shown, int(length), forwarded, old, keeps == "keep-alive" or not (old or keeps))


def may_begin(data: bytes | bytearray) -> bool:
    """Whether this may be the beginning of a head that ``read`` takes."""
    if len(data) < len(START):
        return START.startswith(bytes(data))
    return len(data) < LIMIT and _BEGINNING.fullmatch(data) is not None
