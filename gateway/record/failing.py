"""What went wrong in the database: whether it is out of reach, and an error text without a client's value in it."""

from __future__ import annotations

import sqlite3
from typing import Any, cast

BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN}
# PostgreSQL, Appendix A: connection, resources, operator, system, rollback (deadlock); lock timeout; a standby.
DOWN_CLASSES = ("08", "53", "57", "58", "40")
DOWN_STATES = ("55P03", "25006")


def is_down(error: BaseException) -> bool:
    """Whether the database did not answer, rather than refused what it was asked."""
    if isinstance(error, OSError) or is_ended(error):
        return True
    if isinstance(error, sqlite3.Error):
        return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in BUSY
    state = str(getattr(error, "sqlstate", None) or "")
    return state.startswith(DOWN_CLASSES) or state in DOWN_STATES


def is_ended(error: BaseException) -> bool:
    """Whether asyncpg (by name: SQLite does without it) says so of a connection that the server has just ended: its
    last word was read, and the end of the connection was not yet."""
    return any(kind.__name__ == "InternalClientError" for kind in type(error).__mro__)


def scrubbed(error: BaseException) -> BaseException:
    """The error, with all that led to it, without values."""
    link: BaseException | None = error
    while link is not None:
        scrub(link)
        link = link.__cause__ or link.__context__
    return error


def scrub(error: BaseException) -> None:
    """PostgreSQL names the offending value in DETAIL, asyncpg in the text of its DataError: neither may be logged."""
    if getattr(error, "detail", None):
        cast("Any", error).detail = None
    if "query argument" in str(error):
        error.args = ("a value has the wrong type for its column",)
