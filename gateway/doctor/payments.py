"""What payments wait for: the worker, or a person."""

from __future__ import annotations

from flows.ports import Unavailable
from gateway.clock import Clock
from gateway.doctor import Finding, ok, problem, warning
from gateway.record import payment_lists
from gateway.record.database import Database
from gateway.settings import Settings

LATE = 60.0  # seconds; the worker promises fifteen at the worst


async def payment_findings(settings: Settings) -> list[Finding]:
    """Nothing where no wallet is set up and nothing was ever paid."""
    db = Database(settings.database_url())
    try:
        counts = await payment_lists.counts(db, Clock().now())
        suspended = await payment_lists.suspended(db)
    except Unavailable as error:
        return [problem("payments", str(error), "Is the database running?")]
    finally:
        await db.close()
    if not settings.payments and not counts.open and not suspended:
        return []
    return [_worker(counts), *_people(counts, len(suspended))]


def _worker(counts: payment_lists.Counts) -> Finding:
    if counts.late > LATE:
        says = f"one has waited for {counts.late:.0f} seconds."
        return problem("payments", says, "Is the worker running? Money may be on its way: njia pay list")
    return ok("payments", f"{counts.open} under way")


def _people(counts: payment_lists.Counts, suspended: int) -> list[Finding]:
    fix = "See: njia pay list --needs-person"
    found = []
    if counts.people:
        found.append(warning("payments", f"{counts.people} need a person.", fix))
    if suspended:
        found.append(warning("suspense", f"{suspended} receipts of money that is nobody's yet.", fix))
    return found
