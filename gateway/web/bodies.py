"""JSON that is posted to us by people and scripts, read into a type."""

from __future__ import annotations

from typing import TypeVar

import msgspec
from aiohttp import web

from gateway.web import pages

T = TypeVar("T")


async def posted(request: web.Request, kind: type[T], says: str) -> T:
    """The body as a ``kind``, whatever type it is said to be of: ``curl -d`` says that it is a form.

    Raises 400 with ``says`` for what cannot be read so, 403 for what a page of another site made a browser send.
    """
    pages.own_site(request)
    try:
        return msgspec.json.decode(await request.read(), type=kind)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise web.HTTPBadRequest(text=says) from None
