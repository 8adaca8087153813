"""More gateway processes on one port, as ``njia serve --workers`` runs them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

from bench.calling import callers
from bench.ground import Ground
from bench.houses import Plan, apart, standing
from bench.many import Many
from bench.measuring import LIMIT, Effort, Figures, Note, interleaved, measured, median, ratio, verdict
from bench.processes import CORES
from bench.table import Found, Row, Table
from bench.talks import TURN, job

EACH = 32  # phones for each process
HEAD = ("gateway processes", "turns/s", "turns/s each", "CPU s/1000", "× one process", "p50 ms", "p99 ms", "")
NOTE = (
    "{cores} cores, which the phones, Valkey and PostgreSQL need too: where they leave no core to each process, all "
    "share.\nWhat counts is that a turn costs no more CPU where several processes share the work."
)


def sharing(ground: Ground, effort: Effort, note: Note) -> Found:
    """One gateway process, two, four …, up to the cores there are."""
    counts = [count for count in (1, 2, 4, 8, 16) if count <= max(2, len(CORES))]
    everyone = Many(effort.clients, effort.clients)
    built = {count: standing(ground, Plan(everyone, gateways=count)) for count in counts}
    with callers(max(1, counts[-1] // 2)) as phones:
        for one in built.values():
            apart([one], phones.pids)

        def point(count: int) -> Callable[[float], Figures]:
            called, one = min(effort.clients, EACH * count), built[count]
            return lambda seconds: measured(one, phones, job(one, TURN, seconds, called))

        found = interleaved(effort, {str(count): point(count) for count in counts}, note)
    rows = [_row(count, found[str(count)], found["1"]) for count in counts]
    figures = {name: [asdict(each) for each in one] for name, one in found.items()}
    return Found({"rounds": figures}, [Table("processes", "More processes", HEAD, rows, NOTE.format(cores=len(CORES)))])


def _row(count: int, found: list[Figures], one: list[Figures]) -> Row:
    rate, times = median(found, lambda f: f.rate), ratio(found, one)
    return (
        str(count),
        f"{rate:,.0f}",
        f"{rate / count:,.0f}",
        f"{median(found, lambda f: f.cpu):.3f}",
        f"{times:.2f}",
        f"{median(found, lambda f: f.p50_ms):.1f}",
        f"{median(found, lambda f: f.p99_ms):.1f}",
        verdict(times <= LIMIT),
    )
