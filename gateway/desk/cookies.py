"""The desk's cookies: which session it is, which log-in form it was, and what the next page has to tell.

Over HTTPS they are bound to this host by their name (``__Host-``); none is readable by script.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import urlsplit

from aiohttp import web

from gateway.web.caller import Proxies

SESSION, DOOR, FLASH = "njia_desk", "njia_desk_door", "njia_desk_flash"


def secure(request: web.Request, proxies: Proxies) -> bool:
    """Whether the browser came over HTTPS, to us or to one of our proxies."""
    forwarded = request.headers.get("X-Forwarded-Proto", "").partition(",")[0].strip().lower()
    return request.secure or (forwarded == "https" and proxies.ours(request.remote or ""))


def read(request: web.Request, proxies: Proxies, name: str) -> str:
    return request.cookies.get(_named(name, secure(request, proxies)), "")


def write(request: web.Request, response: web.StreamResponse, proxies: Proxies, name: str, value: str) -> None:
    """``value`` "" takes the cookie away."""
    https = secure(request, proxies)
    response.set_cookie(
        _named(name, https),
        value,
        max_age=None if value else 0,
        path="/" if https else "/desk",
        httponly=True,
        samesite="Lax",
        secure=https,
    )


def _named(name: str, https: bool) -> str:
    return f"__Host-{name}" if https else name


def csrf(token: str) -> str:
    """What each form of a session holds: made of its token, and of no use for finding it."""
    return base64.urlsafe_b64encode(_signed(token, b"csrf")).decode().rstrip("=")


def is_csrf(token: str, given: str) -> bool:
    return bool(token) and hmac.compare_digest(csrf(token).encode(), given.encode(errors="replace"))


def own_form(request: web.Request) -> bool:
    """Whether the browser says that one of our own pages sent this. What says nothing is judged by its token."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        return site == "same-origin"
    return origin is None or urlsplit(origin).netloc.lower() == request.host.lower()


def sealed(token: str, text: str) -> str:
    """A text for a cookie: only this session can have made it."""
    seal = _signed(token, b"flash " + text.encode())
    return base64.urlsafe_b64encode(seal + text.encode()).decode().rstrip("=")


def opened(token: str, value: str) -> str:
    """The text; "" for what this session has not sealed."""
    try:
        raw = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
        seal, text = raw[:32], raw[32:]
        return text.decode() if hmac.compare_digest(seal, _signed(token, b"flash " + text)) else ""
    except ValueError:
        return ""


def _signed(token: str, what: bytes) -> bytes:
    return hmac.new(token.encode(errors="replace"), what, hashlib.sha256).digest()
