"""A connection of redis-py that is lost while nobody looks: the next command says so, on every loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
import redis
import uvloop

from gateway.build import connect

LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


@pytest.mark.parametrize("loop", LOOPS.values(), ids=LOOPS)
def test_what_is_written_to_a_lost_connection_is_told_as_lost(
    valkey_url: str, loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    async def play() -> None:
        client = connect(valkey_url, 1.0)
        assert await client.ping()
        connection = client.connection_pool.make_connection()
        await connection.connect()
        connection._writer.transport.abort()
        while not connection._reader.at_eof() and connection._reader.exception() is None:
            await asyncio.sleep(0)
        with pytest.raises(redis.ConnectionError):
            for _ in range(10):  # asyncio takes a few words for a closed transport before it says so
                await connection.send_command("PING")
        await client.aclose()

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(play())
