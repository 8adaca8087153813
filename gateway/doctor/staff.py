"""Who can log in to the desk: somebody should, and nobody as more than they are."""

from __future__ import annotations

from collections.abc import Iterator

from flows.ports import Unavailable
from gateway.clock import Clock
from gateway.doctor import Finding, ok, warning
from gateway.record.database import Database
from gateway.record.desk import linking
from gateway.settings import Settings


async def staff_findings(settings: Settings) -> list[Finding]:
    """Nothing where the record does not answer, which has a line of its own."""
    db = Database(settings.database_url())
    try:
        async with db.read() as conn:
            able, admins = await linking.able(conn, Clock().now())
            doubtful = await linking.doubtful(conn)
    except Unavailable:
        return []
    finally:
        await db.close()
    return list(_findings(able, admins, [who.email for who in doubtful]))


def _findings(able: int, admins: int, doubtful: list[str]) -> Iterator[Finding]:
    if not able:
        fix = 'njia staff add NAME@… --name "…" --role admin'
        yield warning("staff", "nobody can log in to the desk: requests and payments wait unread.", fix)
    elif not admins:
        fix = "njia staff add … --role admin: only an administrator can change who may log in."
        yield warning("staff", "no administrator can log in to the desk.", fix)
    else:
        yield ok("staff", f"{able} can log in to the desk, {admins} as administrator")
    for email in doubtful:
        says = f"{email} has the name of an officer, is not linked, and reads what clients say about officers."
        yield warning("staff", says, "If it is the officer: /desk/staff, as an administrator.")
