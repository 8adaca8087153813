"""The whole product as an outsider runs it: ``njia demo`` on a folder, its processes, and what it still has to do."""

from __future__ import annotations

import json
import os
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import redis

from gateway.embedded.places import places
from gateway.embedded.programs import command, environment
from gateway.store import keys
from gateway.store.streams import poison_key

TICK = 0.02


def until(condition: Callable[[], object], seconds: float = 180.0, what: str = "the condition") -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"{what} did not come true within {seconds:.0f} seconds"
        time.sleep(TICK)


def alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@dataclass(slots=True)
class Product:
    """A running demonstration. ``facts`` is what it announced."""

    data: Path
    facts: dict[str, Any]
    process: subprocess.Popen[str]

    def pids(self) -> dict[str, int]:
        return dict(json.loads((self.data / "processes.json").read_text()))

    def url(self, path: str = "") -> str:
        return str(self.facts["url"]) + path

    def ready(self) -> bool:
        """Whether it answers, and every process that it says it has is alive."""
        try:
            with urllib.request.urlopen(self.url("/readyz"), timeout=5) as response:
                return bool(response.status == 200) and all(alive(pid) for pid in self.pids().values())
        except OSError:
            return False

    def waiting(self) -> dict[str, int]:
        """What is still to be done: entries of the journal, of them set aside, and timers."""
        with redis.Redis.from_url(places(self.data).url) as valkey:
            timers = sum(valkey.zcard(keys.timers_key(n)) for n in range(keys.SHARDS))
            names = {
                "journal": keys.journal_key,
                "aside": poison_key,
            }  # looked at last: a timer writes here
            counts = {name: sum(valkey.xlen(key(n)) for n in range(keys.SHARDS)) for name, key in names.items()}
            return counts | {"timers": timers}

    def advance(self, seconds: int) -> None:
        """Moves the clock of all processes forward."""
        body = json.dumps({"advance": seconds}).encode()
        asked = urllib.request.Request(self.url("/demo/clock"), body, {"Content-Type": "application/json"})
        urllib.request.urlopen(asked, timeout=60).close()

    def log(self) -> list[str]:
        return (self.data / "njia.log").read_text().splitlines()


def ours(data: Path) -> list[psutil.Process]:
    """Every living process of this machine that works on this data folder."""
    marks = (str(data), str(places(data).runtime))
    return [one for one in psutil.process_iter() if any(mark in _words(one) for mark in marks) and alive(one.pid)]


def _words(one: psutil.Process) -> str:
    try:
        return " ".join([*one.cmdline(), one.environ().get("NJIA_DATA", "")])
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return ""


def starting(data: Path, **settings: str) -> subprocess.Popen[str]:
    """A demonstration that is about to begin. ``settings`` are variables of the environment."""
    line = command("gateway", "demo", "--port", "0", "--data", str(data), "--json", "--no-history")
    return subprocess.Popen(line, env=environment(settings), cwd=data.parent, stdout=subprocess.PIPE, text=True)


@contextmanager
def running(data: Path, **settings: str) -> Iterator[Product]:
    """Starts it, and afterwards leaves nothing."""
    process = starting(data, **settings)
    try:
        assert process.stdout
        announced = process.stdout.readline()
        assert announced, "it did not start"
        yield Product(data, json.loads(announced), process)
    finally:
        process.kill()
        process.wait()
        until(lambda: not places(data).runtime.exists(), what="the end of everything")


def database_url(data: Path) -> str:
    return os.environ.get("NJIA_DATABASE__URL") or f"sqlite+aiosqlite:///{data / 'njia.db'}"
