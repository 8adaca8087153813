"""Settings as they may be shown: the source of every value, and no secret."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from gateway.settings.hidden import Hidden
from gateway.settings.reading import Row


def shown(row: Row) -> Any:
    """The value as it may be printed: a secret as ``(set)`` or ``(not set)``, an address without its password."""
    if isinstance(row.value, Hidden):
        return "(set)"
    if row.value is None:
        return "(not set)"
    if isinstance(row.value, tuple):
        return list(row.value)
    if isinstance(row.value, str) and "://" in row.value:
        return without_password(row.value)
    return row.value


def without_password(url: str) -> str:
    """The address without user, password and query, any of which may be secret."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def as_json(row: Row) -> dict[str, Any]:
    return {"key": row.key, "value": shown(row), "source": row.source, "help": row.help}
