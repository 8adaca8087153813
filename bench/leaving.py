"""How long after its session a payment leaves for the wallet: undisturbed, and with a process killed just then.

What is promised (docs/money-in-two-steps.md): within 2 seconds of the close; without a notice of the close, that many
after the 3 for which the session counts as open; within 15 seconds if a worker was killed.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import re
import signal
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from bench.calling import Stuck
from bench.ground import Ground, scratch
from bench.measuring import Effort, Note
from bench.processes import Program, started
from bench.table import Found, Table
from gateway.session_over import MOMENT
from gateway.web.handsets import Call, lines

TIMES = 12  # payments of each kind, at most
PATIENCE = 120.0  # seconds, until a payment is in the account and every process is back
TICK = 0.02
LINE = re.compile(r"^([1-9]) ", re.MULTILINE)
PAID = "SELECT asked_at, state FROM payment WHERE wallet = ? ORDER BY created_at DESC LIMIT 1"
HEAD = ("", "payments", "median s", "slowest s", "promised s")
KINDS = {  # what happens at the end of the session: whether it is told of, which process is killed, what is promised
    "undisturbed": (True, "", 2),
    "without a notice of the close, from 3 s after the last screen": (False, "", 2),
    "the jobs worker killed at the close": (True, "jobs", 15),
    "the schedules killed at the close": (True, "schedule", 15),
    "the gateway killed at the close": (True, "gateway", 15),
}


@dataclass(frozen=True, slots=True)
class Shop:
    """A demonstration that runs, and somebody in it who pays."""

    data: Path
    facts: dict[str, Any]

    @property
    def payer(self) -> dict[str, Any]:
        return next(one for one in self.facts["clients"] if one["pin"] and "one-account" in one["tags"])

    def pids(self) -> dict[str, int]:
        return dict(json.loads((self.data / "processes.json").read_text()))

    def paid(self) -> tuple[float, str]:
        """When the wallet was asked for the last payment, in seconds since 1970 (0: not yet), and its state."""
        with closing(sqlite3.connect(f"file:{self.data / 'njia.db'}?mode=ro", uri=True)) as books:
            asked, state = books.execute(PAID, (self.payer["phone"],)).fetchone() or ("", "")
        return (dt.datetime.fromisoformat(asked).replace(tzinfo=dt.UTC).timestamp() if asked else 0.0), state


def leaving(ground: Ground, effort: Effort, note: Note) -> Found:
    """One payment at a time, on an embedded house."""
    del ground
    kinds = tuple(KINDS)[:: 2 if effort.quick else 1]
    times = 1 if effort.quick else min(TIMES, 2 * effort.rounds)
    with scratch() as folder, _shop(folder) as shop:
        found = {name: _measured(shop, name, times, note) for name in kinds}
    rows = [
        (name, str(len(took)), f"{statistics.median(took):.1f}", f"{max(took):.1f}", str(KINDS[name][2]))
        for name, took in found.items()
    ]
    return Found({"seconds": found}, [Table("leaving", "When a payment leaves for the wallet", HEAD, rows)])


def _measured(shop: Shop, name: str, times: int, note: Note) -> list[float]:
    note(f"  {name} …")
    noticed, killed, _ = KINDS[name]
    return [asyncio.run(_one(shop, killed, noticed=noticed)) for _ in range(times)]


async def _one(shop: Shop, killed: str, *, noticed: bool) -> float:
    """Pays once; seconds from the close of the session until the wallet was asked."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        call = Call(http, lines(shop.facts)[0], shop.payer["phone"])
        await _pay(call, shop.payer["pin"])
        over = time.time() + (0 if noticed else MOMENT)
        if noticed:
            await call.hang_up()
    if killed:
        os.kill(shop.pids()[killed], signal.SIGKILL)
    _until(lambda: shop.paid()[1] == "posted", "the money in the account")
    asked, _ = shop.paid()
    _until(lambda: all(map(_alive, shop.pids().values())), "the return of all processes")
    return max(0.0, asked - over)


async def _pay(call: Call, pin: str) -> None:
    """Ten of the currency: by the last line of the amounts on offer, else typed at once."""
    await call.dial(call.line.service_code.replace("#", "*1#"))
    screen = await _typed(call, pin)
    offered = LINE.findall(screen)
    if offered:
        await _typed(call, offered[-1])
    await _typed(call, "10")
    exchange = await call.type("1")
    if exchange.reply is None or exchange.reply.more:
        raise Stuck("the payment was not taken up")


async def _typed(call: Call, text: str) -> str:
    exchange = await call.type(text)
    if exchange.reply is None or not exchange.reply.more:
        raise Stuck("the conversation that pays has ended early")
    return exchange.reply.text


@contextmanager
def _shop(folder: Path) -> Iterator[Shop]:
    words = ("demo", "--port", "0", "--data", str(folder / "data"), "--json", "--no-history")
    with started(Program("gateway", words, talks=True)) as process:
        said = process.stdout.readline() if process.stdout else ""
        if not said:
            raise Stuck("the demonstration did not start")
        yield Shop(folder / "data", json.loads(said))


def _until(there: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not there():
        if time.monotonic() > end:
            raise Stuck(f"{what} did not come true in {PATIENCE:.0f} seconds")
        time.sleep(TICK)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
