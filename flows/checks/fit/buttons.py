"""Options as buttons or as rows of a list, where a channel has them: so many, and with so many letters."""

from __future__ import annotations

from collections.abc import Iterator

from flows.checks.fit.lines import of_all, of_line
from flows.checks.shown import Screen, Shows
from flows.checks.shown.screens import is_shown_on
from flows.faults import Fault
from flows.model import Ask, Confirm, Menu
from flows.screens.profile import Profile


def findings(shows: Shows, profile: Profile) -> Iterator[Fault]:
    if not profile.buttons:
        return
    for screen in shows.screens:
        fixed = isinstance(screen.step, Menu | Confirm) or (isinstance(screen.step, Ask) and not screen.step.offer)
        if fixed and not screen.largest and is_shown_on(screen, profile):
            yield from _too_many(shows, screen, profile)
            yield from _too_long(shows, screen, profile)


def _too_many(shows: Shows, screen: Screen, profile: Profile) -> Iterator[Fault]:
    count = len(screen.shown.lines)
    if count > max(profile.rows, profile.buttons) and screen.language == screen.flow.language:  # as many in each
        made = shows.subject.faults(screen.flow, screen.language, profile.kind)
        message = f"These are {count} options, and a list of this channel has {profile.rows} at most."
        fault = made.warning(screen.step.name, "fit.rows", message, "Ask in two steps, or leave some of them out.")
        yield of_all(fault, shows, screen)


def _too_long(shows: Shows, screen: Screen, profile: Profile) -> Iterator[Fault]:
    """Of the longest of its labels."""
    key, label = max(screen.shown.lines, key=lambda line: len(line[1]), default=("", ""))
    as_buttons = len(screen.shown.lines) <= profile.buttons
    most, what = (profile.button_letters, "button") if as_buttons else (profile.row_letters, "row of a list")
    if len(label) > most:
        made = shows.subject.faults(screen.flow, screen.language, profile.kind)
        seen = label if len(label) < 40 else f"{label[:36]} ..."
        message = f'"{seen}" has {len(label)} letters, and a {what} of this channel shows {most}: it would be cut.'
        fault = made.warning(screen.step.name, "fit.button", message, f"Take at least {len(label) - most} away.")
        yield of_line(fault, shows, screen, key)
