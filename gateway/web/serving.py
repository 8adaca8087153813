"""One gateway process: takes over a listening socket and serves the application on it until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
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
        _keep_what_is_there()
        try:
            await web.SockSite(runner, listening).start()
            await stop.wait()
        finally:
            await runner.cleanup()


def _keep_what_is_there() -> None:
    """What was made at the start stays, so the collector need not walk through it, at a tenth of a second each time,
    while clients wait."""
    gc.collect()
    gc.freeze()


def main(arguments: list[str], opened: Opener | None = None) -> int:
    """``python -m gateway.web.serving FD``, where FD is a listening socket inherited from the supervisor."""
    watch_parent()
    settings = load()
    logs.configure(settings.log)
    if opened is None:
        from gateway.web.opened import open_gateway  # noqa: PLC0415 -- everything: a test may serve less

        opened = open_gateway
    run(serve(settings, socket.socket(fileno=int(arguments[0])), opened))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
