"""The lines of the table, in turn, as medians of rounds and as ratios to the peers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from functools import partial

from bench.bed import Bed, laid
from bench.ground import Ground
from bench.lines import LINES, Line
from bench.measuring import Effort, Figures, Note, interleaved, measured, median, ratio
from bench.processes import memory
from bench.table import Found, Row, Table

MARKS = ("L0", "L1", "L2")
BESIDE = ("valkey", "scribe", "postgresql")
HEAD = ("", "CPU s/1000", *(f"× {mark}" for mark in MARKS), *BESIDE, "requests/s", "p50 ms", "p99 ms", "")
NOTE = """\
CPU s/1000: CPU seconds of the server process per 1,000 requests, user and kernel; the figure to trust. valkey, scribe,
postgresql: theirs, for the same requests. × L2: against L2 in the same round. The median of {rounds} rounds each.
The turn is a session of four requests: dial, choose, choose, PIN, of which the last reads this phone's balance. Nobody
checks that PIN: to hash it costs more than all the rest and has a line of its own, "PIN".\
"""
Rounds = dict[str, list[Figures]]


def table(ground: Ground, effort: Effort, note: Note) -> Found:
    """A full turn, its parts and its special cases, against L0, L1 and L2."""
    bed = laid(ground, effort.clients, effort.phones)
    points = {line.name: partial(measured_line, bed, line, effort.phones) for line in LINES}
    rounds = interleaved(effort, points, note)
    mib = round(memory(bed.house.gateways[0]))
    figures = {
        "memory_mib": mib,
        "ratios": {
            line.name: {mark: round(ratio(rounds[line.name], rounds[mark]), 3) for mark in MARKS} for line in LINES
        },
        "rounds": {name: [asdict(one) for one in found] for name, found in rounds.items()},
    }
    return Found(figures, [_table(rounds, mib)])


def measured_line(bed: Bed, line: Line, phones: int, seconds: float) -> Figures:
    job = line.job(bed, seconds, phones)
    found = measured(bed.house, bed.callers, job, [bed.pids[line.server]])
    bed.tidy()
    return found


def _table(rounds: Rounds, mib: int) -> Table:
    rows = [_row(rounds, line) for line in LINES]
    note = NOTE.format(rounds=len(rounds["L2"])) + f"\nMemory of the gateway afterwards: {mib} MiB." + _late(rounds)
    return Table("table", "What a turn costs", HEAD, rows, note)


def _row(rounds: Rounds, line: Line) -> Row:
    def of(what: Callable[[Figures], float], form: str) -> str:
        return format(median(rounds[line.name], what), form)

    return (
        line.name,
        of(lambda f: f.cpu, ".3f"),
        *(f"{ratio(rounds[line.name], rounds[mark]):.2f}" for mark in MARKS),
        *(of(lambda f, part=part: f.beside[part], ".3f") for part in BESIDE),  # type: ignore[misc]
        of(lambda f: f.rate, ",.0f"),
        of(lambda f: f.p50_ms, ".1f"),
        of(lambda f: f.p99_ms, ".1f"),
        line.about,
    )


def _late(rounds: Rounds) -> str:
    """A word on replies for which the record came too late, if there were any."""
    count = sum(one.late for found in rounds.values() for one in found)
    return f"\n{count} replies said that the record is late: this machine has too much to do." if count else ""
