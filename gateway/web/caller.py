"""Which address a request comes from, where our own reverse proxies stand between."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from functools import lru_cache


class Proxies:
    """Our own, as addresses and networks. Raises ValueError for what is neither."""

    def __init__(self, networks: Sequence[str] = ()) -> None:
        self._networks = [ipaddress.ip_network(network, strict=False) for network in networks]
        self.ours = lru_cache(1024)(self._ours)

    def caller(self, remote: str, forwarded: str) -> str:
        """The nearest address that is not one of ours. ``forwarded``, X-Forwarded-For, is believed only as far as our
        proxies wrote it."""
        if not forwarded or not self._networks:
            return remote
        chain = [hop for part in forwarded.split(",") if (hop := part.strip())] + [remote]
        while len(chain) > 1 and self.ours(chain[-1]):
            chain.pop()
        return chain[-1]

    def _ours(self, address: str) -> bool:
        """Whether the address is of a proxy; what is no address is of none."""
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(found in network for network in self._networks)
