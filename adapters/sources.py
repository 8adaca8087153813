"""Where requests may come from. A provider that does not sign is known by its addresses and the token in the path."""

from __future__ import annotations

import ipaddress
from functools import lru_cache

from adapters.channel import BadSettings, ChannelSettings, Rejected, Request

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Sources:
    """The ``allow`` list of a channel: addresses and networks. Raises BadSettings for an entry that is neither."""

    def __init__(self, settings: ChannelSettings) -> None:
        self._networks = [_network(settings.name, entry) for entry in settings.allow]
        self.limited = bool(self._networks)
        self._allows = lru_cache(1024)(self._lies_within)  # a provider has few addresses

    def check(self, request: Request) -> None:
        """Raises Rejected (403) if the list is not empty and the sender is not on it."""
        if self.limited and not self._allows(request.remote):
            raise Rejected("this sender is not on the allow list", status=403)

    def _lies_within(self, remote: str) -> bool:
        address = _address(remote)
        return address is not None and any(address in network for network in self._networks)


def _network(channel: str, entry: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    try:
        return ipaddress.ip_network(entry, strict=False)
    except ValueError:
        raise BadSettings(
            f'[channels.{channel}] allow: "{entry}" is neither an address nor a network; write "196.201.214.0/24".'
        ) from None


def _address(remote: str) -> Address | None:
    """The sender's address; an IPv4 address that a dual-stack socket shows as IPv6 counts as the IPv4 one."""
    try:
        address = ipaddress.ip_address(remote.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def warnings(settings: ChannelSettings, signed: bool) -> list[str]:
    """What an operator should know at start of a channel whose provider does not sign its requests."""
    if signed or settings.allow:
        return []
    return [
        f"channel {settings.name}: the provider does not sign its requests, and no allow list is set. Anybody who "
        f"learns the channel's address can pose as a caller. Set allow in [channels.{settings.name}] to the provider's "
        "addresses."
    ]
