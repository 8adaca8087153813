"""The scribe: how fast the journal goes to the record, and whether it keeps up with a gateway at full load."""

from __future__ import annotations

import asyncio
import shutil
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import msgspec
import redis

from bench import processes
from bench.calling import Callers, Stuck, callers
from bench.ground import Ground, scratch
from bench.houses import PATIENCE, House, Plan, apart, leased, standing
from bench.many import Many
from bench.measuring import Effort, Note, measured, verdict
from bench.processes import Program, started
from bench.table import Found, Row, Table
from bench.talks import TURN, job
from gateway.record import migrations
from gateway.store.keys import SHARDS, journal_key

STARTS = 3  # of the scribe on each record, at most
KEEPS_UP = 1.0  # seconds that the record may be behind
HEAD = ("", "entries/s", "CPU s/1000", "× a turn", "behind, median s", "behind, most s", "")
NOTE = (
    "× a turn: the scribe's CPU for an entry against the gateway's for the turn that wrote it; below 1, a scribe on "
    "one core\nkeeps up with a gateway on another. Behind: the age of the oldest entry that the record does not have."
)


@dataclass(frozen=True, slots=True)
class Drained:
    entries: int
    rate: float  # entries per second
    cpu: float  # seconds for 1,000 entries


def scribe(ground: Ground, effort: Effort, note: Note) -> Found:
    """Alone with a full journal, into SQLite and PostgreSQL; then beside a gateway that is as busy as it can be."""
    one, phones = standing(ground, Plan(Many(effort.clients, effort.clients))), ground.once(callers, callers)
    with scratch() as folder:
        apart([one], phones.pids)
        turn = measured(one, phones, job(one, TURN, effort.seconds, effort.phones)).cpu
        journal = _written(one, phones, effort)
        records = {"SQLite": partial(_sqlite, folder), "PostgreSQL": partial(_postgresql, ground)}
        alone = {
            name: [_drain(one, journal, record) for _ in range(min(effort.rounds, STARTS))]
            for name, record in records.items()
        }
        note("  beside a busy gateway …")
        rows = [_alone(name, runs, turn) for name, runs in alone.items()]
        busy, figures = _beside(one, phones, effort)
    tables = [Table("scribe", "The scribe", HEAD, [*rows, busy], NOTE)]
    drained = {name: [msgspec.to_builtins(run) for run in runs] for name, runs in alone.items()}
    return Found({"turn_cpu": turn, "alone": drained, "beside": figures}, tables)


def _alone(name: str, runs: list[Drained], turn: float) -> Row:
    cpu = statistics.median(run.cpu for run in runs)
    rate = statistics.median(run.rate for run in runs)
    return f"into {name}", f"{rate:,.0f}", f"{cpu:.3f}", f"{cpu / turn:.2f}", "", "", verdict(cpu <= turn)


def _written(one: House, phones: Callers, effort: Effort) -> list[tuple[str, bytes]]:
    """The journal of some seconds of turns, as it can be put back."""
    phones.ask(job(one, TURN, 2 * effort.seconds, effort.phones))
    one.drained()
    phones.go()
    found = [(journal_key(n), one.store.dump(journal_key(n))) for n in range(SHARDS)]
    return [(key, bytes(blob)) for key, blob in found if blob]


def _drain(one: House, journal: list[tuple[str, bytes]], record: Callable[[], Iterator[str]]) -> Drained:
    """From when the first entries are written until the last one is: a start is not counted."""
    for key, blob in journal:
        one.store.restore(key, 0, blob, replace=True)
    total = one.waiting()
    with contextmanager(record)() as url:
        variables = {**one.variables, "NJIA_DATABASE__URL": url}
        with started(Program("worker", ("scribe",), variables)) as scribe:
            processes.apart([scribe.pid], one.pids)
            _until(lambda: one.waiting() < total)
            left, began, cpu = one.waiting(), time.perf_counter(), processes.used(scribe.pid)
            _until(lambda: not one.waiting())
            took, cpu = time.perf_counter() - began, processes.used(scribe.pid) - cpu
    entries = max(1, left)
    return Drained(entries, entries / took, cpu * 1000 / entries)


def _until(over: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not over():
        if time.monotonic() > end:
            raise Stuck("the scribe does not write")
        time.sleep(0.02)


def _sqlite(folder: Path) -> Iterator[str]:
    first, fresh = folder / "first.db", folder / "fresh.db"
    if not first.exists():
        asyncio.run(migrations.upgrade(f"sqlite+aiosqlite:///{first}"))
    shutil.copyfile(first, fresh)
    yield f"sqlite+aiosqlite:///{fresh}"
    for left in folder.glob("fresh.db*"):
        left.unlink()


def _postgresql(ground: Ground) -> Iterator[str]:
    with ground.database(ground.record()) as name:
        yield ground.url.format(name=name)


def _beside(one: House, phones: Callers, effort: Effort) -> tuple[Row, dict[str, object]]:
    with started(Program("worker", ("scribe",), one.variables)) as scribe:
        one.beside["scribe"] = scribe.pid
        apart([one], phones.pids)
        _until(lambda: leased(one.store))
        with _watched(one.variables["NJIA_REDIS__URL"]) as behind:
            found = measured(one, phones, job(one, TURN, 2 * effort.seconds, effort.phones))
        del one.beside["scribe"]
    cpu, middle, most = found.beside["scribe"], statistics.median(behind), max(behind)
    row = (
        "beside a busy gateway",
        f"{found.rate:,.0f}",
        f"{cpu:.3f}",
        f"{cpu / found.cpu:.2f}",
        f"{middle:.2f}",
        f"{most:.2f}",
        verdict(most <= KEEPS_UP),
    )
    return row, {"figures": msgspec.to_builtins(found), "behind": behind}


@contextmanager
def _watched(url: str) -> Iterator[list[float]]:
    """How far the record is behind, in seconds, ten times a second while the block runs."""
    behind, over = [0.0], threading.Event()

    def watch() -> None:
        with redis.Redis.from_url(url) as store:
            while not over.wait(0.1):
                behind.append(_behind(store))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield behind
    finally:
        over.set()
        watcher.join()


def _behind(store: redis.Redis) -> float:
    pipe = store.pipeline(transaction=False)
    pipe.time()
    for shard in range(SHARDS):
        pipe.xrange(journal_key(shard), count=1)
    (seconds, micros), *firsts = pipe.execute()
    oldest = [int(first[0][0].split(b"-")[0]) / 1000 for first in firsts if first]
    return round(max(0.0, seconds + micros / 1e6 - min(oldest)), 3) if oldest else 0.0
