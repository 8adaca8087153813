"""What houses stand on: one PostgreSQL for a whole run, with a schema that is made once and copied."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Hashable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any, TypeVar

from bench import parts
from bench.calling import Stuck
from gateway.record import migrations

SCHEMA = "njia_schema"
T = TypeVar("T")


class Ground:
    """``url`` has a place for the name of a database."""

    def __init__(self, url: str, stack: ExitStack) -> None:
        self.url = url
        self._made = 0
        self._stack = stack
        self._standing: dict[Hashable, Any] = {}

    def once(self, key: Hashable, make: Callable[[], AbstractContextManager[T]]) -> T:
        """What is made when it is first asked for, and stays until the end of the run."""
        if key not in self._standing:
            self._standing[key] = self._stack.enter_context(make())
        found: T = self._standing[key]
        return found

    @property
    def pid(self) -> int:
        folder = Path(self.url.partition("host=")[2])
        return int((folder / "data" / "postmaster.pid").read_text().split("\n", 1)[0])

    def dsn(self, name: str) -> str:
        """As asyncpg takes it."""
        return self.url.replace("+asyncpg", "").format(name=name)

    @contextmanager
    def database(self, like: str = "template0") -> Iterator[str]:
        """A database of its own, empty or like another: its name."""
        self._made += 1
        name = f"bench_{self._made}"
        self.ask(f"CREATE DATABASE {name} TEMPLATE {like}")
        yield name
        self.ask(f"DROP DATABASE {name} WITH (FORCE)")

    def record(self) -> str:
        """The name of a database that holds the schema, to be copied."""
        if not parts.rows(self.dsn("postgres"), f"SELECT 1 FROM pg_database WHERE datname = '{SCHEMA}'"):
            self.ask(f"CREATE DATABASE {SCHEMA}")
            asyncio.run(migrations.upgrade(self.url.format(name=SCHEMA)))
        return SCHEMA

    def ask(self, *statements: str, name: str = "postgres") -> None:
        parts.sql(self.dsn(name), *statements)


@contextmanager
def ground() -> Iterator[Ground]:
    """A PostgreSQL as it comes, but for room to load a million clients. Raises Stuck where there is none."""
    bins = parts.postgres_bins()
    if not bins:
        raise Stuck(parts.NO_POSTGRESQL)
    with parts.postgresql(bins[0], max_wal_size="4GB", max_connections="200") as url, ExitStack() as stack:
        yield Ground(url, stack)


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder that is gone when the block ends."""
    folder = parts.scratch()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
