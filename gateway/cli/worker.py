"""``njia worker``: hands over to ``python -m worker``, as the gateway may not import it."""

from __future__ import annotations

import os
import sys

import click

from gateway.cli.common import Command

WORKER = """Run what may be late: the scribe (journal to client record), the schedules, the jobs.

Without a ROLE all three, each in its own process, started again if it dies.

\b
  njia worker
  njia worker scribe
"""


@click.command("worker", cls=Command, help=WORKER)
@click.argument("role", required=False, type=click.Choice(["scribe", "schedule", "jobs"]))
def worker(role: str | None) -> None:
    from gateway.embedded.programs import command, environment  # noqa: PLC0415
    from gateway.settings import load  # noqa: PLC0415

    load()  # a fault is told here, in one place
    os.execve(sys.executable, command("worker", *([role] if role else [])), environment())  # noqa: S606
