"""Names of keys in Redis. All keys of one address carry one hash tag, so that one script may touch them together.

``{n}`` is one of 64, from the address without its channel: a conversation can move from one channel to another.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple
from zlib import crc32

SHARDS = 64


def shard(address: str) -> int:
    return crc32(address.encode()) % SHARDS


def state_key(kind: str, service: str, address: str) -> str:
    """The state of a conversation: one for each address, kind of channel and service code."""
    return f"njia:{{{shard(address)}}}:s:{kind}:{service}:{address}"


def address_of(state: str) -> tuple[str, str, str]:
    """Kind, service code and address of a state key."""
    _, _, _, kind, service, address = state.split(":", 5)
    return kind, service, address


def who_key(address: str) -> str:
    """The clients known on an address, as the record has them."""
    return f"njia:{{{shard(address)}}}:who:{address}"


def own_key(address: str) -> str:
    """What the address itself chose: its language, the notice it was shown, the day it was last heard."""
    return f"njia:{{{shard(address)}}}:own:{address}"


class Names(NamedTuple):
    """The keys that belong to one conversation, as they go over the wire, and the shard they lie in."""

    shard: int
    state: bytes
    who: bytes
    own: bytes
    journal: bytes
    timers: bytes


@lru_cache(maxsize=4096)
def names(kind: str, service: str, address: str) -> Names:
    n = shard(address)
    state, who, own = state_key(kind, service, address), who_key(address), own_key(address)
    return Names(n, state.encode(), who.encode(), own.encode(), journal_key(n).encode(), timers_key(n).encode())


def journal_key(n: int) -> str:
    return f"njia:{{{n}}}:journal"


def timers_key(n: int) -> str:
    return f"njia:{{{n}}}:timers"


def release_key(release: str) -> str:
    return f"njia:release:{release}"


CURRENT_RELEASE = "njia:release"
STAGED_RELEASE = "{njia:release}:staged"  # in the slot of the current one: the two are told, and asked for, together
CLOCK = "njia:clock"
