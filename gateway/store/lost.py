"""A lost connection, said as redis-py promises to say it: uvloop has an error of its own for what is written to one."""

from __future__ import annotations

from typing import Any

from redis.asyncio import Redis
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ConnectionError as ConnectionLost


class _Lost(AbstractConnection):
    async def send_packed_command(self, command: Any, check_health: bool = True) -> None:
        try:
            await super().send_packed_command(command, check_health)
        except RuntimeError as error:  # "the handler is closed"
            raise ConnectionLost("the connection was lost") from error


def told(client: Redis) -> Redis:
    """The same client, whose next connections raise ``redis.exceptions.ConnectionError`` on every loop."""
    pool = client.connection_pool
    pool.connection_class = type("Connection", (_Lost, pool.connection_class), {})
    return client
