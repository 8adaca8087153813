"""Changes of the schema, run by Alembic. No alembic.ini: the database comes from the institution's settings.

Forwards only: what has held clients' records is never taken apart by a program. To add one, change ``tables.py`` and
run ``python -m gateway.record.migrations "what it adds"``; read what it wrote before it is committed.
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from gateway.record.database import Database

LOCK = 7_135_920  # any number, the same everywhere: of two upgrades at once one waits
SECONDS = 600.0  # a large table takes its time


async def upgrade(url: str) -> None:
    """Brings the schema to the newest version, in one transaction. Raises Unavailable."""
    db = Database(url, pool=1, seconds=SECONDS)
    try:
        async with db.write() as conn:
            if not db.is_sqlite:
                await conn.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
            await conn.run_sync(lambda sync: command.upgrade(config(sync), "head"))
    finally:
        await db.close()


async def current(url: str) -> str:
    """The version of the schema, or "" for a database without one. Raises Unavailable."""
    db = Database(url, pool=1)
    try:
        async with db.read() as conn:
            return await conn.run_sync(lambda sync: MigrationContext.configure(sync).get_current_revision()) or ""
    finally:
        await db.close()


class OutOfDate(Exception):
    """The database has an older schema, or none. Make a backup, then run: njia db upgrade"""

    def __init__(self) -> None:
        super().__init__(type(self).__doc__)


async def require_newest(url: str) -> None:
    """Raises OutOfDate, Unavailable."""
    if await pending(url):
        raise OutOfDate


async def pending(url: str) -> list[str]:
    """What ``upgrade`` would do, oldest first: one line for each change. Raises Unavailable.

    A schema newer than this program has nothing pending: an older release may run beside a newer one.
    """
    now = await current(url)
    steps = list(ScriptDirectory.from_config(config()).walk_revisions())[::-1]
    known = [step.revision for step in steps]
    if now and now not in known:
        return []
    return [f"{step.revision}: {step.doc}" for step in steps[known.index(now) + 1 if now else 0 :]]


def config(connection: sa.Connection | None = None) -> Config:
    """Alembic's settings; ``connection`` is what ``env.py`` works on."""
    made = Config(attributes={"connection": connection})
    made.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    return made
