"""The conversations that this process itself wrote last, so that their next words need no look into the store.

Somebody else may have written since: the next commit will tell. Each is given out once, so nobody else holds it then.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from gateway.store.state import Held

MOST = 4096  # conversations that a process remembers


class Memory:
    """By the key of their state. ``seconds``: how long one is worth remembering, by the clock ``now``."""

    def __init__(self, seconds: float, now: Callable[[], float] = time.monotonic, most: int = MOST) -> None:
        self._seconds, self._now, self._most = seconds, now, most
        self._kept: OrderedDict[bytes, tuple[float, Held]] = OrderedDict()

    def keep(self, state: bytes, held: Held) -> None:
        if state in self._kept:
            del self._kept[state]  # so that it is the youngest
        self._kept[state] = self._now(), held
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def take(self, state: bytes) -> Held | None:
        """What was kept, which is forgotten with that."""
        since, held = self._kept.pop(state, (0.0, None))
        return held if held is not None and self._now() - since < self._seconds else None
