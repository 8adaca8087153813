"""What is kept of one conversation between two requests: the session, and what was told at which position."""

from __future__ import annotations

import random
from typing import Any

import msgspec

from flows.session import Session

VERSION_BYTES = 8
SUPERSEDED = 8  # provider session ids that are remembered after a redial


class Spot(msgspec.Struct, array_like=True, omit_defaults=True, frozen=True):
    """A position in a provider's session: how long the cumulative text was, and its keyed hash. Never the text."""

    length: int
    digest: bytes


class Told(msgspec.Struct, array_like=True, omit_defaults=True):
    """A reply as it was given, where it was given, and the session right after it."""

    at: Spot
    text: str
    more: bool
    talk: bytes  # the encoded flows.session.Session


class State(msgspec.Struct, array_like=True, omit_defaults=True):
    """One conversation of an address. ``before`` is what a redial under the same provider session left behind."""

    provider: str  # the provider's session id
    told: Told
    heard_at: float  # seconds since 1970
    network: str = ""
    closed: bool = False  # END was said, or the provider said that the session is over
    noticed: bool = False  # the provider's end notice came
    superseded: list[str] = []
    before: Told | None = None


class Own(msgspec.Struct, array_like=True, omit_defaults=True):
    """What an address chose for itself."""

    language: str = ""
    notice: str = ""
    seen: str = ""  # ISO date
    calls: int = 0  # conversations that began here: part of the id of the next one


class Held(msgspec.Struct):
    """What one look into the store brought: the state at ``version``, the card and what the address chose."""

    version: bytes = b""
    state: State | None = None
    who: dict[str, Any] | None = None
    own: Own | None = None
    remembered: bool = False  # not looked at, but what this process wrote last
    session: Session | None = None  # what decoding ``state.told.talk`` would give, where it is at hand


_state = msgspec.msgpack.Decoder(State)
_own = msgspec.msgpack.Decoder(Own)
_who = msgspec.msgpack.Decoder(dict[str, Any])
_encoder = msgspec.msgpack.Encoder()
encode = _encoder.encode


def read_state(blob: bytes | None) -> tuple[bytes, State | None]:
    """Version and state of a stored blob; no state for one that another version wrote and this one cannot read."""
    if not blob:
        return b"", None
    try:
        return blob[:VERSION_BYTES], _state.decode(blob[VERSION_BYTES:])
    except msgspec.DecodeError:
        return blob[:VERSION_BYTES], None


def new_version() -> bytes:
    """One that no other commit has, also when the store lost what it had written: who remembers it knows the state."""
    return random.getrandbits(8 * VERSION_BYTES).to_bytes(VERSION_BYTES)


def read_own(blob: bytes | None) -> Own | None:
    return _own.decode(blob) if blob else None


def read_who(blob: bytes | None) -> dict[str, Any] | None:
    return _who.decode(blob) if blob else None
