"""One gateway process: takes over a listening socket and serves the application on it until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import importlib.util
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, cast

from aiohttp import web

from gateway import logs
from gateway.embedded.parents import watch_parent
from gateway.settings import Settings, load
from gateway.web.channels import GATE, PROXIES
from gateway.web.entrance import Entrance, Times
from gateway.web.listening import BACKLOG

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
        _keep_what_is_there()
        async with reached(app, listening):
            await stop.wait()


@asynccontextmanager
async def reached(app: web.Application, listening: socket.socket, times: Times | None = None) -> AsyncIterator[None]:
    """The application answers at a socket until the block ends: its hops by the short way, if it has channels."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=LINGER)
    await runner.setup()
    pages = cast("web.Server", runner.server)
    entrance = Entrance(pages, app[GATE], app[PROXIES], times) if GATE in app else None
    loop = asyncio.get_running_loop()
    server = await loop.create_server(entrance or pages, sock=listening, backlog=BACKLOG)
    try:
        yield
    finally:
        server.close()
        await asyncio.gather(runner.cleanup(), *([entrance.stop(LINGER)] if entrance else []))


def _keep_what_is_there() -> None:
    """What was made at the start stays, so the collector need not walk through it, at a tenth of a second each time,
    while clients wait."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


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
