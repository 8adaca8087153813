"""Rounds: every line once in each, and the figures of a line in a round."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench import processes
from bench.bed import Bed
from bench.lines import LINES, Line, first
from gateway.embedded.programs import command, environment

BESIDE = ("valkey", "scribe", "postgresql")
COLD = 3  # starts of `njia --help`


@dataclass(frozen=True, slots=True)
class Figures:
    """CPU seconds per 1,000 requests: of the server, and of each part beside it. ``lag``: seconds until the record
    held all of it. ``late``: replies for which a read came too late."""

    requests: int
    cpu: float
    beside: dict[str, float]
    rate: float
    p50_ms: float
    p99_ms: float
    lag: float
    late: int


@dataclass(frozen=True, slots=True)
class Plan:
    rounds: int
    seconds: float
    phones: int


Round = dict[str, Figures]


def rounds(bed: Bed, plan: Plan, note: Callable[[str], None]) -> Iterator[Round]:
    """Interleaved: what a machine does beside us for a while falls on all lines of a round alike."""
    note("every client calls once …")
    bed.ask(first(bed, plan.phones))
    bed.go()
    for line in LINES:
        measured(bed, line, plan.phones, min(plan.seconds, 0.5))
    for number in range(1, plan.rounds + 1):
        note(f"round {number} of {plan.rounds} …")
        yield {line.name: measured(bed, line, plan.phones, plan.seconds) for line in LINES}


def measured(bed: Bed, line: Line, phones: int, seconds: float) -> Figures:
    """What ``line`` costs just now."""
    bed.ask(line.job(bed, seconds, phones))
    bed.drained()
    server, beside = processes.used(bed.pids[line.server]), _beside(bed)
    done = bed.go()
    cpu = processes.used(bed.pids[line.server]) - server
    lag = bed.drained()
    after = _beside(bed)
    bed.tidy()
    per = 1000 / done.requests
    return Figures(
        requests=done.requests,
        cpu=cpu * per,
        beside={name: (after[name] - beside[name]) * per for name in BESIDE},
        rate=done.requests / done.seconds,
        p50_ms=done.p50_ms,
        p99_ms=done.p99_ms,
        lag=lag,
        late=done.late,
    )


def _beside(bed: Bed) -> dict[str, float]:
    return {name: processes.used(bed.pids[name]) for name in BESIDE}


def help_seconds() -> float:
    """How long ``njia --help`` takes, from a cold start; the files are in memory."""
    return statistics.median(_timed(command("gateway", "--help")) for _ in range(COLD))


def python_seconds() -> float:
    """How long Python alone takes."""
    return statistics.median(_timed([sys.executable, "-c", ""]) for _ in range(COLD))


def _timed(line: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(line, env=environment(), stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began
