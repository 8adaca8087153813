"""``python -m worker``: the scribe, the schedules and the jobs as three processes, each started again if it dies.

``python -m worker scribe|schedule|jobs`` is one of them alone.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from flows.faults import BrokenDefinitions
from gateway import logs
from gateway.embedded.parents import watch_parent
from gateway.embedded.places import EmbeddedError
from gateway.embedded.programs import command
from gateway.embedded.supervisor import Child, Supervisor
from gateway.settings import SettingsError, load

ROLES = ("scribe", "schedule", "jobs")
USAGE = "Write: python -m worker [scribe|schedule|jobs]\n"


def main(words: list[str]) -> int:
    """The exit code: 0 after a clean stop, 2 for wrong usage."""
    if len(words) > 1 or not set(words) <= set(ROLES):
        sys.stderr.write(USAGE)
        return 2
    watch_parent()
    try:
        settings = load()
        logs.configure(settings.log)
        if words:
            _one(words[0])
        else:
            _all(settings.data)
    except (SettingsError, EmbeddedError, BrokenDefinitions) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _one(role: str) -> None:
    from worker import roles  # noqa: PLC0415 - all that the product has, which their parent does not need

    if role == "jobs":
        roles.run_jobs()
    else:
        roles.run_role(roles.scribe if role == "scribe" else roles.schedule)


def _all(data: Path) -> None:
    data.mkdir(parents=True, exist_ok=True)
    children = [Child(name, tuple(command("worker", name))) for name in ROLES]
    Supervisor(children, data / f"worker-{os.getpid()}.json").run(lambda: True, lambda: None)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
