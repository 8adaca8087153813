"""The real parts that tests run on: Valkey, PostgreSQL and SQLite, each started once for a run of the suite.

``valkey_url`` an empty Valkey · ``postgres_url``, ``sqlite_url`` an empty database of one test · ``database_url`` and
``database`` (also ``record``) a database with the schema, ``people_url`` one with the sample people: a test that names
one of them runs on SQLite *and* on PostgreSQL.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis
from fake_store import FakeStore, echo, opened

from bench.parts import NO_POSTGRESQL, postgres_bins, postgresql, sql, valkey
from gateway.record import migrations
from gateway.record.database import Database
from gateway.store.asking import Store

# -- no test leaves this machine ------------------------------------------------------------------------------------


def _guard(event: str, args: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.sendto"):
        host = args[1][0] if isinstance(args[1], tuple) else "unix"
        if not (host in ("unix", "localhost", "::1", "0.0.0.0", "") or str(host).startswith("127.")):
            raise PermissionError(f"a test tried to reach {host}: only this machine is allowed")


def pytest_configure() -> None:
    sys.addaudithook(_guard)  # unlike a patched method, also seen by what keeps its own reference to `connect`


# -- Valkey -----------------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _own_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """``njia --home`` and ``--data`` write here for what they start: taken back after each test."""
    for name in ("NJIA_HOME", "NJIA_DATA"):
        value = os.environ.get(name, "")
        monkeypatch.setenv(name, value)
        if not value:
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[str]:
    with valkey() as url:
        yield url


@pytest.fixture
def valkey_url(valkey_server: str) -> str:
    with redis.Redis.from_url(valkey_server) as client:
        client.flushall()
    return valkey_server


# -- PostgreSQL -------------------------------------------------------------------------------------------------------


# Nothing of a test must last: what makes commits safe against a power cut only costs time here.
HASTY = {"fsync": "off", "full_page_writes": "off", "max_connections": "100", "shared_buffers": "32MB"}

# asyncio.run in a thread of its own: fixtures without a loop must not disturb the loop of the test.
_thread = ThreadPoolExecutor(1)


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
        sql(self.admin, "create database njia_template")
        upgraded(url.format(name="njia_template"))

    @contextmanager
    def fresh(self, template: str) -> Iterator[str]:
        self.made += 1
        name = f"test_{self.made}"
        sql(self.admin, f"create database {name} template {template}")
        yield self.url.format(name=name)
        sql(self.admin, f"drop database {name} with (force)")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    bins = postgres_bins()
    if not bins:
        pytest.fail(NO_POSTGRESQL, pytrace=False)
    with postgresql(bins[0], **HASTY) as url:
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


# -- the sample people ------------------------------------------------------------------------------------------------


def peopled(database_url: str, redis_url: str, folder: Path) -> str:
    """Puts the sample people in."""
    from houses import settings_of

    from gateway.preparing import prepare

    _thread.submit(lambda: asyncio.run(prepare(settings_of(database_url, redis_url, folder)))).result()
    return database_url


@pytest.fixture(scope="session")
def sqlite_people(sqlite_template: Path, valkey_server: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("people")
    path = Path(shutil.copy(sqlite_template, folder / "people.db"))
    peopled(f"sqlite+aiosqlite:///{path}", valkey_server, folder)
    return path


@pytest.fixture(scope="session")
def postgres_people(postgres: Postgres, valkey_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with postgres.fresh("njia_template") as url:
        peopled(url, valkey_server, tmp_path_factory.mktemp("people"))
        yield url.split("@/")[1].partition("?")[0]


@pytest.fixture(params=["sqlite", "postgresql"])
def people_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with the sample people, for the settings of ``houses.settings_of``."""
    if request.param == "sqlite":
        path = shutil.copy(request.getfixturevalue("sqlite_people"), tmp_path / "people.db")
        yield f"sqlite+aiosqlite:///{path}"
        return
    with request.getfixturevalue("postgres").fresh(request.getfixturevalue("postgres_people")) as url:
        yield url


@pytest.fixture
def restored() -> Iterator[None]:
    """How logging is set up, as it was before the test."""
    root, njia = logging.getLogger(), logging.getLogger("njia")
    before = (root.handlers[:], root.level, njia.level, logging.raiseExceptions)
    yield
    root.handlers[:], root.level, njia.level, logging.raiseExceptions = before


@pytest.fixture
async def fake(tmp_path: Path) -> AsyncIterator[FakeStore]:
    """A session store that says what a test tells it to."""
    async with FakeStore(echo).serving(str(tmp_path / "s")) as store:
        yield store


@pytest.fixture
async def store(fake: FakeStore) -> AsyncIterator[Store]:
    """The client of ``fake``."""
    made = opened(fake.url)
    yield made
    await made.close()
