"""Processes of a measurement: started on a core of their own, ended with us, and how much CPU each has used."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import psutil

from gateway.embedded.parents import VARIABLE
from gateway.embedded.programs import command, environment

CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


@dataclass(frozen=True, slots=True)
class Program:
    """One of our modules, to be run. ``log``: where its words go, None for ours; ``talks``: by its standard input."""

    module: str
    arguments: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    fds: tuple[int, ...] = ()
    log: Path | None = None
    talks: bool = False


@contextmanager
def started(program: Program) -> Iterator[subprocess.Popen[str]]:
    """Runs ``program`` until the block ends, or this process does."""
    life, hold = os.pipe()
    pipe = subprocess.PIPE if program.talks else subprocess.DEVNULL
    with _log(program.log) as log:
        process = subprocess.Popen(
            command(program.module, *program.arguments),
            env=environment({**program.variables, VARIABLE: str(life)}),
            pass_fds=(life, *program.fds),
            stdin=pipe,
            stdout=pipe if program.talks else log,
            stderr=log,
            text=True,
        )
    os.close(life)
    try:
        yield process
    finally:
        os.close(hold)
        process.terminate()
        process.wait(20)


@contextmanager
def _log(path: Path | None) -> Iterator[IO[bytes] | None]:
    if path is None:
        yield None
        return
    with path.open("ab") as log:
        yield log


def apart(servers: Iterable[int], others: Iterable[int], cores: int = 1) -> None:
    """Servers have the first ``cores`` to themselves; everything beside them has the rest. Nothing is kept apart where
    no core would be left."""
    if len(CORES) <= cores:
        return
    for pids, share in ((servers, CORES[:cores]), (others, CORES[cores:])):
        for pid in pids:
            for one in _family(pid):
                with suppress(psutil.NoSuchProcess):
                    one.cpu_affinity(share)


def used(*pids: int) -> float:
    """CPU seconds of processes, their children and those they had, in user and kernel mode."""
    return sum(sum(_times(one)) for pid in pids for one in _family(pid))


def _family(pid: int) -> list[psutil.Process]:
    root = psutil.Process(pid)
    return [root, *root.children()]


def _times(process: psutil.Process) -> tuple[float, ...]:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return ()
    return times.user, times.system, times.children_user, times.children_system


def memory(pid: int) -> float:
    """Resident memory in MiB."""
    return float(psutil.Process(pid).memory_info().rss) / 2**20
