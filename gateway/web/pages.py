"""What all our pages share: their templates, their files, and the headers that keep a browser to this site."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path

import jinja2
from aiohttp import web

from gateway.home import templates

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def folder() -> Path:
    return templates() / "web"


@functools.cache
def environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder()),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page(template: str, **values: object) -> web.Response:
    text = environment().get_template(template).render(values)
    return web.Response(text=text, content_type="text/html", headers=HEADERS)


def own_site(request: web.Request) -> None:
    """Raises 403 for what a page of another site made the browser send; what is no browser is let through."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise web.HTTPForbidden(text="This page answers its own form only.", headers=HEADERS)


def add_files(app: web.Application, prefix: str, *names: str) -> None:
    """Serves these files of ``templates/web`` under ``prefix``; a browser asks each time whether they changed."""
    for name in names:
        app.router.add_get(f"{prefix}/{name}", _file(name))


def _file(name: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    body = (folder() / name).read_bytes()
    tag = hashlib.sha256(body).hexdigest()[:16]
    headers = HEADERS | {"Cache-Control": "no-cache", "ETag": f'"{tag}"'}  # quoted: RFC 9110, section 8.8.3

    async def send(request: web.Request) -> web.Response:
        if any(match.value == tag for match in request.if_none_match or ()):
            return web.Response(status=304, headers=headers)
        return web.Response(body=body, content_type=KINDS[Path(name).suffix], charset="utf-8", headers=headers)

    return send
