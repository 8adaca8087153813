"""Attaching a process to the embedded Valkey of a data folder. Whoever comes first starts its keeper."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from gateway.embedded.places import EmbeddedError, Places, make, places
from gateway.embedded.programs import command, environment
from gateway.embedded.valkey import Limits, binary

TICK = 0.02
AGAIN = 0.1  # seconds between two starts of a keeper


class Attachment:
    """As long as it is open, the Valkey at ``url`` runs and is started again should it die.

    A thread watches the connection to the keeper; with ``watch=False`` (a process that forks) the connection is only
    held, and others must see to it that a killed keeper is replaced. ``changed`` is called, in that thread, when a
    process was replaced.
    """

    def __init__(self, where: Places, limits: Limits, patience: float, changed: Callable[[], None]) -> None:
        self.url = where.url
        self.pids: dict[str, int] = {}
        self._where = where
        self._limits = limits
        self._patience = patience
        self._changed = changed
        self._closed = False
        self._connection = self._connect()

    def watch(self) -> None:
        threading.Thread(target=self._watch, name="keeper", daemon=True).start()

    def close(self) -> None:
        """Lets go. The last one to do so ends Valkey."""
        self._closed = True
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)  # wakes the thread
        self._connection.close()

    def _connect(self) -> socket.socket:
        deadline = time.monotonic() + self._patience
        keeper, next_start = None, 0.0
        while time.monotonic() < deadline:
            connection = self._knock(deadline)
            if connection is not None:
                return connection
            if time.monotonic() >= next_start and (keeper is None or keeper.poll() is not None):
                keeper, next_start = _start_keeper(self._where, self._limits), time.monotonic() + AGAIN
            time.sleep(TICK)
        raise EmbeddedError(
            f"The embedded Valkey did not answer in {self._patience:.0f} seconds. See {self._where.log}."
        )

    def _knock(self, deadline: float) -> socket.socket | None:
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(max(TICK, deadline - time.monotonic()))
        try:
            connection.connect(str(self._where.control))
            ready = self._hear(connection)
        except OSError:
            ready = False
        if not ready:
            connection.close()
            return None
        connection.settimeout(None)
        return connection

    def _hear(self, connection: socket.socket) -> bool:
        """One line of the keeper's news; False when it has gone. Raises EmbeddedError when it gave up."""
        words = connection.recv(256).decode().strip().rpartition("\n")[2].split()
        if words[:1] == ["failed"]:
            raise EmbeddedError(f"The embedded Valkey does not start. See {self._where.log}.")
        if words:
            self.pids = {"keeper": int(words[1]), "valkey": int(words[2])}
        return bool(words)

    def _watch(self) -> None:
        while not self._closed:
            try:
                here = self._hear(self._connection)
            except (OSError, EmbeddedError):
                here = False
            if not here and not self._closed:
                self._connection.close()
                self._reconnect()
            if not self._closed:
                self._changed()

    def _reconnect(self) -> None:
        """Keeps trying: as long as we live, Valkey is wanted."""
        while not self._closed:
            try:
                self._connection = self._connect()
                return
            except EmbeddedError as error:
                print(error, file=sys.stderr)  # noqa: T201 -- logging may not be set up in this process


def attach(
    data: Path,
    limits: Limits | None = None,
    *,
    patience: float = 30.0,
    watch: bool = True,
    changed: Callable[[], None] = lambda: None,
) -> Attachment:
    """Attaches this process to the Valkey of this data folder, starting it if need be.

    Blocks until it answers, at most ``patience`` seconds (it may have much to read). Raises EmbeddedError.
    """
    where = places(data)
    binary()
    make(where)
    attachment = Attachment(where, limits or Limits(), patience, changed)
    if watch:
        attachment.watch()
    return attachment


def _start_keeper(where: Places, limits: Limits) -> subprocess.Popen[bytes]:
    with (where.data / "keeper.log").open("ab") as log:
        keeper = subprocess.Popen(  # noqa: S603 -- our own module
            command("gateway.embedded.keeper", str(where.data.parent), limits.appendfsync, str(limits.memory_mb)),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C is for us; the keeper ends when we have ended
            cwd="/",
            env=environment(),
        )
    threading.Thread(target=keeper.wait, name="reaper", daemon=True).start()
    return keeper
