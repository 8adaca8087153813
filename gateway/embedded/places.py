"""Where the embedded Valkey keeps its data and its sockets, for one data folder."""

from __future__ import annotations

import fcntl
import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/tmp")  # noqa: S108 -- never TMPDIR: every process on a data folder must find the same socket


class EmbeddedError(Exception):
    """The embedded Valkey cannot run here."""


@dataclass(frozen=True, slots=True)
class Places:
    """Every path. A socket's path must be under 100 bytes on every system, so sockets lie apart from the data."""

    data: Path  # append-only files, locks, logs; durable
    runtime: Path  # sockets; gone when nothing runs

    @property
    def control(self) -> Path:
        return self.runtime / "keeper.sock"

    @property
    def valkey(self) -> Path:
        return self.runtime / "valkey.sock"

    @property
    def keeper_lock(self) -> Path:
        return self.data / "keeper.lock"

    @property
    def valkey_lock(self) -> Path:
        return self.data / "valkey.lock"

    @property
    def log(self) -> Path:
        return self.data / "valkey.log"

    @property
    def url(self) -> str:
        return f"unix://{self.valkey}"


def places(data: Path) -> Places:
    """The places of this data folder; nothing is made yet."""
    real = Path(os.path.realpath(data))
    digest = hashlib.blake2b(os.fsencode(real), digest_size=8).hexdigest()
    return Places(real / "redis", ROOT / f"njia-{os.getuid()}" / digest)


def make(where: Places) -> None:
    """Makes the folders, open to their owner only. Raises EmbeddedError when somebody else holds the runtime's name."""
    where.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    for folder in (where.runtime.parent, where.runtime):
        folder.mkdir(exist_ok=True, mode=0o700)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
            raise EmbeddedError(f"{folder} belongs to somebody else or is open to others. Remove it, and start again.")


def lock(path: Path) -> int | None:
    """A file descriptor that holds this lock until it is closed everywhere, or None when another process has it."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle
