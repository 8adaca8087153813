"""What PostgreSQL says before it ends a connection, without the end: for a moment the driver has only that."""

from __future__ import annotations

from typing import Any

_FATAL = b"SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0"


def heard_by(connection: Any) -> None:
    """As if the server had just said so to this connection of asyncpg, which then takes itself for busy."""
    connection._protocol.data_received(b"E" + (len(_FATAL) + 4).to_bytes(4) + _FATAL)
