"""What is counted, for Prometheus. On the hot path a count is one addition to a child bound beforehand.

With several processes on a host (PROMETHEUS_MULTIPROC_DIR, set by the supervisor) each one's page shows all.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class _Channel:
    """One channel's counters, bound to its name."""

    seconds: Histogram
    replayed: Counter
    stale: Counter
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
        self._backlog = self._gauge("njia_journal_backlog", "Journal entries not yet in the client record.")
        self._outbox = self._gauge("njia_outbox_waiting", "Messages that wait to be sent.")
        self._channels: dict[str, _Channel] = {}

    def _counter(self, name: str, about: str) -> Counter:
        return Counter(name, about, ("channel",), registry=self.registry)

    def _gauge(self, name: str, about: str) -> Gauge:
        return Gauge(name, about, registry=self.registry, multiprocess_mode="mostrecent")

    def _of(self, channel: str) -> _Channel:
        bound = self._channels.get(channel)
        if bound is None:
            bound = self._channels[channel] = _Channel(
                self._seconds.labels(channel),
                self._replayed.labels(channel),
                self._stale.labels(channel),
                self._apologised.labels(channel),
                self._failed.labels(channel),
                self._rejected.labels(channel),
            )
        return bound

    def took(self, channel: str, seconds: float) -> None:
        """One turn was answered after so many seconds."""
        self._of(channel).seconds.observe(seconds)

    def replayed(self, channel: str) -> None:
        self._of(channel).replayed.inc()

    def stale(self, channel: str) -> None:
        self._of(channel).stale.inc()

    def apologised(self, channel: str) -> None:
        self._of(channel).apologised.inc()

    def failed(self, channel: str) -> None:
        self._of(channel).failed.inc()

    def rejected(self, channel: str) -> None:
        self._of(channel).rejected.inc()

    def waiting(self, journal: int, outbox: int) -> None:
        """How much has not reached the client record, and how many messages have not left."""
        self._backlog.set(journal)
        self._outbox.set(outbox)

    def page(self) -> bytes:
        """What ``/metrics`` shows: of all the processes of this host, where they are several."""
        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            return generate_latest(self.registry)
        everyone = CollectorRegistry()
        MultiProcessCollector(everyone)  # type: ignore[no-untyped-call]
        return generate_latest(everyone)
