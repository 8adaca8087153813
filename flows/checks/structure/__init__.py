"""The shape of flows: is every step come to, does every way end, does every loop wait, does every door open?

All of it is exact for the ways as they are written. That some way is never gone, since a condition on it never holds,
is not seen here.
"""

from __future__ import annotations

from collections.abc import Iterator

from flows.checks.structure import loops, opening, ways
from flows.checks.subject import Subject
from flows.faults import Fault


def findings(subject: Subject) -> Iterator[Fault]:
    yield from ways.findings(subject)
    yield from loops.findings(subject)
    yield from opening.findings(subject)


__all__ = ["findings"]
