"""What is said of files to somebody who reads a terminal: file by file, line by line, what is wrong and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import click

from gateway.cli.common import counted

if TYPE_CHECKING:
    from flows.faults import Fault

COLOURS = {"error": "red", "warning": "yellow"}


def tell(faults: Sequence[Fault]) -> None:
    """All of them, and how many there are."""
    for file, found in groupby(faults, lambda fault: fault.file):
        click.echo(click.style(file, bold=True))
        for fault in found:
            click.echo("\n".join(_lines(fault)))
        click.echo()
    errors = sum(fault.level == "error" for fault in faults)
    click.echo(f"{counted(errors, 'error')}, {counted(len(faults) - errors, 'warning')}.")


def _lines(fault: Fault) -> Iterator[str]:
    place = [f"line {fault.line}", f"step {fault.step}" if fault.step else "", fault.language, fault.channel]
    yield f"  {', '.join(part for part in place if part)}: {click.style(fault.level, fg=COLOURS[fault.level])}"
    yield f"    {fault.message}"
    yield f"    {fault.fix}"
