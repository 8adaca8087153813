"""What is counted, for Prometheus. What every turn adds to is counted here, and poured out once a second: a process
that is killed loses the counts of that second at most.

With several processes on a host (PROMETHEUS_MULTIPROC_DIR, set by the supervisor) each one's page shows all.
"""

from __future__ import annotations

import asyncio
import os
from bisect import bisect_left
from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0)
POUR = 1.0  # seconds
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(slots=True)
class _Turns:
    """Turns that have not been poured out: how many in each bucket, and the seconds of all."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))
    seconds: float = 0.0

    def pour(self, into: Histogram) -> None:
        for bucket, count in zip(into._buckets, self.counts, strict=True):
            if count:
                bucket.inc(count)
        into._sum.inc(self.seconds)
        self.counts, self.seconds = [0] * len(self.counts), 0.0


@dataclass(slots=True)
class _Count:
    """Like ``_Turns``, for what is only counted."""

    counter: Counter
    more: int = 0

    def pour(self) -> None:
        if self.more:
            self.counter.inc(self.more)
            self.more = 0


@dataclass(frozen=True, slots=True)
class _Channel:
    """One channel's counters, bound to its name."""

    turns: _Turns
    seconds: Histogram
    replayed: _Count
    stale: _Count
    apologised: Counter
    failed: Counter
    rejected: Counter


class Metrics:
    """The counters of one process. No method raises."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        about = "Time of a turn, by channel."
        self._seconds = Histogram("njia_turn_seconds", about, ("channel",), registry=self.registry, buckets=BUCKETS)
        self._replayed = self._counter("njia_turns_replayed", "Repeats that got the stored reply.")
        self._stale = self._counter("njia_turns_stale", "Late hops that were refused without harm.")
        self._apologised = self._counter("njia_turns_apologised", "Turns that ended in an apology.")
        self._failed = self._counter("njia_turns_failed", "Turns that an unforeseen error ended.")
        self._rejected = self._counter("njia_requests_rejected", "Requests that the provider cannot have sent.")
        heard = "Callbacks of payment providers, by what became of them."
        self._heard = Counter("njia_callbacks", heard, ("provider", "outcome"), registry=self.registry)
        self._backlog = self._gauge("njia_journal_backlog", "Journal entries not yet in the client record.")
        self._outbox = self._gauge("njia_outbox_waiting", "Messages that wait to be sent.")
        self._payments = self._gauge("njia_payments_open", "Payments that are neither posted nor failed.")
        self._people = self._gauge("njia_payments_for_people", "Payments that a person must look at.")
        self._late = self._gauge("njia_payments_late_seconds", "How long the most overdue payment has waited.")
        self._invited = self._gauge("njia_invitations_open", "Invitations to surveys that can be answered now.")
        about = "How long the most overdue invitation has waited to be sent."
        self._uninvited = self._gauge("njia_invitations_late_seconds", about)
        self._channels: dict[str, _Channel] = {}
        self._pours = False

    def _counter(self, name: str, about: str) -> Counter:
        return Counter(name, about, ("channel",), registry=self.registry)

    def _gauge(self, name: str, about: str) -> Gauge:
        return Gauge(name, about, registry=self.registry, multiprocess_mode="mostrecent")

    def _of(self, channel: str) -> _Channel:
        bound = self._channels.get(channel)
        if bound is None:
            bound = self._channels[channel] = _Channel(
                _Turns(),
                self._seconds.labels(channel),
                _Count(self._replayed.labels(channel)),
                _Count(self._stale.labels(channel)),
                self._apologised.labels(channel),
                self._failed.labels(channel),
                self._rejected.labels(channel),
            )
        return bound

    def took(self, channel: str, seconds: float) -> None:
        """One turn was answered after so many seconds."""
        turns = (self._channels.get(channel) or self._of(channel)).turns
        turns.counts[bisect_left(BUCKETS, seconds)] += 1
        turns.seconds += seconds
        if not self._pours:
            self._pour_later()

    def _pour_later(self) -> None:
        try:
            asyncio.get_running_loop().call_later(POUR, self.pour)
            self._pours = True
        except RuntimeError:  # there is no loop
            self.pour()

    def pour(self) -> None:
        """Adds what was counted here to what Prometheus sees. To be called at the end of a process."""
        self._pours = False
        for bound in self._channels.values():
            if bound.turns.seconds or any(bound.turns.counts):
                bound.turns.pour(bound.seconds)
            bound.replayed.pour()
            bound.stale.pour()

    def replayed(self, channel: str) -> None:
        """To be called in a turn, before ``took``: they are poured out together. So is ``stale``."""
        self._of(channel).replayed.more += 1

    def stale(self, channel: str) -> None:
        self._of(channel).stale.more += 1

    def apologised(self, channel: str) -> None:
        self._of(channel).apologised.inc()

    def failed(self, channel: str) -> None:
        self._of(channel).failed.inc()

    def rejected(self, channel: str) -> None:
        self._of(channel).rejected.inc()

    def called_back(self, provider: str, outcome: str) -> None:
        """``known`` or ``unknown``: kept, and it tells of a payment of ours or not; ``rejected``; ``not kept``."""
        self._heard.labels(provider, outcome).inc()

    def waiting(self, journal: int, outbox: int) -> None:
        """How much has not reached the client record, and how many messages have not left."""
        self._backlog.set(journal)
        self._outbox.set(outbox)

    def paying(self, open_: int, people: int, late: float) -> None:
        """Payments under way, of them those for a person, and the seconds that the worker is behind with them."""
        self._payments.set(open_)
        self._people.set(people)
        self._late.set(late)

    def inviting(self, open_: int, late: float) -> None:
        """Invitations to surveys that are open, and the seconds that the schedules are behind with them."""
        self._invited.set(open_)
        self._uninvited.set(late)

    def page(self) -> bytes:
        """What ``/metrics`` shows: of all the processes of this host, where they are several."""
        self.pour()
        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            return generate_latest(self.registry)
        everyone = CollectorRegistry()
        MultiProcessCollector(everyone)  # type: ignore[no-untyped-call]
        return generate_latest(everyone)
