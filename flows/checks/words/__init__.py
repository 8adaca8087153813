"""The words themselves: can two lines of a menu be told apart, is it the right language, and can it be read at once?

What is missing, stale or filled in otherwise than its source is found where the words are read (``flows.loading``).
"""

from __future__ import annotations

from collections.abc import Iterator

from flows.checks.subject import Subject
from flows.checks.words import labels, languages, style
from flows.faults import Fault


def findings(subject: Subject) -> Iterator[Fault]:
    yield from labels.findings(subject)
    yield from languages.findings(subject)
    yield from style.findings(subject)


__all__ = ["findings"]
