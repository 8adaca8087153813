"""Medians of the rounds, as a table for people and as JSON for programs."""

from __future__ import annotations

import math
import os
import platform
import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.lines import LINES
from bench.measuring import BESIDE, Figures, Round

MARKS = ("L0", "L1", "L2")
LIBRARIES = ("aiohttp", "uvloop", "redis", "hiredis", "asyncpg", "sqlalchemy", "msgspec")
HEAD = ("", "CPU s/1000", *(f"× {mark}" for mark in MARKS), *BESIDE, "requests/s", "p50 ms", "p99 ms", "")
NOTE = """\
CPU s/1000: CPU seconds of the server process per 1,000 requests, user and kernel; the figure to trust. valkey, scribe,
postgresql: theirs, for the same requests. × L2: against L2 in the same round. The median of {rounds} rounds each.
The turn is a session of four requests: dial, choose, choose, PIN, of which the last reads this phone's balance. Nobody
checks that PIN: to hash it costs more than all the rest and has a line of its own, "PIN".\
"""


def table(rounds: Sequence[Round]) -> str:
    rows = [HEAD, *(_row(rounds, line.name, line.about) for line in LINES)]
    widths = [max(len(row[n]) for row in rows) for n in range(len(HEAD))]
    return "\n".join(
        "  ".join([row[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(row[1:-1], widths[1:-1], strict=True))])
        + f"  {row[-1]}"
        for row in rows
    ).replace(" \n", "\n")


def _row(rounds: Sequence[Round], name: str, about: str) -> tuple[str, ...]:
    def of(what: Callable[[Figures], float], form: str) -> str:
        return format(statistics.median(what(one[name]) for one in rounds), form)

    return (
        name,
        of(lambda f: f.cpu, ".3f"),
        *(f"{ratio(rounds, name, mark):.2f}" for mark in MARKS),
        *(of(lambda f, part=part: f.beside[part], ".3f") for part in BESIDE),  # type: ignore[misc]
        of(lambda f: f.rate, ",.0f"),
        of(lambda f: f.p50_ms, ".1f"),
        of(lambda f: f.p99_ms, ".1f"),
        about,
    )


def ratio(rounds: Sequence[Round], name: str, mark: str) -> float:
    """The CPU of a line against another's: the median of what it was in each round."""
    return statistics.median(one[name].cpu / (one[mark].cpu or math.nan) for one in rounds)


def late(rounds: Sequence[Round]) -> str:
    """A word on replies for which the record came too late, if there were any."""
    count = sum(figures.late for one in rounds for figures in one.values())
    return f"\n{count} replies said that the record is late: this machine has too much to do." if count else ""


def machine() -> dict[str, Any]:
    """What the figures were made on."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        "load": [round(load, 1) for load in os.getloadavg()],
        **{name: version(name) for name in LIBRARIES},
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


def as_json(rounds: Sequence[Round], about: dict[str, Any]) -> dict[str, Any]:
    """Everything: the medians, the ratios, and each round as it was."""
    ratios = {line.name: {mark: round(ratio(rounds, line.name, mark), 3) for mark in MARKS} for line in LINES}
    return {
        **about,
        "lines": {line.name: line.about for line in LINES},
        "ratios": ratios,
        "rounds": [{name: asdict(figures) for name, figures in one.items()} for one in rounds],
    }
