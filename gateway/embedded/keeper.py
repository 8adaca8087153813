"""The keeper: one small process per data folder that owns the embedded Valkey.

It holds the lock, starts Valkey as its child, starts it again when it dies, and stops it when the last process that
was attached has gone. Who is attached holds a connection to the keeper's socket: it closes however a process ends.
Should the keeper itself be killed, Valkey gets a signal from the kernel; until it has ended it holds its own lock, so
the next keeper cannot start a second one on the same files, and asks a Valkey that is left over to stop.
"""

from __future__ import annotations

import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from gateway.embedded import valkey
from gateway.embedded.places import Places, lock, make, places

FIRST_WAIT = 5.0  # seconds for whoever started us to come
LAST_WAIT = 0.3  # seconds after the last has gone, as another may just be coming
STOPPING = 5.0  # seconds that Valkey has to write what it has
TICK = 0.02
TRIES = 3


class Keeper:
    """The loop: parents come and go, Valkey dies and is started again."""

    def __init__(self, where: Places, limits: valkey.Limits) -> None:
        self.where = where
        self.limits = limits
        self.selector = selectors.DefaultSelector()
        self.parents: set[socket.socket] = set()
        self.server: subprocess.Popen[bytes] | None = None
        self.ready = False
        self.failures = 0
        self.leave_at = time.monotonic() + FIRST_WAIT
        self.stopped = False
        self.listener = self._listen()
        self.lock = self._take_over()

    def run(self) -> None:
        self._hear_signals()
        while not self._done():
            self._look_after_valkey()
            for key, _ in self.selector.select(self._pause()):
                self._serve(key)
        self._stop()

    def _listen(self) -> socket.socket:
        self.where.control.unlink(missing_ok=True)  # we hold the lock: it is a dead keeper's
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(self.where.control))
        listener.listen(128)
        listener.setblocking(False)
        self.selector.register(listener, selectors.EVENT_READ)
        return listener

    def _take_over(self) -> int:
        """Waits until no Valkey that a killed keeper left behind is alive; the lock is its sign of life."""
        started = time.monotonic()
        while (handle := lock(self.where.valkey_lock)) is None:
            if time.monotonic() - started > STOPPING:
                _kill(self.where)
            else:
                valkey.ask_to_stop(self.where)
            time.sleep(TICK)
        return handle

    def _hear_signals(self) -> None:
        reader, writer = os.pipe()
        for end in (reader, writer):
            os.set_blocking(end, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, self._ask_to_stop)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        self.selector.register(reader, selectors.EVENT_READ)

    def _ask_to_stop(self, *_: object) -> None:
        self.stopped = True

    def _done(self) -> bool:
        return self.stopped or (not self.parents and time.monotonic() >= self.leave_at)

    def _pause(self) -> float | None:
        if not self.ready:
            return TICK
        return None if self.parents else max(0.0, self.leave_at - time.monotonic())

    def _look_after_valkey(self) -> None:
        if self.server is not None and self.server.poll() is not None:
            self.failures = self.failures if self.ready else self.failures + 1
            self.server, self.ready = None, False
        if self.failures >= TRIES:
            self._tell("failed")
            self.stopped = True
        elif self.server is None:
            self.server = valkey.start(self.where, self.limits, self.lock)
        elif not self.ready and valkey.answers(self.where):
            self.ready, self.failures = True, 0
            self._tell(self._news())

    def _news(self) -> str:
        return f"ready {os.getpid()} {self.server.pid if self.server else 0}"

    def _serve(self, key: selectors.SelectorKey) -> None:
        if key.fileobj is self.listener:
            self._welcome()
        elif isinstance(key.fileobj, socket.socket):
            if not _heard(key.fileobj):
                self._part(key.fileobj)
        else:
            os.read(key.fd, 4096)  # a signal woke us; the loop looks at what it was

    def _welcome(self) -> None:
        connection, _ = self.listener.accept()
        connection.setblocking(False)
        self.parents.add(connection)
        self.selector.register(connection, selectors.EVENT_READ)
        if self.ready:
            _send(connection, self._news())

    def _part(self, connection: socket.socket) -> None:
        self.selector.unregister(connection)
        self.parents.discard(connection)
        connection.close()
        self.leave_at = time.monotonic() + LAST_WAIT

    def _tell(self, line: str) -> None:
        for connection in self.parents:
            _send(connection, line)

    def _stop(self) -> None:
        """The sockets go first: who comes now is refused, and starts the next keeper."""
        self.where.control.unlink(missing_ok=True)
        self.listener.close()
        if self.server is not None:
            self.server.terminate()
            try:
                self.server.wait(STOPPING)
            except subprocess.TimeoutExpired:
                self.server.kill()
                self.server.wait()
        self.where.valkey.unlink(missing_ok=True)
        self.where.runtime.rmdir()


def _heard(connection: socket.socket) -> bool:
    """Nothing is ever said to the keeper; an end is an end."""
    try:
        return bool(connection.recv(64))
    except BlockingIOError:
        return True
    except OSError:
        return False


def _send(connection: socket.socket, line: str) -> None:
    try:
        connection.send(line.encode() + b"\n")
    except OSError:
        return  # it has just gone; its end arrives by itself


def _kill(where: Places) -> None:
    """Kills a Valkey that does not stop when asked, if it is certain that the pid in the lock file is still its own."""
    text = where.valkey_lock.read_text()
    title = Path(f"/proc/{text}/cmdline")
    if text.isdigit() and title.is_file() and str(where.valkey).encode() in title.read_bytes():
        os.kill(int(text), signal.SIGKILL)


def main(arguments: list[str]) -> int:
    """``python -m gateway.embedded.keeper DATA APPENDFSYNC MEMORY_MB``; of several at once, one stays."""
    os.umask(0o077)
    data, appendfsync, memory = arguments
    where = places(Path(data))
    make(where)
    if lock(where.keeper_lock) is None:
        return 0
    Keeper(where, valkey.Limits(appendfsync, int(memory))).run()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
