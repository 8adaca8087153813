"""The parent of ``demo`` and ``serve``: starts the processes of one host, starts a killed one again, leaves none.

What runs stands in a file, ``{"<name>": pid}``, replaced as a whole at every change.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from gateway.embedded.parents import GRACE, VARIABLE
from gateway.embedded.programs import environment

TICK = 0.05
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0  # seconds before a process that died is started again
STEADY = 10.0  # seconds after which a process counts as well
TRIES = 5  # starts of a process before anything has answered
PATIENCE = 60.0  # seconds until everything must have answered once


class DidNotStart(Exception):
    """A process that everything depends on does not stay alive."""


@dataclass(frozen=True, slots=True)
class Child:
    """A process to keep running. ``fds`` are handed down open (a listening socket). ``once``: it begins when everything
    answers, and is done when it ends with 0, or has been tried often
    enough."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    fds: tuple[int, ...] = ()
    once: bool = False


@dataclass(slots=True)
class _Place:
    """Where a child runs, or when it is to be started next."""

    child: Child
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    due: float = 0.0
    pause: float = FIRST_PAUSE
    starts: int = 0


class Supervisor:
    """``run`` returns when SIGTERM or SIGINT came and every child has ended."""

    def __init__(
        self,
        children: list[Child],
        record: Path,
        others: Callable[[], Mapping[str, int]] = dict,
        log: Path | None = None,
    ) -> None:
        self._places = [_Place(child) for child in children if not child.once]
        self._later = [_Place(child) for child in children if child.once]
        self._record = record
        self._others = others
        self._log = log
        self._stopping = False
        self._up = False
        self._since = time.monotonic()
        self._alarm, self._bell = os.pipe()
        self._life, self._hold = os.pipe()  # children read `_life`; nobody else ever has `_hold`
        for end in (self._alarm, self._bell):
            os.set_blocking(end, False)

    def pids(self) -> dict[str, int]:
        """Every process by name, this one and the ones that others keep included."""
        ours = {place.child.name: place.process.pid for place in self._places if place.process}
        return {"supervisor": os.getpid(), **ours, **self._others()}

    def wake(self) -> None:
        """From any thread: something changed, look again."""
        os.write(self._bell, b"!")

    def run(self, ready: Callable[[], bool], announce: Callable[[], None]) -> None:
        """Starts everything, calls ``announce`` once when ``ready`` is true, and stays. Raises DidNotStart."""
        self._hear_signals()
        try:
            while not self._stopping:
                self._start_what_is_due()
                self._announce_when(ready, announce)
                self._wait()
                self._bury()
        finally:
            self._end()

    def _hear_signals(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._bell, warn_on_full_buffer=False)

    def _stop(self, *_: object) -> None:
        self._stopping = True

    def _start_what_is_due(self) -> None:
        now = time.monotonic()
        due = [place for place in self._places if place.process is None and place.due <= now]
        for place in due:
            if place.starts >= TRIES and not self._up:
                raise DidNotStart(f"{place.child.name} does not start.")
            place.process, place.started, place.starts = self._launch(place.child), now, place.starts + 1
        if due:
            self.write()

    def _launch(self, child: Child) -> subprocess.Popen[bytes]:
        handed = {VARIABLE: str(self._life), **child.environment}
        with self._output() as output:
            return subprocess.Popen(  # noqa: S603 -- our own programs
                child.command,
                stdin=subprocess.DEVNULL,
                stdout=output,  # standard output is for what we announce
                stderr=output,
                pass_fds=(self._life, *child.fds),
                env=environment(handed),
                start_new_session=True,  # Ctrl-C reaches us alone, and we tell the children once
            )

    def _output(self) -> IO[bytes]:
        if self._log is None:
            return os.fdopen(os.dup(sys.stderr.fileno()), "wb")
        return self._log.open("ab")

    def _announce_when(self, ready: Callable[[], bool], announce: Callable[[], None]) -> None:
        if not self._up and all(place.process for place in self._places) and ready():
            self._up = True
            announce()
            self._places += self._later
        if not self._up and time.monotonic() - self._since > PATIENCE:
            raise DidNotStart(f"Not everything answered within {PATIENCE:.0f} seconds.")

    def _wait(self) -> None:
        pauses = [max(0.0, place.due - time.monotonic()) for place in self._places if place.process is None]
        if not self._up:
            pauses.append(TICK)
        select.select([self._alarm], [], [], min(pauses, default=None))
        while select.select([self._alarm], [], [], 0)[0]:
            os.read(self._alarm, 4096)
        self.write()

    def _bury(self) -> None:
        now = time.monotonic()
        for place in [*self._places]:
            if place.process is not None and place.process.poll() is not None:
                place.pause = FIRST_PAUSE if now - place.started > STEADY else min(place.pause * 2, LONGEST_PAUSE)
                _sweep(place.process)
                done = place.child.once and (place.process.returncode == 0 or place.starts >= TRIES)
                place.process, place.due = None, now + place.pause
                if done:
                    self._places.remove(place)
                    self.write()

    def write(self) -> None:
        """Replaces the file of pids, if they have changed."""
        text = json.dumps(self.pids(), indent=1) + "\n"
        if self._record.is_file() and self._record.read_text() == text:
            return
        beside = self._record.with_suffix(".new")
        beside.write_text(text)
        beside.replace(self._record)

    def _end(self) -> None:
        """Asks every child to end, and kills what has not done so in time."""
        alive = [place.process for place in self._places if place.process and place.process.poll() is None]
        for process in alive:
            process.terminate()
        deadline = time.monotonic() + 2 * GRACE
        for process in alive:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            _sweep(process)
        self._record.unlink(missing_ok=True)


def _sweep(process: subprocess.Popen[bytes]) -> None:
    """What a dead child had forked is in its process group, and has no owner any more."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
