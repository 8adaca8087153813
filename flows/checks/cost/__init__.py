"""Cost and time: what the ways through a flow take, against what its channel allows.

Only what an ordinary reader needs is a finding. The slowest and the quickest are figures of the report
(``flows.checks.cost.report``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flows.checks.cost.costs import Costs, Path
from flows.checks.fit import distinct
from flows.checks.fit.lines import of_all
from flows.checks.fit.room import has_room
from flows.checks.shown import Shows, shows
from flows.checks.shown.screens import is_shown_on
from flows.checks.subject import Subject
from flows.faults import Fault
from flows.model import End
from flows.screens.profile import Profile

RESUMED = ("continue", "ask")  # where a new call goes on, a long flow is not lost


def findings(subject: Subject) -> Iterable[Fault]:
    made = shows(subject)
    for profile in distinct(subject.profiles.values()):
        for language in made.languages:
            if has_room(made, language, profile):
                costs = Costs(made, profile, language)
                yield from _too_slow(made, costs, profile, language)
                yield from _too_long(costs, profile, language)


def _too_slow(made: Shows, costs: Costs, profile: Profile, language: str) -> Iterator[Fault]:
    """Screens that take longer to read and to answer than the channel waits for an answer."""
    for screen in made.screens if profile.idle_seconds else ():
        if screen.language != language or screen.largest or isinstance(screen.step, End):
            continue
        effort = costs.efforts["typical"].of(screen.flow, screen.step, "next")
        if effort.longest > profile.idle_seconds and is_shown_on(screen, profile):
            letters = f", {effort.letters:.0f} letters to type among them" if effort.letters else ""
            message = (
                f"To read this and to answer takes about {effort.longest:.0f} seconds{letters}, and this channel hangs "
                f"up after {profile.idle_seconds}."
            )
            fix = "Say it in fewer words, or offer what is answered most often as a choice."
            faults = made.subject.faults(screen.flow, language, profile.kind)
            yield of_all(faults.warning(screen.step.name, "cost.idle", message, fix), made, screen)


def _too_long(costs: Costs, profile: Profile, language: str) -> Iterator[Fault]:
    """Flows whose usual way to an end is longer than a call may last."""
    slowest: dict[str, Path] = {}
    for path in costs.paths() if profile.total_seconds else ():
        known = slowest.get(path.flow.name)
        if known is None or path.typical.seconds > known.typical.seconds:
            slowest[path.flow.name] = path
    for path in slowest.values():
        if path.typical.seconds > profile.total_seconds and path.flow.redial not in RESUMED:
            message = (
                f"From the first screen to this end a call takes about {path.typical.seconds:.0f} seconds, and this "
                f"channel ends it after {profile.total_seconds}: what was answered by then is lost."
            )
            fix = 'Ask for less, or write "redial: ask", so that the next call can go on.'
            made = costs.shows.subject.faults(path.flow, language, profile.kind)
            yield made.warning(path.end, "cost.call", message, fix)
