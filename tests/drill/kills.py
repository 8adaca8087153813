"""Kills processes of a running product, each kind as often as it is told, at random moments of the work."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
from drill.product import alive

# A kind of process: how its name in processes.json begins, and a word of its command line (a pid may be used again).
KINDS = {
    "gateway": "gateway.web.serving",
    "jobs": "worker",
    "schedule": "worker",
    "scribe": "worker",
    "valkey": "valkey-server",
    "keeper": "gateway.embedded.keeper",
}
COMING_BACK = 180.0  # seconds: what is not back by then never comes, on the slowest machine


def processes(data: Path) -> dict[str, int]:
    return dict(json.loads((data / "processes.json").read_text()))


class Killer:
    """``plan``: how often each kind. ``run`` spreads the kills over the work, in random order."""

    def __init__(self, data: Path, plan: dict[str, int], chance: random.Random) -> None:
        self._data, self._chance = data, chance
        self._order = [kind for kind, times in plan.items() for _ in range(times)]
        self._moments = sorted(chance.random() * 0.97 for _ in self._order)
        chance.shuffle(self._order)
        self.done: Counter[str] = Counter()

    @property
    def over(self) -> bool:
        return self.done.total() == len(self._order)

    async def run(self, progress: Callable[[], float]) -> None:
        """``progress``: from 0 to 1, how much of the work is done."""
        for moment, kind in zip(self._moments, self._order, strict=True):
            while progress() < moment:
                await asyncio.sleep(0.005)
            await asyncio.sleep(self._chance.random() * 0.1)  # not at the end of a call: anywhere in one
            await self._kill(kind)

    async def _kill(self, kind: str) -> None:
        end = asyncio.get_running_loop().time() + COMING_BACK
        while not self._killed_one(kind):
            assert asyncio.get_running_loop().time() < end, f"no {kind} came back in {COMING_BACK:.0f} seconds"
            await asyncio.sleep(0.01)
        self.done[kind] += 1

    def _killed_one(self, kind: str) -> bool:
        there = list(self._living(kind))
        try:
            os.kill(self._chance.choice(there), signal.SIGKILL)
        except (IndexError, ProcessLookupError):  # it ended by itself just now, as Valkey does without its keeper
            return False
        return True

    def _living(self, kind: str) -> Iterator[int]:
        for name, pid in sorted(processes(self._data).items()):
            if name.split("-")[0] == kind and alive(pid) and KINDS[kind] in " ".join(_command(pid)):
                yield pid


def _command(pid: int) -> list[str]:
    try:
        return list(psutil.Process(pid).cmdline())
    except psutil.NoSuchProcess:
        return []
