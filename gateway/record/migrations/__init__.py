"""Schema changes."""

from gateway.record.database import Database
from gateway.record.tables import metadata


async def upgrade(url: str) -> None:
    db = Database(url)
    try:
        async with db.write() as conn:
            await conn.run_sync(metadata.create_all)
    finally:
        await db.close()
