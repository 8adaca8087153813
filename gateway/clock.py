"""Time, so that it can be moved: a demonstration and the tests let days pass without waiting."""

from __future__ import annotations

import datetime as dt
import time
from zoneinfo import ZoneInfo

QUARTER = 900.0  # seconds


class Clock:
    """The time of day plus ``offset`` seconds."""

    def __init__(self, timezone: str = "UTC", offset: float = 0.0) -> None:
        self.zone = ZoneInfo(timezone)
        self.offset = offset
        self._day, self._dawn, self._dusk = dt.date.min, 0.0, 0.0  # a day, and seconds between which it is that day

    def seconds(self) -> float:
        """Seconds since 1970, by this clock."""
        return time.time() + self.offset

    def now(self) -> dt.datetime:
        """This moment in UTC."""
        return dt.datetime.fromtimestamp(self.seconds(), dt.UTC)

    def today(self) -> dt.date:
        """The day at the institution."""
        now = self.seconds()
        if not self._dawn <= now < self._dusk:
            moment = dt.datetime.fromtimestamp(now, self.zone)
            quarter = now - now % QUARTER  # clocks are set, and days begin, at quarters of an hour everywhere
            self._day, self._dawn, self._dusk = moment.date(), quarter, quarter + QUARTER
        return self._day


class SetClock(Clock):
    """A clock that stands still until it is advanced."""

    def __init__(self, start: dt.datetime, timezone: str = "UTC") -> None:
        super().__init__(timezone)
        self._at = start.timestamp()

    def seconds(self) -> float:
        return self._at + self.offset

    def advance(self, seconds: float) -> None:
        self.offset += seconds
