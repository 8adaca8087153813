"""Letters of another script in a language that is written in Latin ones: one of them doubles the price of a text."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from flows.checks.subject import Subject
from flows.checks.words.places import place
from flows.faults import Fault
from flows.screens.typography import LATIN, foreign, phone_safe
from flows.words.printing import style_of
from flows.words.quoted import texts_in


def findings(subject: Subject) -> Iterator[Fault]:
    for language in subject.institution.languages:
        if style_of(language, subject.institution.country).latin:
            yield from _in_flows(subject, language)
            yield from _in_system(subject, language)


def _in_flows(subject: Subject, language: str) -> Iterator[Fault]:
    """In the flows that are written in this language, and in what is translated into it."""
    for flow in subject.flows.values():
        for text in texts_in(flow):
            shown = place(subject, flow, text, language)
            letter = foreign(shown.text) if shown.own else ""
            if letter:
                yield shown.warning(subject, "fit.letter", *_told(shown.text, letter))


def _in_system(subject: Subject, language: str) -> Iterator[Fault]:
    file = f"messages/{language}/system.yaml"
    for text in subject.system.get(language, {}).values():
        if letter := foreign(text):
            yield Fault(file, 1, "warning", "fit.letter", *_told(text, letter), language=language)


def _told(text: str, letter: str) -> tuple[str, str]:
    """The message and the fix."""
    name = unicodedata.name(letter, "a letter without a name").capitalize()
    place = text.index(letter)
    seen = text[max(0, place - 10) : place + 11].replace("\n", " ")
    message = (
        f'"{letter}" in "{seen}" ({name}) is no letter of this language. It puts the whole text into another alphabet, '
        "in which 70 characters fit on a screen instead of 160, and an SMS costs twice as much."
    )
    return message, f'Write "{phone_safe(letter, LATIN)}" instead.'
