"""``python -m gateway.record.migrations "what it adds"``: drafts a migration from ``tables.py``."""

from __future__ import annotations

import asyncio
import sys
import tempfile

from alembic import command

from gateway.record.database import Database
from gateway.record.migrations import config, upgrade


async def draft(words: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/record.db"
        await upgrade(url)
        db = Database(url)
        async with db.write() as conn:
            await conn.run_sync(lambda sync: command.revision(config(sync), words, autogenerate=True))
        await db.close()


if __name__ == "__main__":
    asyncio.run(draft(" ".join(sys.argv[1:])))
