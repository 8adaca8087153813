"""A bank that takes ten seconds to answer for one client in ten: how long do clients wait?"""

from __future__ import annotations

from dataclasses import asdict

from bench.calling import callers
from bench.ground import Ground
from bench.houses import Plan, apart, house
from bench.many import Many
from bench.measuring import Effort, Figures, Note, interleaved, measured, median, verdict
from bench.table import Found, Table
from bench.talks import TURN, job

CLIENTS, PHONES = 1000, 64
GOAL = 1000  # milliseconds of the p99
HEAD = ("", "replies", "honest sentences", "turns/s", "p50 ms", "p99 ms", "worst ms", "")
NOTE = (
    "The honest sentence says that the accounts cannot be seen now. One reply in four asks the bank, and one of those "
    "in\nten has to wait: one in forty of all, so that the p99 is the time of one that waited."
)


def slow(ground: Ground, effort: Effort, note: Note) -> Found:
    """The p99 over all replies stays under a second, as the deadline turns waiting into an honest sentence."""
    clients, phones = min(CLIENTS, effort.most), ground.once(callers, callers)
    with house(ground, Plan(Many(clients, clients), bank="banks/bench_slow")) as one:
        apart([one], phones.pids)
        work = {"slow": lambda seconds: measured(one, phones, job(one, TURN, seconds, min(clients, PHONES)))}
        found: list[Figures] = interleaved(effort, work, note)["slow"]
    p99 = median(found, lambda f: f.p99_ms)
    row = (
        "10 s for one client in ten",
        f"{sum(one.requests for one in found):,}",
        f"{sum(one.late for one in found):,}",
        f"{median(found, lambda f: f.rate):,.0f}",
        f"{median(found, lambda f: f.p50_ms):.1f}",
        f"{p99:.0f}",
        f"{max(one.worst_ms for one in found):.0f}",
        verdict(p99 < GOAL),
    )
    return Found({"rounds": [asdict(one) for one in found]}, [Table("slow", "A slow bank", HEAD, [row], NOTE)])
