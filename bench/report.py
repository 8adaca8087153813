"""What the figures were made on, said in two lines and in the JSON."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.table import Table

LIBRARIES = ("aiohttp", "uvloop", "redis", "hiredis", "asyncpg", "sqlalchemy", "msgspec")


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


def table(made_on: dict[str, Any]) -> Table:
    """For people, and for a page that shows the figures."""
    libraries = ", ".join(f"{name} {made_on[name]}" for name in LIBRARIES)
    load = " ".join(map(str, made_on["load"]))
    rows = [
        ("machine", f"{made_on['processor']}, {made_on['cores']} cores, {made_on['system']}"),
        ("load before", f"{load} (of 1, 5 and 15 minutes: what else it had to do)"),
        ("Python", f"{made_on['python']}, {libraries}"),
    ]
    return Table("machine", "Made on", ("", ""), rows)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())
