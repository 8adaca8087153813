"""One phone, a few and many at once: how long a turn takes, what it costs, and what the gateway keeps in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

from bench.bed import Bed, laid
from bench.ground import Ground
from bench.lines import LINES
from bench.measuring import Effort, Figures, Note, Points, interleaved, median, ratio
from bench.processes import memory
from bench.ratios import measured_line
from bench.table import Found, Row, Table

PHONES = (1, 16, 256)
COMPARED = ("L2", "turn")
HEAD = ("", "phones", "p50 ms", "p99 ms", "turns/s", "CPU s/1000", "× L2", "memory MiB")


def crowd(ground: Ground, effort: Effort, note: Note) -> Found:
    """``turn`` and L2 with 1, 16 and 256 phones in a closed loop."""
    held: dict[str, int] = {}
    counts = sorted({min(phones, effort.clients) for phones in PHONES})
    bed = laid(ground, effort.clients, effort.phones)
    rounds = interleaved(effort, _points(bed, counts, held), note)
    rows = [_row(rounds, name, count, held) for name in COMPARED for count in counts]
    table = Table("crowd", "How many call at once", HEAD, rows, "Memory is what the process held after that point.")
    figures = {name: [asdict(one) for one in found] for name, found in rounds.items()}
    return Found({"rounds": figures, "memory_mib": held}, [table])


def _points(bed: Bed, counts: list[int], held: dict[str, int]) -> Points:
    def point(line: str, count: int) -> Callable[[float], Figures]:
        what = next(one for one in LINES if one.name == line)

        def measure(seconds: float) -> Figures:
            found = measured_line(bed, what, count, seconds)
            held[_name(line, count)] = round(memory(bed.pids[what.server]))
            return found

        return measure

    return {_name(line, count): point(line, count) for count in counts for line in COMPARED}


def _name(line: str, count: int) -> str:
    return f"{line}, {count}"


def _row(rounds: dict[str, list[Figures]], line: str, count: int, held: dict[str, int]) -> Row:
    found = rounds[_name(line, count)]
    return (
        line,
        str(count),
        f"{median(found, lambda f: f.p50_ms):.1f}",
        f"{median(found, lambda f: f.p99_ms):.1f}",
        f"{median(found, lambda f: f.rate):,.0f}",
        f"{median(found, lambda f: f.cpu):.3f}",
        f"{ratio(found, rounds[_name('L2', count)]):.2f}",
        str(held[_name(line, count)]),
    )
