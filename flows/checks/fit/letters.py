"""Letters of another script in a language that is written in Latin ones: one of them doubles the price of a text. And
pictures, which keypad phones do not have."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from flows.checks.subject import Subject
from flows.checks.words.places import place
from flows.faults import Fault
from flows.screens.typography import LATIN, foreign, phone_safe, picture
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
            for told in _told(shown.text) if shown.own else ():
                yield shown.warning(subject, *told)


def _in_system(subject: Subject, language: str) -> Iterator[Fault]:
    file = f"messages/{language}/system.yaml"
    for key, text in subject.system.get(language, {}).items():
        for told in _told(text):
            yield Fault(file, subject.line(language, key), "warning", *told, language=language)


def _told(text: str) -> Iterator[tuple[str, str, str]]:
    """Of a text: the code, the message and the fix."""
    if letter := foreign(text):
        name = unicodedata.name(letter, "a letter without a name").capitalize()
        message = (
            f'"{letter}" in "{_seen(text, letter)}" ({name}) is no letter of this language. It puts the whole text '
            "into another alphabet, in which 70 characters fit on a screen instead of 160, and an SMS costs twice as "
            "much."
        )
        yield "fit.letter", message, f'Write "{phone_safe(letter, LATIN)}" instead.'
    if sign := picture(text):
        shown = f'a keypad phone shows "{phone_safe(sign)}" in its place.'
        message = f'"{sign}" in "{_seen(text, sign)}" is no letter: {shown}'
        yield "fit.picture", message, "Take it away, or say it in words."


def _seen(text: str, sign: str) -> str:
    """What stands round ``sign``."""
    place = text.index(sign)
    return text[max(0, place - 10) : place + 11].replace("\n", " ")
