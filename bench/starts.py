"""Cold starts: how long until something answers, with the files in memory and nothing else."""

from __future__ import annotations

import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping

import redis

from bench import parts
from bench.calling import Stuck
from bench.ground import Ground, scratch
from bench.houses import HOME, PATIENCE, answers, environment, leased
from bench.measuring import Effort, Note
from bench.processes import Program, started
from bench.table import Found, Table
from gateway.embedded import programs
from gateway.embedded.programs import command

TIMES = 5  # starts of each, at most
HEAD = ("", "median s", "least s", "most s")


def starts(ground: Ground, effort: Effort, note: Note) -> Found:
    """``njia --help``, ``njia serve`` on a record in use and in an empty folder, the worker."""
    with parts.valkey() as valkey, ground.database(ground.record()) as record, scratch() as folder:
        home = folder / "home"
        home.mkdir()
        shutil.copy(HOME / "njia.toml", home)
        variables = environment(home, folder, valkey, ground.url.format(name=record))
        with redis.Redis.from_url(valkey) as store:
            found = _timed(_watched(variables, store), min(effort.rounds, TIMES), note)
    rows = [(name, *(f"{of(times):.2f}" for of in (statistics.median, min, max))) for name, times in found.items()]
    return Found({"seconds": found}, [Table("starts", "Cold starts", HEAD, rows)])


def _timed(watched: Mapping[str, Callable[[], float]], times: int, note: Note) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {name: [] for name in watched}
    for number in range(1, times + 1):
        note(f"  round {number} of {times} …")
        for name, timed in watched.items():
            found[name].append(timed())
    return found


def _watched(variables: Mapping[str, str], store: redis.Redis) -> dict[str, Callable[[], float]]:
    signed = ("njia:members:scribe", "njia:members:schedule")
    return {
        "Python alone": lambda: _ran([sys.executable, "-c", ""]),
        "njia --help": lambda: _ran(command("gateway", "--help")),
        "njia serve, until /readyz answers": lambda: _serve(variables),
        "njia serve in an empty folder, with its own Valkey and SQLite": lambda: _serve({}),
        "the scribe, until it holds its leases": lambda: _until(variables, store, "scribe", lambda: leased(store)),
        "njia worker, until scribe and schedules have signed": lambda: _until(
            variables, store, "", lambda: store.exists(*signed) == len(signed)
        ),
    }


def _ran(line: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(line, env=programs.environment(), stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def _serve(variables: Mapping[str, str]) -> float:
    """From the command line to the first answer that all is ready."""
    with scratch() as data, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        words, log = ("serve", "--port", str(port), "--without-worker"), data / "log"
        began = time.perf_counter()
        with started(Program("gateway", words, {**variables, "NJIA_DATA": str(data)}, log=log)):
            answers(f"http://127.0.0.1:{port}/readyz", log)
            return time.perf_counter() - began


def _until(variables: Mapping[str, str], store: redis.Redis, role: str, there: Callable[[], bool]) -> float:
    """The worker or one role of it, from its start until ``there``; nobody else's leases are in its way."""
    left = [*store.scan_iter("njia:{*}:scribe"), *store.scan_iter("njia:members:*")]
    if left:
        store.delete(*left)
    began = time.perf_counter()
    with scratch() as data:
        log, words = data / "log", (role,) if role else ()
        with started(Program("worker", words, {**variables, "NJIA_DATA": str(data)}, log=log)):
            while not there():
                if time.perf_counter() - began > PATIENCE:
                    raise Stuck(f"the worker did not start:\n{log.read_text()[-2000:]}")
                time.sleep(0.01)
            return time.perf_counter() - began
