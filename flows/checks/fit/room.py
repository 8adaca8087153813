"""Whether the reserved keys leave room for words at all."""

from __future__ import annotations

from collections.abc import Iterator

from flows.checks.shown import Shows
from flows.faults import Fault
from flows.screens.profile import Profile
from flows.screens.typography import phone_safe

FEWEST = 20  # letters beside the keys of a page: with fewer, a sentence is torn to pieces


def findings(shows: Shows, profile: Profile) -> Iterator[Fault]:
    for language in shows.languages:
        if not has_room(shows, language, profile):
            yield Fault(
                file=f"messages/{language}/system.yaml",
                line=shows.subject.line(language, _longer(shows, language)),
                level="error",
                code="fit.no_room",
                message='The words of "back" and "more" fill a screen of this channel: none is left for what is said.',
                fix="Shorten these two words.",
                language=language,
                channel=profile.kind,
            )


def _longer(shows: Shows, language: str) -> str:
    """Which of the two words is longer."""
    said = shows.subject.system.get(language, {})
    return max(("back", "more"), key=lambda key: len(said.get(key, "")))


def has_room(shows: Shows, language: str, profile: Profile) -> bool:
    nav = shows.nav(language, True)
    lines = (phone_safe(line, profile.letters) for line in (nav.more, nav.back))
    return profile.fits("\n".join(["x" * FEWEST, *lines]))
