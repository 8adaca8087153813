"""Which address a request comes from, where our own reverse proxies stand between."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from aiohttp import web


def caller(request: web.Request, proxies: Sequence[str]) -> str:
    """The nearest address that is not one of ours. X-Forwarded-For is believed only as far as our proxies wrote it."""
    hops = [part.strip() for part in ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")]
    chain = [hop for hop in hops if hop] + [request.remote or ""]
    while len(chain) > 1 and within(chain[-1], proxies):
        chain.pop()
    return chain[-1]


def within(address: str, networks: Sequence[str]) -> bool:
    """Whether the address lies in one of these networks; what is no address lies in none."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(found in ipaddress.ip_network(network, strict=False) for network in networks)
