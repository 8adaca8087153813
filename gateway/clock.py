"""Time, so that it can be moved: a demonstration and the tests let days pass without waiting."""

from __future__ import annotations

import datetime as dt
import time
from zoneinfo import ZoneInfo


class Clock:
    """The time of day plus ``offset`` seconds."""

    def __init__(self, timezone: str = "UTC", offset: float = 0.0) -> None:
        self.zone = ZoneInfo(timezone)
        self.offset = offset

    def seconds(self) -> float:
        """Seconds since 1970, by this clock."""
        return time.time() + self.offset

    def now(self) -> dt.datetime:
        """This moment in UTC."""
        return dt.datetime.fromtimestamp(self.seconds(), dt.UTC)

    def today(self) -> dt.date:
        """The day at the institution."""
        return dt.datetime.fromtimestamp(self.seconds(), self.zone).date()


class SetClock(Clock):
    """A clock that stands still until it is advanced."""

    def __init__(self, start: dt.datetime, timezone: str = "UTC") -> None:
        super().__init__(timezone)
        self._at = start.timestamp()

    def seconds(self) -> float:
        return self._at + self.offset

    def advance(self, seconds: float) -> None:
        self.offset += seconds
