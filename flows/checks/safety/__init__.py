"""Nothing is shown, sent, done or paid without the right that it needs, whatever way a client takes."""

from __future__ import annotations

from collections.abc import Iterator

from flows.checks.safety import asked, authority, paying, private, purpose, pushed, secrets
from flows.checks.subject import Subject
from flows.faults import Fault

_PARTS = (authority, private, paying, asked, secrets, purpose, pushed)


def findings(subject: Subject) -> Iterator[Fault]:
    for part in _PARTS:
        yield from part.findings(subject)
