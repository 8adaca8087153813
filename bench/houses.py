"""A house to be measured: a Valkey, a record, gateway processes and a scribe of its own, with clients that can call."""

from __future__ import annotations

import asyncio
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import redis

from bench import parts, people, processes
from bench.calling import Stuck
from bench.ground import Ground, scratch
from bench.many import Many
from bench.people import Sim
from bench.processes import Program, started
from bench.serving import extend
from gateway.settings import load
from gateway.store.keys import SHARDS, journal_key
from gateway.store.leases import scribe_key
from gateway.web.listening import listen

HOME = Path(__file__).with_name("home")
PATIENCE = 60.0  # seconds for a process to start, or for the scribe to write what is left


@dataclass(frozen=True, slots=True)
class Plan:
    """What a house is to be like. ``many`` clients are copied, or there are ``savers`` and ``borrowers`` who were made
    one by one. ``bank`` and ``home`` are as in the environment."""

    many: Many | None = None
    savers: int = 1
    borrowers: int = 0
    home: Path = HOME
    bank: str = "banks/local"
    gateways: int = 1
    scribe: bool = False


@dataclass(slots=True)
class House:
    """``path`` is its channel's; ``beside``: the processes that work for the gateways, by name."""

    savers: list[Sim]
    borrowers: list[Sim]
    path: str
    store: redis.Redis
    dsn: str
    variables: dict[str, str]
    port: int = 0
    gateways: list[int] = field(default_factory=list)
    beside: dict[str, int] = field(default_factory=dict)
    log: Path = Path()

    def drained(self) -> float:
        """Waits until the record holds all that was said, the seconds that took; without a scribe, forgets it."""
        began = time.perf_counter()
        if "scribe" not in self.beside:
            self.store.delete(*map(journal_key, range(SHARDS)))
        while self.waiting():
            if time.perf_counter() - began > PATIENCE:
                raise Stuck(f"the scribe does not keep up:\n{self.log.read_text()[-2000:]}")
            time.sleep(0.01)
        return time.perf_counter() - began

    def waiting(self) -> int:
        """Entries of the journal that the record does not have yet."""
        pipe = self.store.pipeline(transaction=False)
        for shard in range(SHARDS):
            pipe.xlen(journal_key(shard))
        return sum(pipe.execute())

    @property
    def pids(self) -> list[int]:
        return [*self.gateways, *self.beside.values()]


@contextmanager
def house(ground: Ground, plan: Plan) -> Iterator[House]:
    """A house, until the block ends."""
    with ExitStack() as stack:
        valkey, name = stack.enter_context(parts.valkey()), stack.enter_context(ground.database(ground.record()))
        data = stack.enter_context(scratch())
        variables = environment(plan.home, data, valkey, ground.url.format(name=name))
        variables["NJIA_BANK__ADAPTER"] = plan.bank
        store = redis.Redis.from_url(valkey)
        stack.callback(store.close)
        made = _peopled(plan, variables, store, ground.dsn(name))
        info: Any = store.info("server")
        made.beside = {"valkey": info["process_id"], "postgresql": ground.pid}
        made.log = data / "log"
        _serve(made, plan, stack)
        if plan.scribe:
            scribe = stack.enter_context(started(Program("worker", ("scribe",), variables, log=made.log)))
            made.beside["scribe"] = scribe.pid
        yield made


def standing(ground: Ground, plan: Plan) -> House:
    """A house that stays until the end of the run, the same for whoever asks for one like that."""
    return ground.once(plan, lambda: house(ground, plan))


def environment(home: Path, data: Path, valkey: str, record: str) -> dict[str, str]:
    """What the processes of a house are told."""
    (data / "metrics").mkdir()
    return {
        "NJIA_HOME": str(home),
        "NJIA_DATA": str(data),
        "NJIA_REDIS__URL": valkey,
        "NJIA_DATABASE__URL": record,
        "PROMETHEUS_MULTIPROC_DIR": str(data / "metrics"),  # as `njia serve` sets it
    }


def _peopled(plan: Plan, variables: dict[str, str], store: redis.Redis, dsn: str) -> House:
    extend()
    settings = load(environment=variables)
    path = asyncio.run(people.prepared(settings, plan.savers, plan.borrowers))
    calling = people.savers(plan.savers)
    if plan.many:
        calling = plan.many.fill(dsn)
        asyncio.run(people.carded(settings, [phone for phone, _ in calling]))
    return House(calling, people.borrowers(plan.borrowers), path, store, dsn, variables)


def _serve(made: House, plan: Plan, stack: ExitStack) -> None:
    """The gateways, logging and counting as in production, sharing one port."""
    for sock in listen("127.0.0.1", 0, plan.gateways):
        with sock:
            made.port = sock.getsockname()[1]
            serving = Program("bench.serving", (str(sock.fileno()),), made.variables, (sock.fileno(),), made.log)
            made.gateways.append(stack.enter_context(started(serving)).pid)
    for _ in range(4 * plan.gateways):  # the kernel deals connections out among them
        answers(f"http://127.0.0.1:{made.port}/readyz", made.log)


def answers(url: str, log: Path) -> None:
    """Waits until a gateway is ready. Raises Stuck."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(url, timeout=2) as response:
                if response.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.02)
    raise Stuck(f"the gateway did not start:\n{log.read_text()[-2000:]}")


def leased(store: redis.Redis) -> bool:
    """Whether a scribe holds all streams of the journal."""
    return all(store.mget([scribe_key(shard) for shard in range(SHARDS)]))


def apart(houses: Sequence[House], beside: Sequence[int]) -> None:
    """The gateways have a core each where that leaves one, and everything else the others. One house is busy at a
    time."""
    cores = max(len(one.gateways) for one in houses)
    others = [pid for one in houses for pid in one.beside.values()]
    processes.apart([pid for one in houses for pid in one.gateways], [*others, *beside], cores)
