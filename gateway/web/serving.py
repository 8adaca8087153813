"""One gateway process: takes over a listening socket and serves the application on it until it is told to stop."""

from __future__ import annotations

import asyncio
import importlib.util
import signal
import socket
import sys
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Any

from aiohttp import web

from gateway import logs
from gateway.embedded.parents import watch_parent
from gateway.settings import Settings, load

Opener = Callable[[Settings], AbstractAsyncContextManager[web.Application]]
LINGER = 5.0  # seconds for requests under way when the process is told to stop
BACKLOG = 1024


def listen(host: str, port: int, count: int) -> list[socket.socket]:
    """``count`` sockets that share one port, each with a queue of its own. Raises OSError when the port is taken.

    The parent keeps them open: what comes while a process is being replaced waits in its queue and is not refused.
    """
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    with socket.socket(family) as probe:  # without sharing: another program's port is refused here
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))
        port = probe.getsockname()[1]
    sockets = []
    for _ in range(count):
        one = socket.socket(family)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        one.bind((host, port))
        one.listen(BACKLOG)
        sockets.append(one)
    return sockets


def run(work: Coroutine[Any, Any, None]) -> None:
    """Runs the program's one coroutine, on uvloop where there is one."""
    factory = None
    if importlib.util.find_spec("uvloop") is not None:
        import uvloop  # noqa: PLC0415 -- not on every system

        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        logs.watch_loop(runner.get_loop())
        runner.run(work)


async def serve(settings: Settings, listening: socket.socket, opened: Opener) -> None:
    """Serves until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with opened(settings) as app:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=LINGER)
        await runner.setup()
        try:
            await web.SockSite(runner, listening).start()
            await stop.wait()
        finally:
            await runner.cleanup()


def main(arguments: list[str], opened: Opener | None = None) -> int:
    """``python -m gateway.web.serving FD``, where FD is a listening socket inherited from the supervisor."""
    watch_parent()
    settings = load()
    logs.configure(settings.log)
    if opened is None:
        from gateway.build import open_gateway  # noqa: PLC0415 -- everything: a test may serve less

        opened = open_gateway
    run(serve(settings, socket.socket(fileno=int(arguments[0])), opened))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
