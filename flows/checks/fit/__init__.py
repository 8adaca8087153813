"""Fit: what the words and the values of this release take of a channel's screens, alphabet and session.

Screens are made by the engine, printed by the words and cut by the paging that clients meet. The largest values are
``flows.checks.shown.values``; what stands above a screen is over-approximated (``flows.checks.shown.before``): a screen
may be shorter than is said here, never longer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flows.checks.fit import buttons, keeping, letters, pages, parts, room
from flows.checks.shown import shows
from flows.checks.subject import Subject
from flows.faults import Fault
from flows.screens.profile import Profile


def findings(subject: Subject) -> Iterable[Fault]:
    """Of every screen, in each language, on each channel that a flow may be heard on; of the same words once."""
    return dict.fromkeys(_findings(subject))


def _findings(subject: Subject) -> Iterator[Fault]:
    made = shows(subject)
    yield from letters.findings(subject)
    yield from keeping.findings(made)
    for profile in distinct(subject.profiles.values()):
        yield from room.findings(made, profile)
        yield from pages.findings(made, profile)
        yield from parts.findings(made, profile)
        yield from buttons.findings(made, profile)


def distinct(profiles: Iterable[Profile]) -> Iterator[Profile]:
    """Two adapters of one kind with the same screens have the same findings: these are said once."""
    seen = set[object]()
    for profile in profiles:
        same = (profile.kind, profile.letters, profile.gsm7, profile.ucs2, profile.characters, profile.prefix)
        if same not in seen:
            seen.add(same)
            yield profile
