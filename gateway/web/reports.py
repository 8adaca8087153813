"""Where providers post what became of our messages: ``/channels/<name>/<token>/status``."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from adapters.channel import Push, Rejected
from flows.ports import Unavailable
from gateway.build import House
from gateway.reporting import Early, Reports
from gateway.secrets import channel_token
from gateway.web.channels import answer, request_of

log = logging.getLogger("njia.channels")


@dataclass(frozen=True, slots=True)
class _Reported:
    house: House
    reports: Reports
    channels: Mapping[str, tuple[str, Push]]  # token and channel, by name


REPORTED: web.AppKey[_Reported] = web.AppKey("reported", _Reported)


def routes(app: web.Application, house: House) -> None:
    """Mounts the reports of the channels that send. To be called after ``channels.routes``."""
    channels = {name: (channel_token(house.keys, name), channel) for name, channel in house.pushing.items()}
    stores = house.stores
    app[REPORTED] = _Reported(house, Reports(stores.db, stores.clock, Early(stores.redis)), channels)
    app.router.add_route("*", "/channels/{name}/{token}/status", _status)


async def _status(http: web.Request) -> web.Response:
    """Answered with 200 only when it is written down: until then a provider sends it again."""
    reported, name = http.app[REPORTED], http.match_info["name"]
    channel = _channel(reported, name, http.match_info["token"])
    try:
        receipts = channel.reports(await request_of(http))
    except Rejected as rejected:
        reported.house.gate.metrics.rejected(name)
        log.warning("refused on %s: %s", name, rejected.reason)
        return web.Response(status=rejected.status, text=f"{rejected.reason}\n")
    try:
        for receipt in receipts:
            await reported.reports.take(receipt)
    except Unavailable:
        return web.Response(status=503, text="This cannot be written down now. Send it again.\n")
    return answer(channel.acknowledge())


def _channel(reported: _Reported, name: str, token: str) -> Push:
    """An unknown name and a wrong token look the same."""
    expected, channel = reported.channels.get(name, ("", None))
    if channel is None or not hmac.compare_digest(expected.encode(), token.encode()):
        raise web.HTTPNotFound(text="No channel answers here. Check the callback address.\n")
    return channel
