"""Times in words: ``3 days``, ``10:00 and 18:00``, ``once, after 2 days``, ``monday at 09:00``."""

from __future__ import annotations

import re
from collections.abc import Callable

_LENGTH = r"([1-9]\d{0,2}) (minutes?|hours?|days?|weeks?|months?)"
_CLOCK = r"([01]\d|2[0-3]):[0-5]\d"
_DAYS = "day|monday|tuesday|wednesday|thursday|friday|saturday|sunday"
_EVERY = re.compile(rf"((?:{_DAYS})|{_LENGTH}|month on ([1-9]|1\d|2[0-8])) at {_CLOCK}")


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern)
    return lambda text: compiled.fullmatch(text) is not None


def is_between(text: str) -> bool:
    """Two times of a day, the earlier one first."""
    found = re.fullmatch(rf"({_CLOCK}) and ({_CLOCK})", text)
    return found is not None and found[1] < found[3]


def is_share(text: str) -> bool:
    """1 % to 100 %."""
    found = re.fullmatch(r"(\d{1,3}) ?%", text)
    return found is not None and 1 <= int(found[1]) <= 100


# key -> (is it right, an example)
TIMES: dict[str, tuple[Callable[[str], bool], str]] = {
    "after": (_matches(_LENGTH), "3 days"),
    "between": (is_between, "10:00 and 18:00"),
    "remind": (_matches(rf"(once|twice), after {_LENGTH}"), "once, after 2 days"),
    "closes": (_matches(rf"after {_LENGTH}"), "after 7 days"),
    "every": (lambda text: _EVERY.fullmatch(text) is not None, "monday at 09:00"),
    "share": (is_share, "30 %"),
    "each client": (_matches(rf"once(?: in {_LENGTH})?"), "once in 60 days"),
    "keep": (_matches(rf"{_LENGTH}|[1-9]\d? years?|for ever"), "5 years"),
}


def said_well(key: str, text: str) -> bool:
    """Whether ``text`` is a time, or a share, that ``key`` can have."""
    return TIMES[key][0](text)


def example(key: str) -> str:
    return TIMES[key][1]
