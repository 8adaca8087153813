"""Whether invitations to surveys leave when they are due."""

from __future__ import annotations

from flows.ports import Unavailable
from gateway.clock import Clock
from gateway.doctor import Finding, ok, problem, warning
from gateway.record import survey_counts
from gateway.record.database import Database
from gateway.settings import Settings

LATE = 600.0  # seconds; they are looked at every two, some hundreds at a time


async def survey_findings(settings: Settings) -> list[Finding]:
    """Nothing where the record does not answer, which has a line of its own."""
    db = Database(settings.database_url())
    try:
        counts = await survey_counts.counts(db, Clock().now())
    except Unavailable:
        return []
    finally:
        await db.close()
    return _findings(counts)


def _findings(counts: survey_counts.Counts) -> list[Finding]:
    found = [ok("surveys", f"invitations that can be answered now: {counts.open}")]
    if counts.late > LATE:
        says = f"an invitation was due {counts.late / 60:.0f} minutes ago."
        found = [problem("surveys", says, "Is the worker running? Start it: njia serve, or njia worker")]
    if counts.unsaid:
        says = f"the words of an invite could not be said, in the last week {counts.unsaid} times."
        found.append(warning("surveys", says, "The worker's log names the flow: correct its words."))
    return found
