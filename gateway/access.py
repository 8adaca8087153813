"""What each request leaves in the log: a number of its own, and one line."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Iterator

from gateway.logs import Stderr

log = logging.getLogger("njia.access")
_njia, _root = logging.getLogger("njia"), logging.getLogger()
EACH = 65_536  # numbers from one draw


def _numbers() -> Iterator[str]:
    while True:
        drawn = secrets.token_hex(4)
        for count in range(EACH):
            yield f"{drawn}{count:04x}"


new_request_id = _numbers().__next__
"""Twelve hexadecimal digits, other ones for each request. They only join the lines of a request: not to be guessed is
no part of what they are for."""


def served(ident: str, says: str, now: float, loop: asyncio.AbstractEventLoop) -> None:
    """One line at the level info. ``says``: our own words and numbers only, as nothing is masked in them. ``now``: in
    seconds since 1970."""
    if not log.isEnabledFor(logging.INFO):
        return
    handlers = _root.handlers
    if len(handlers) == 1 and isinstance(handlers[0], Stderr) and not (log.handlers or _njia.handlers):
        handlers[0].gather(ident, says, now, loop)
    else:  # somebody else listens too
        log.info("%s", says)
