"""When a flow that starts by itself invites: its header as lengths, hours and shares. No clock of its own.

``starts:`` says it in words (``after: 3 days``); a header that the check passed can always be read here.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from dataclasses import dataclass

from flows.model import Flow

USUAL_HOURS = "08:00 and 20:00"  # for a flow that says no `between`
USUAL_CLOSING = dt.timedelta(days=30)  # for one that says no `closes`
_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}
_SECONDS = {"minute": 60, "hour": 3600}


@dataclass(frozen=True, slots=True)
class Plan:
    """What one flow's header says of its invitations."""

    flow: str
    event: str
    after: dt.timedelta
    opens: dt.time
    shuts: dt.time
    share: int  # of a hundred clients
    apart: dt.timedelta  # between two invitations of one client, whatever the flow
    reminders: int
    remind_after: dt.timedelta
    closes: dt.timedelta
    purpose: str
    hidden_from: str = ""  # the staff, with commas

    @property
    def heard_for(self) -> dt.timedelta:
        """How long an event is of interest: one that is older invites nobody any more."""
        return self.after + self.closes


def plan(flow: Flow) -> Plan | None:
    """The plan of a flow that starts by an event; None for any other."""
    starts = flow.starts
    if not starts.event or starts.invite is None:
        return None
    to = dict(starts.to)
    opens, shuts = (dt.time.fromisoformat(word) for word in (starts.between or USUAL_HOURS).split(" and "))
    count, _, after = (starts.remind or "never, after").partition(", after ")
    return Plan(
        flow=flow.name,
        event=starts.event,
        after=length(starts.after or ""),
        opens=opens,
        shuts=shuts,
        share=int(to.get("share", "100").rstrip("% ")),
        apart=length(to.get("each client", "")) or ALWAYS,
        reminders={"once": 1, "twice": 2}.get(count, 0),
        remind_after=length(after),
        closes=length(starts.closes or "") or USUAL_CLOSING,
        purpose=flow.purpose,
        hidden_from=",".join(sorted(flow.hidden_from)),
    )


ALWAYS = dt.timedelta(days=36_500)  # `each client: once`: never again


def length(words: str) -> dt.timedelta:
    """``3 days`` in ``after 3 days`` or ``once in 3 days``; nothing for words without a length."""
    found = re.search(r"(\d+) (minute|hour|day|week|month|year)", words)
    if found is None:
        return dt.timedelta()
    count, unit = int(found[1]), found[2]
    return dt.timedelta(days=count * _DAYS.get(unit, 0), seconds=count * _SECONDS.get(unit, 0))


def is_in_share(plan: Plan, client_number: str) -> bool:
    """Whether this client is one of the share: always the same answer for the same client and flow."""
    digest = hashlib.blake2b(f"{client_number}\0{plan.flow}".encode(), digest_size=4).digest()
    return int.from_bytes(digest) % 100 < plan.share


def next_hour(plan: Plan, moment: dt.datetime, zone: dt.tzinfo) -> dt.datetime:
    """``moment``, or when the hours of this flow next begin, in UTC."""
    here = moment.astimezone(zone)
    clock = here.time()
    if plan.opens <= clock < plan.shuts:
        return moment
    day = here.date() + dt.timedelta(days=clock >= plan.shuts)
    return dt.datetime.combine(day, plan.opens, zone).astimezone(dt.UTC)
