"""The lines that a gateway is measured against: servers as a developer would write them by hand.

``python -m bench.peers LINE FD REDIS POSTGRES``: L0 answers a constant · L1 reads the form, the session and writes the
session · L2 also appends to a transcript, in one trip with the session, and reads a record in one request of four.
No line checks for duplicates, versions a session, pages a screen, speaks two languages or runs a flow from data.
"""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import uvloop
from aiohttp import web
from redis.asyncio import Redis

from gateway.embedded.parents import watch_parent

LIFE = 180  # seconds of a session
MENU = "Jamii\n1 Pay\n2 Balance\n3 Statement\n4 Shown balance\n5 Call me\n8 Settings"
SCREENS = (MENU, "Balance of what?\n1 Savings\n2 Loan\n0 Back", "Enter your Jamii PIN")
RECORD = "SELECT minor FROM shown WHERE phone = $1"
Handler = Callable[[web.Request], Awaitable[web.Response]]


async def l0(_: web.Request) -> web.Response:
    return web.Response(text=f"CON {MENU}")


class Peer:
    """L1, and with a pool of connections to the record L2."""

    def __init__(self, redis: Redis, record: Any = None) -> None:
        self._redis = redis
        self._record = record

    async def hop(self, request: web.Request) -> web.Response:
        form = await request.post()
        session, phone, text = (str(form[name]) for name in ("sessionId", "phoneNumber", "text"))
        kept = await self._redis.get(f"peer:{session}")
        step = json.loads(kept)["step"] + 1 if kept else 0
        says = f"CON {SCREENS[step]}" if step < len(SCREENS) else f"END {await self._balance(phone)}"
        now = json.dumps({"step": step, "phone": phone, "service": form["serviceCode"], "text": text})
        if self._record is None:
            await self._redis.set(f"peer:{session}", now, ex=LIFE)
        else:
            pipe = self._redis.pipeline(transaction=False)
            pipe.set(f"peer:{session}", now, ex=LIFE)
            pipe.xadd("peer:transcript", {"session": session, "phone": phone, "text": text, "says": says})
            await pipe.execute()
        return web.Response(text=says)

    async def _balance(self, phone: str) -> str:
        if self._record is None:
            return "Amana: KES 1,500"
        minor = await self._record.fetchval(RECORD, phone)
        return f"Amana: KES {minor // 100:,}"


async def handler(line: str, redis: str, postgres: str) -> Handler:
    if line == "L0":
        return l0
    pool = await asyncpg.create_pool(postgres, min_size=1, max_size=5) if line == "L2" else None
    return Peer(Redis.from_url(redis, max_connections=1024), pool).hop  # as many phones may call at once


async def serve(listening: socket.socket, hop: Handler) -> None:
    """Serves until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    app = web.Application()
    app.router.add_post("/", hop)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.SockSite(runner, listening).start()
    await stop.wait()
    await runner.cleanup()


async def main(line: str, fd: str, redis: str, postgres: str) -> None:
    await serve(socket.socket(fileno=int(fd)), await handler(line, redis, postgres))


if __name__ == "__main__":
    watch_parent()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runs:
        runs.run(main(*sys.argv[1:]))
