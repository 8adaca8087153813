"""What only the wallet of a demonstration has: how it treats a number, and all the money that it ever took."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import cast

import msgspec
from aiohttp import web

from adapters.channel import Rejected
from adapters.numbers import e164
from adapters.payment import Provider, Unanswered
from adapters.simulation import BEHAVIOURS, Behaviour, Steered
from gateway.web.bodies import posted

STEERED: web.AppKey[Steer] = web.AppKey("steered")
EVER = dt.datetime(1970, 1, 1, tzinfo=dt.UTC), dt.datetime(9999, 1, 1, tzinfo=dt.UTC)
ASKED = f"""Send {{"phone": "+254700000001", "behaviour": "…"}} as JSON. A behaviour is one of: {", ".join(BEHAVIOURS)}.
"""
DOWN = "The wallet's notebook does not answer. Try again.\n"


class Behave(msgspec.Struct):
    phone: str
    behaviour: Behaviour


class Steer(msgspec.Struct):
    """The wallets that can be steered, by their names, and where numbers without a country code belong."""

    wallets: dict[str, Steered]
    country: str


def routes(app: web.Application, providers: Mapping[str, Provider], country: str) -> None:
    """Mounts ``/payments/<name>/behave`` and ``/payments/<name>/statement`` for each wallet that can be steered."""
    app[STEERED] = Steer({n: cast("Steered", one) for n, one in providers.items() if hasattr(one, "behave")}, country)
    app.router.add_post("/payments/{name}/behave", behave)
    app.router.add_get("/payments/{name}/statement", statement)


async def behave(request: web.Request) -> web.Response:
    """``{"phone", "behaviour"}``: how the wallet treats this number from now on."""
    wallet = _wallet(request)
    given = await posted(request, Behave, ASKED)
    try:
        phone = e164(given.phone, request.app[STEERED].country, "phone")
    except Rejected as rejected:
        raise web.HTTPBadRequest(text=f"{rejected.reason}: write it as +254700000001.\n") from None
    try:
        await wallet.behave(phone, given.behaviour)
    except Unanswered:
        raise web.HTTPServiceUnavailable(text=DOWN) from None
    return web.json_response({"phone": phone, "behaviour": given.behaviour})


async def statement(request: web.Request) -> web.Response:
    """All that it took, the oldest first: ``[{"ref", "receipt", "phone", "amount_minor", "currency", "at"}, …]``."""
    try:
        lines = await _wallet(request).statement(*EVER)
    except Unanswered:
        raise web.HTTPServiceUnavailable(text=DOWN) from None
    rows = [
        {
            "ref": line.ref,
            "receipt": line.receipt,
            "phone": line.wallet,
            "amount_minor": line.amount.minor,
            "currency": line.amount.currency,
            "at": line.at.isoformat(),
        }
        for line in lines
    ]
    return web.json_response(rows, headers={"Cache-Control": "no-store"})


def _wallet(request: web.Request) -> Steered:
    found = request.app[STEERED].wallets.get(request.match_info["name"])
    if found is None:
        raise web.HTTPNotFound(text="There is no simulated wallet of this name.\n")
    return found
