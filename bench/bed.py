"""Everything that a measurement runs on: Valkey, PostgreSQL, the peers, the gateway with its scribe, the phones."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import redis

from bench import parts, people, processes
from bench.people import Sim
from bench.phones import Done, Job
from bench.processes import Program, started
from bench.serving import extend
from gateway.settings import load
from gateway.store.keys import SHARDS, journal_key
from gateway.web.listening import listen

HOME = Path(__file__).with_name("home")
PEERS = ("L0", "L1", "L2")
OURS = "njia"
PATIENCE = 60.0  # seconds for a process to start, or for the scribe to write what is left


class Stuck(Exception):
    """A process did not start, or the journal was not written in time."""


@dataclass(slots=True)
class Bed:
    """``pids`` of the servers by line, and of what stands beside them; ``path`` is our channel's."""

    savers: list[Sim]
    borrowers: list[Sim]
    path: str
    store: redis.Redis
    ports: dict[str, int] = field(default_factory=dict)
    pids: dict[str, int] = field(default_factory=dict)
    started: float = 0.0  # seconds until our gateway answered
    phones: subprocess.Popen[str] | None = None

    def ask(self, job: Job) -> None:
        """Hands a job to the phones and waits until they are ready for its measured part."""
        self._say(msgspec.json.encode(job).decode())
        if self._hear() != "ready":
            raise Stuck("the phones are not ready")

    def go(self) -> Done:
        self._say("go")
        return msgspec.json.decode(self._hear(), type=Done)

    def drained(self) -> float:
        """Waits until the record holds all that was said; the seconds that took."""
        began = time.perf_counter()
        while self._waiting():
            if time.perf_counter() - began > PATIENCE:
                raise Stuck("the scribe does not keep up")
            time.sleep(0.01)
        return time.perf_counter() - began

    def tidy(self) -> None:
        """Forgets what the peers keep for ever."""
        self.store.delete("peer:transcript")

    def _waiting(self) -> int:
        pipe = self.store.pipeline(transaction=False)
        for shard in range(SHARDS):
            pipe.xlen(journal_key(shard))
        return sum(pipe.execute())

    def _say(self, line: str) -> None:
        assert self.phones and self.phones.stdin
        self.phones.stdin.write(line + "\n")
        self.phones.stdin.flush()

    def _hear(self) -> str:
        assert self.phones and self.phones.stdout
        line = self.phones.stdout.readline().strip()
        if not line:
            raise Stuck("the phones have stopped: see above")
        return line


@contextmanager
def laid(clients: int, few: int) -> Iterator[Bed]:
    """A bed with so many savers and ``few`` borrowers; gone with all its processes when the block ends."""
    bins = parts.postgres_bins()
    if not bins:
        raise Stuck(parts.NO_POSTGRESQL)
    with ExitStack() as stack:
        valkey = stack.enter_context(parts.valkey())
        postgres = stack.enter_context(parts.postgresql(bins[0]))
        data = parts.scratch()
        stack.callback(shutil.rmtree, data, ignore_errors=True)
        variables = _variables(data, valkey, _database(postgres, "njia"))
        path = asyncio.run(_prepared(variables, clients, few))
        bed = Bed(people.savers(clients), people.borrowers(few), path, redis.Redis.from_url(valkey))
        stack.callback(bed.store.close)
        _stores(bed, postgres)
        _house(bed, stack, variables, data)
        _peers(bed, stack, valkey, _shown(postgres, bed.savers))
        bed.phones = stack.enter_context(started(Program("bench.phones", talks=True)))
        _apart(bed, bed.phones.pid)
        yield bed


def _variables(data: Path, valkey: str, database: str) -> dict[str, str]:
    (data / "metrics").mkdir()
    return {
        "NJIA_HOME": str(HOME),
        "NJIA_DATA": str(data),
        "NJIA_REDIS__URL": valkey,
        "NJIA_DATABASE__URL": database,
        "PROMETHEUS_MULTIPROC_DIR": str(data / "metrics"),  # as `njia serve` sets it
    }


def _database(postgres: str, name: str) -> str:
    parts.sql(_dsn(postgres, "postgres"), f"CREATE DATABASE {name}")
    return postgres.format(name=name)


def _dsn(postgres: str, name: str) -> str:
    return postgres.replace("+asyncpg", "").format(name=name)


async def _prepared(variables: Mapping[str, str], clients: int, few: int) -> str:
    extend()
    return await people.prepared(load(environment=variables), clients, few)


def _shown(postgres: str, sims: list[Sim]) -> str:
    """The record of the peers: a table with one figure for each phone."""
    _database(postgres, "peers")
    minor = [shows.rpartition(" ")[2].replace(",", "") + "00" for _, shows in sims]
    rows = ", ".join(f"('{phone}', {amount})" for (phone, _), amount in zip(sims, minor, strict=True))
    table = "CREATE TABLE shown (phone text PRIMARY KEY, minor bigint NOT NULL)"
    parts.sql(_dsn(postgres, "peers"), table, f"INSERT INTO shown VALUES {rows}", "ANALYZE")
    return _dsn(postgres, "peers")


def _stores(bed: Bed, postgres: str) -> None:
    info: Any = bed.store.info("server")
    folder = Path(postgres.partition("host=")[2])
    bed.pids["valkey"] = info["process_id"]
    bed.pids["postgresql"] = int((folder / "data" / "postmaster.pid").read_text().split("\n", 1)[0])


def _peers(bed: Bed, stack: ExitStack, valkey: str, dsn: str) -> None:
    for line in PEERS:
        with listen("127.0.0.1", 0, 1)[0] as sock:
            words = (line, str(sock.fileno()), valkey, dsn)
            bed.ports[line] = sock.getsockname()[1]
            process = stack.enter_context(started(Program("bench.peers", words, fds=(sock.fileno(),))))
        bed.pids[line] = process.pid


def _house(bed: Bed, stack: ExitStack, variables: Mapping[str, str], data: Path) -> None:
    """Our gateway, logging and counting as in production, and the scribe that writes what it says to the record."""
    began, log = time.perf_counter(), data / "log"
    with listen("127.0.0.1", 0, 1)[0] as sock:
        bed.ports[OURS] = sock.getsockname()[1]
        serving = Program("bench.serving", (str(sock.fileno()),), variables, (sock.fileno(),), log)
        gateway = stack.enter_context(started(serving))
    _answers(f"http://127.0.0.1:{bed.ports[OURS]}/readyz", log)
    bed.started = time.perf_counter() - began
    scribe = stack.enter_context(started(Program("worker", ("scribe",), variables, log=log)))
    bed.pids |= {OURS: gateway.pid, "scribe": scribe.pid}


def _apart(bed: Bed, phones: int) -> None:
    """The server that is measured has a core, everything beside it the others. One of the servers is busy at a time."""
    for name, pid in bed.pids.items():
        (processes.alone if name in (*PEERS, OURS) else processes.beside)(pid)
    processes.beside(phones)


def _answers(url: str, log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=2) as response:
                if response.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.02)
    raise Stuck(f"the gateway did not start:\n{log.read_text()[-2000:]}")
