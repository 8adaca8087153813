"""Where payment providers call: ``/payments/<name>``. What is said is kept, and the payment is looked at soon.

Nothing is decided here. A callback may be late, doubled or forged: the worker asks the provider what is true wherever
it can be asked, so one that nobody sent does no harm.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from aiohttp import web

from adapters.channel import ChannelSettings, Rejected, Request
from adapters.payment import Provider
from adapters.sources import Sources
from flows.ports import Unavailable
from gateway.build import House
from gateway.metrics import Metrics
from gateway.record import payments
from gateway.web.caller import Proxies
from gateway.web.channels import answer

log = logging.getLogger("njia.payments")


@dataclass(frozen=True, slots=True)
class Till:
    """What these addresses need of the house."""

    house: House
    metrics: Metrics
    proxies: Proxies
    sources: dict[str, Sources]  # who may call, by provider


TILL: web.AppKey[Till] = web.AppKey("till", Till)


def routes(app: web.Application, house: House, metrics: Metrics) -> None:
    settings = house.stores.settings
    sources = {
        name: Sources(ChannelSettings(name, one.adapter, settings.institution.country, allow=one.allow))
        for name, one in settings.payments.items()
    }
    app[TILL] = Till(house, metrics, Proxies(settings.security.proxies), sources)
    for method in ("POST", "PUT"):  # providers use either
        app.router.add_route(method, "/payments/{name}", _callback)


async def _callback(http: web.Request) -> web.Response:
    till, name = http.app[TILL], http.match_info["name"]
    provider = till.house.payments.get(name)
    if provider is None:
        raise web.HTTPNotFound(text="No payment provider answers here. Check the callback address.\n")
    try:
        outcome = await _keep(till, name, provider, await _request(http, till, name))
    except Rejected as rejected:
        till.metrics.called_back(name, "rejected")
        log.warning("refused of %s: %s", name, rejected.reason)
        return web.Response(status=rejected.status, text=f"{rejected.reason}\n")
    except Unavailable:
        till.metrics.called_back(name, "not kept")
        return web.Response(status=503, text="The client record does not answer. Send this again.\n")
    till.metrics.called_back(name, outcome)
    return answer(provider.acknowledge())


async def _request(http: web.Request, till: Till, name: str) -> Request:
    """The request as it came. Raises Rejected for one from an address that is not the provider's."""
    forwarded = ",".join(http.headers.getall("X-Forwarded-For", []))
    remote = till.proxies.caller(http.remote or "", forwarded)
    request = Request(http.method, f"/payments/{name}", http.headers, http.query_string, await http.read(), remote)
    till.sources[name].check(request)
    return request


async def _keep(till: Till, name: str, provider: Provider, request: Request) -> str:
    """``known``, or ``unknown`` if it tells of no payment of ours. Raises Rejected, Unavailable."""
    stores, outcome = till.house.stores, "known"
    raw, now = request.body.decode(errors="replace"), stores.clock.now()
    for ref, fact in provider.callback(request):
        if not await payments.evidence(stores.db, ref, fact, raw, now, provider=name, proven=provider.signed):
            log.warning("%s tells of a payment that is not ours", name)
            outcome = "unknown"
    return outcome
