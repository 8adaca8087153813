"""Is everything that a step names known on every way to it, and can everything that is written come about?"""

from __future__ import annotations

from collections.abc import Iterator

from flows.checks.knowing import ways_of
from flows.checks.meaning import gaps, known, possible
from flows.checks.subject import Subject
from flows.faults import Fault


def findings(subject: Subject) -> Iterator[Fault]:
    found = ways_of(subject)
    for name, ways in found.items():
        faults = subject.faults(subject.flows[name])
        yield from known.findings(ways, faults)
        yield from possible.findings(ways.rough, faults)
        if ways.fine:
            yield from possible.stray(ways.fine, faults)
    yield from gaps.findings(subject, found)
