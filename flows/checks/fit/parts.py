"""Texts that are sent by themselves: each part of a long one is charged."""

from __future__ import annotations

from collections.abc import Iterator

from flows.checks.shown import Pushed, Shows
from flows.checks.words.places import told_at
from flows.faults import Fault
from flows.screens import gsm7
from flows.screens.profile import Profile
from flows.screens.typography import phone_safe

MOST = {True: 2, False: 1}  # parts with the largest values, and with usual ones


def findings(shows: Shows, profile: Profile) -> Iterator[Fault]:
    if not profile.pushes or profile.characters:
        return
    said = set[tuple[str, str, str]]()
    for text in sorted(shows.pushed, key=lambda text: text.largest):
        parts = parts_of(text, profile)
        place = (text.flow.name, text.text.key, text.language)
        if len(parts) > MOST[text.largest] and place not in said:
            said.add(place)
            yield _too_long(shows, text, parts, profile)


def parts_of(text: Pushed, profile: Profile) -> list[str]:
    return gsm7.segments(profile.prefix + phone_safe(text.said, profile.letters))


def _too_long(shows: Shows, text: Pushed, parts: list[str], profile: Profile) -> Fault:
    alphabet, length = gsm7.measure("".join(parts))
    one = 160 if alphabet == "gsm7" else 70
    values = "With the largest values" if text.largest else "With usual values"
    message = f"{values} this text has {length} characters and is sent as {len(parts)} SMS: each of them is paid for."
    fix = f"Take at least {length - one} characters away; then it is one."
    made = shows.subject.faults(text.flow, text.language, profile.kind)
    fault = made.warning(text.step, "fit.parts", message, fix, line=text.text.line)
    return told_at(fault, shows.subject, text.flow, text.text)
