"""The parts of a measurement, in the order in which they are made."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from bench import capacity, checks, crowd, growth, leaving, profiling, ratios, scribing, sharing, slow, starts
from bench.ground import Ground
from bench.measuring import Effort, Note
from bench.table import Found

Part = Callable[[Ground, Effort, Note], Found]

_SERIES: dict[str, Part] = {series.name: partial(growth.grown, series) for series in growth.SERIES}
GROWTH = tuple(_SERIES)
PARTS: dict[str, Part] = {
    "table": ratios.table,
    "crowd": crowd.crowd,
    **_SERIES,
    "processes": sharing.sharing,
    "scribe": scribing.scribe,
    "starts": starts.starts,
    "leaving": leaving.leaving,
    "checks": checks.checks,
    "slow": slow.slow,
    "capacity": capacity.capacity,
    "profile": profiling.profile,
}
USUAL = tuple(name for name in PARTS if name != "profile")  # which needs a tool that is not everywhere
