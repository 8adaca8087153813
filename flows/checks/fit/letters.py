"""Letters of another script in a language that is written in Latin ones: one of them doubles the price of a text."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from flows.checks.subject import Subject
from flows.faults import Fault
from flows.model import Text
from flows.screens.typography import LATIN, foreign, phone_safe
from flows.words.printing import style_of
from flows.words.quoted import texts_in


def findings(subject: Subject) -> Iterator[Fault]:
    for language in subject.institution.languages:
        if style_of(language, subject.institution.country).latin:
            yield from _in_flows(subject, language)
            yield from _in_translations(subject, language)
            yield from _in_system(subject, language)


def _in_flows(subject: Subject, language: str) -> Iterator[Fault]:
    for flow in subject.flows.values():
        for text in texts_in(flow) if flow.language == language else ():
            if letter := foreign(text.source):
                made = subject.faults(flow, language)
                yield made.warning(_step(text, flow.steps), "fit.letter", *_told(text.source, letter), line=text.line)


def _step(text: Text, steps: object) -> str | None:
    step = text.key.partition(".")[0]
    return step if isinstance(steps, dict) and step in steps else None


def _in_translations(subject: Subject, language: str) -> Iterator[Fault]:
    for name, entries in subject.translations.get(language, {}).items():
        flow = subject.flows.get(name)
        for key, entry in entries.items() if flow else ():
            if flow and (letter := foreign(entry.to)):
                made, step = subject.faults(flow, language), key.partition(".")[0]
                file = f"messages/{language}/{name}.yaml"
                at = step if step in flow.steps else None
                yield made.warning(at, "fit.letter", *_told(entry.to, letter), line=1, file=file)


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
