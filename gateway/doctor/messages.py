"""Messages that a person must look at: nobody knows whether they went out, or they never will."""

from __future__ import annotations

import datetime as dt

from flows.ports import Unavailable
from gateway.doctor import Finding, ok, warning
from gateway.record import outbox
from gateway.record.database import Database
from gateway.settings import Settings

LOOKED_BACK = dt.timedelta(days=7)
FIX = {
    "uncertain": "The provider did not answer, and they are not sent twice: ask it, then say what it knows.",
    "failed": "The reasons are in the same list.",
}


async def message_findings(settings: Settings) -> list[Finding]:
    """Of the last seven days; nothing where the record does not answer, which has a line of its own."""
    db = Database(settings.database_url())
    try:
        troubles = await outbox.troubles(db, dt.datetime.now(dt.UTC) - LOOKED_BACK)
    except Unavailable:
        return []
    finally:
        await db.close()
    if not troubles:
        return [ok("messages", "none is uncertain, none has failed in seven days")]
    return [_finding(state, troubles[state]) for state in outbox.TROUBLES if state in troubles]


def _finding(state: str, count: int) -> Finding:
    says = f"{count} of the last seven days {'are' if state == 'uncertain' else 'have'} {state}."
    return warning("messages", says, f"{FIX[state]} See: njia sms list")
