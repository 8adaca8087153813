"""What one job costs a house, and how jobs take turns so that their figures can be compared."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from bench import processes
from bench.calling import Callers
from bench.houses import House
from bench.phones import Job

LIMIT = 1.15  # what is flat: at most so many times the first point

Note = Callable[[str], None]


class Effort(msgspec.Struct, frozen=True):
    """How much is measured. ``most``: clients in the largest record. ``quick``: only the ends of a series."""

    rounds: int = 5
    seconds: float = 4.0
    phones: int = 16
    clients: int = 256
    most: int = 1_000_000
    quick: bool = False


@dataclass(frozen=True, slots=True)
class Figures:
    """CPU seconds per 1,000 requests: of the servers, and of each part beside them. ``lag``: seconds until the record
    held all of it. ``late``: replies for which a read came too late."""

    requests: int
    cpu: float
    beside: dict[str, float]
    rate: float
    p50_ms: float
    p99_ms: float
    worst_ms: float
    lag: float
    late: int


Points = Mapping[str, Callable[[float], Figures]]


def measured(house: House, callers: Callers, job: Job, servers: Sequence[int] = ()) -> Figures:
    """What ``job`` costs just now; ``servers`` are the house's own gateways unless they are named."""
    pids = servers or house.gateways
    callers.ask(job)
    house.drained()
    server, beside = processes.used(*pids), _beside(house)
    done = callers.go()
    cpu = processes.used(*pids) - server
    lag = house.drained()
    after = _beside(house)
    per = 1000 / done.requests
    return Figures(
        requests=done.requests,
        cpu=cpu * per,
        beside={name: (after[name] - beside[name]) * per for name in beside},
        rate=done.requests / done.seconds,
        p50_ms=done.p50_ms,
        p99_ms=done.p99_ms,
        worst_ms=done.worst_ms,
        lag=lag,
        late=done.late,
    )


def _beside(house: House) -> dict[str, float]:
    return {name: processes.used(pid) for name, pid in house.beside.items()}


def interleaved(effort: Effort, points: Points, note: Note) -> dict[str, list[Figures]]:
    """Every point once in each round, after a short one that does not count: what a machine does beside us for a while
    falls on all points alike. A point is measured for the seconds that it is given. Every other round goes backwards:
    none is always the last."""
    for measure in points.values():
        measure(min(effort.seconds, 0.5))
    found: dict[str, list[Figures]] = {name: [] for name in points}
    order = list(points)
    for number in range(1, effort.rounds + 1):
        note(f"  round {number} of {effort.rounds} …")
        for name in order:
            found[name].append(points[name](effort.seconds))
        order.reverse()
    return found


def median(figures: Sequence[Figures], what: Callable[[Figures], float]) -> float:
    return statistics.median(map(what, figures))


def ratio(figures: Sequence[Figures], mark: Sequence[Figures]) -> float:
    """The CPU of one against another's: the median of what it was in each round."""
    return statistics.median(one.cpu / (other.cpu or math.nan) for one, other in zip(figures, mark, strict=True))


def verdict(good: bool) -> str:
    return "PASS" if good else "over"
