"""How long a turn may take, whatever the bank and the record do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType

from flows.screens.profile import Profile

MARGIN = 0.15  # seconds kept of the target for saying that something is not to be had
RETRY = 0.05  # seconds between two looks at a store that went away


class Deadline:
    """The time of one turn: reads must fit in what we aim at, effects in what the provider waits for."""

    def __init__(self, now: Callable[[], float], profile: Profile, patience: float | None = None) -> None:
        """``patience``: seconds for everything, where nobody is waiting."""
        self._now = now
        self.began = now()
        self._hard = self.began + (patience or max(profile.answer_seconds / 2, profile.target_seconds))
        self._reads = self._hard if patience else self.began + profile.target_seconds - MARGIN

    def over(self) -> bool:
        """Whether it is time to apologise."""
        return self._now() >= self._hard

    def left(self, effect: bool) -> float:
        """Seconds for an action."""
        return max(0.01, (self._hard if effect else self._reads) - self._now())

    def took_ms(self) -> int:
        return int((self._now() - self.began) * 1000)

    async def breathe(self) -> None:
        """Lets a store that went away come back."""
        await asyncio.sleep(RETRY)


class Limit:
    """``with Limit(seconds):`` cancels what this task waits for when they are over, and is a TimeoutError then.

    ``asyncio.timeout`` for those who never move its end, at half its price.
    """

    __slots__ = ("_before", "_over", "_task", "_timer")

    def __init__(self, seconds: float) -> None:
        self._task: asyncio.Task[object] = asyncio.current_task()  # type: ignore[assignment]
        self._before = self._task.cancelling()
        self._over = False
        self._timer = asyncio.get_running_loop().call_later(seconds, self._cut)

    def _cut(self) -> None:
        self._over = True
        self._task.cancel()

    def __enter__(self) -> None:
        """The time runs since it was made."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._timer.cancel()
        # Of a task that somebody else cancels at the same moment, that is what counts.
        if self._over and self._task.uncancel() <= self._before and kind is asyncio.CancelledError:
            raise TimeoutError from error
