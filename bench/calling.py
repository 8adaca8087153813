"""The phones as processes of their own, and how one tells them what to do."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

import msgspec

from bench.phones import Done, Job
from bench.processes import Program, started


class Stuck(Exception):
    """A process did not start, or does not go on."""


class Callers:
    """The phones of one or more processes, all at work on one job."""

    def __init__(self, processes: Sequence[subprocess.Popen[str]]) -> None:
        self._processes = processes

    @property
    def pids(self) -> list[int]:
        return [process.pid for process in self._processes]

    def ask(self, job: Job) -> None:
        """Hands a job to the phones and waits until they are ready for its measured part."""
        count = len(self._processes)
        for n, process in enumerate(self._processes):
            share = msgspec.structs.replace(job, sims=job.sims[n::count], phones=max(1, job.phones // count))
            _say(process, msgspec.json.encode(share).decode())
        for process in self._processes:
            if _hear(process) != "ready":
                raise Stuck("the phones are not ready")

    def go(self) -> Done:
        """Has the job done. Of several processes: the p50 of all is about the mean of theirs, the p99 the worst."""
        for process in self._processes:
            _say(process, "go")
        done = [msgspec.json.decode(_hear(process), type=Done) for process in self._processes]
        return Done(
            requests=sum(one.requests for one in done),
            seconds=max(one.seconds for one in done),
            p50_ms=sum(one.p50_ms for one in done) / len(done),
            p99_ms=max(one.p99_ms for one in done),
            worst_ms=max(one.worst_ms for one in done),
            late=sum(one.late for one in done),
        )


@contextmanager
def callers(count: int = 1) -> Iterator[Callers]:
    """So many processes of phones, until the block ends."""
    with ExitStack() as stack:
        yield Callers([stack.enter_context(started(Program("bench.phones", talks=True))) for _ in range(count)])


def _say(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdin
    process.stdin.write(line + "\n")
    process.stdin.flush()


def _hear(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    line = process.stdout.readline().strip()
    if not line:
        raise Stuck("the phones have stopped: see above")
    return line
