"""What a turn needs, joined once by ``build.py``: stores, releases, the world, the clock, the keys."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from msgspec import Struct

from adapters.channel import Hop, Inline, Reply
from flows.ports import World
from flows.release import Release, titled
from flows.screens.profile import Profile
from flows.talk import Trace
from gateway.clock import Clock
from gateway.deadline import Deadline
from gateway.store.sessions import Sessions
from gateway.store.state import Held

REPEATS = 10_000  # that a process notes while it cannot tell of them
CardReader = Callable[[str], Awaitable[dict[str, Any]]]


class Releases(Protocol):
    """The published releases: those for new conversations, and the old ones for those that began on them."""

    current: Release  # that all begin on whom nothing is staged to

    def begun_by(self, address: str, client: str) -> Release: ...

    async def get(self, release: str) -> Release | None: ...


class Counting(Protocol):
    """What a turn counts. No call may raise."""

    def replayed(self, channel: str) -> None: ...
    def stale(self, channel: str) -> None: ...
    def apologised(self, channel: str) -> None: ...
    def rejected(self, channel: str) -> None: ...
    def failed(self, channel: str) -> None: ...
    def took(self, channel: str, seconds: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Line:
    """One channel of njia.toml, ready to be used."""

    name: str
    adapter: Inline
    profile: Profile
    token: str
    kind: str = field(init=False)  # ussd, sms, …

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", self.adapter.kind)


@dataclass(slots=True)
class Gate:
    """Everything a turn reaches. One per process."""

    sessions: Sessions
    releases: Releases
    world: World
    read_card: CardReader
    clock: Clock
    position_key: bytes
    metrics: Counting
    lines: dict[str, Line] = field(default_factory=dict)
    repeats: deque[tuple[Line, bytes]] = field(default_factory=lambda: deque(maxlen=REPEATS))
    untold: deque[tuple[str, bytes]] = field(default_factory=lambda: deque(maxlen=REPEATS))  # see gateway.repeats
    finishing: set[asyncio.Future[Any]] = field(default_factory=set)  # effects past their deadline
    trace: Trace | None = None  # who looks on, where conversations are played

    _keyed: Any = field(init=False, repr=False)

    loop_time = staticmethod(time.monotonic)

    def __post_init__(self) -> None:
        self._keyed = hashlib.blake2b(key=self.position_key, digest_size=16)

    def mark(self, session: str, text: str) -> bytes:
        """The keyed hash of a position: tells that a text is the same without keeping it."""
        keyed = self._keyed.copy()  # which spares the key's own block of the hash
        keyed.update(f"{session}\0{text}".encode())
        digest: bytes = keyed.digest()
        return digest

    def system(self, line: Line, held: Held | None, key: str) -> Reply:
        """One of the engine's own sentences, closing the call."""
        release = self.releases.current
        language = (held.own.language if held and held.own else "") or release.institution.languages[0]
        return Reply(release.words.render(language, "", key, {"institution": titled(release.institution)}), False)

    def apology(self, line: Line) -> Reply:
        """What is said when nothing else can be: the store is down, or a flow failed."""
        self.metrics.apologised(line.name)
        return self.system(line, None, "sorry")


class Visit(Struct, eq=False):
    """One request at the gate, with what one look into the store brought."""

    gate: Gate
    line: Line
    hop: Hop
    deadline: Deadline
    held: Held
