"""Lines that stand under one another: no two read alike, none looks like a reserved key, there are not too many."""

from __future__ import annotations

import re
from collections.abc import Iterator

from flows.checks.subject import Subject
from flows.checks.words.places import Place, languages, place
from flows.faults import Fault
from flows.frames import is_for
from flows.model import AnyStep, Ask, Flow, Menu, Text

MOST_OPTIONS = 5  # that are read, kept in mind and found again on a keypad phone
_FIRST = re.compile(r"\s*(\d+)\s*([.):-]?)(?=\s|$)")
Label = tuple[Flow, str, Text]  # whose words, the name of the option (or flow), the words


def findings(subject: Subject) -> Iterator[Fault]:
    for flow in subject.flows.values():
        for step in flow.steps.values():
            if isinstance(step, Menu | Ask):
                yield from _step(flow, step, subject)


def _step(flow: Flow, step: Menu | Ask, subject: Subject) -> Iterator[Fault]:
    own = [(flow, name, label) for name, label in _options(step)]
    yield from _named_by_key(flow, step.name, own, subject)
    yield from _too_many(flow, step.name, own, subject)
    for language in languages(subject, flow):
        for _, _, text in own:
            yield from _looks_like_key(place(subject, flow, text, language), subject)
        yield from _alike(own, language, subject)
    yield from _alike_flows(flow, step, subject)


def _options(step: AnyStep) -> list[tuple[str, Text]]:
    if isinstance(step, Menu):
        return [(option.name, option.label) for option in step.options]
    if isinstance(step, Ask):
        return [*step.answer.options, *((offer.value, offer.label) for offer in step.offer)]
    return []


def _named_by_key(flow: Flow, step: str, own: list[Label], subject: Subject) -> Iterator[Fault]:
    """Whoever writes ``0: "Back"`` thinks that 0 is to be pressed."""
    for _, name, text in own:
        if name in _reserved(subject):
            message = f'"{name}" is a key that means the same on every screen ({_reserved(subject)[name]}).'
            fix = "Options get their keys by themselves, 1, 2, 3: call this one by a word, or take it away."
            yield subject.faults(flow).error(step, "words.reserved_key", message, fix, text.line)


def _looks_like_key(shown: Place, subject: Subject) -> Iterator[Fault]:
    first = _FIRST.match(shown.text)
    if not shown.own or first is None:
        return
    if first[1] in _reserved(subject):
        message = f'"{shown.text}" looks like the key {first[1]}, which means "{_reserved(subject)[first[1]]}".'
        fix = "Begin it with a word. (The line to go back is added where there is a way back.)"
        yield shown.error(subject, "words.reserved_key", message, fix)
    elif first[2]:
        message = f'"{shown.text}" brings a number of its own, and the line gets one anyway.'
        yield shown.warning(subject, "words.numbered", message, f'Take "{first[0].strip()}" away.')


def _reserved(subject: Subject) -> dict[str, str]:
    keys = subject.institution.keys
    return {keys.back: "back", keys.home: "home", keys.more: "more"}


def _too_many(flow: Flow, step: str, own: list[Label], subject: Subject) -> Iterator[Fault]:
    """(A menu that lists flows is as long as what the institution offers.)"""
    if len(own) > MOST_OPTIONS:
        message = f"There are {len(own)} options here; more than {MOST_OPTIONS} are hard to keep in mind."
        fix = "Ask in two steps, or put what is rare behind one option."
        yield subject.faults(flow).warning(step, "words.many_options", message, fix)


def _alike_flows(flow: Flow, step: Menu | Ask, subject: Subject) -> Iterator[Fault]:
    """What a menu of flows shows to somebody who is known, and to somebody who is not."""
    if not (isinstance(step, Menu) and step.lists):
        return
    inside = [other for other in subject.flows.values() if other.starts.menu == step.lists]
    inside.sort(key=lambda other: other.file in subject.own)  # of two that are alike the institution's is told
    told: set[Fault] = set()
    for known in (True, False):
        shown = [(f, f.name, f.starts.label) for f in inside if f.starts.label and is_for(f, known)]
        for language in dict.fromkeys([flow.language, *subject.institution.languages]):
            told |= set(_alike(shown, language, subject))
    for other in inside:
        label = other.starts.label
        for language in languages(subject, other) if label else ():
            told |= set(_looks_like_key(place(subject, other, label, language), subject)) if label else set()
    yield from sorted(told)


def _alike(labels: list[Label], language: str, subject: Subject) -> Iterator[Fault]:
    """Two lines that read alike; told in a language only where one of them was written in it."""
    seen: dict[str, Place] = {}
    for flow, name, text in labels:
        shown = place(subject, flow, text, language)
        first = seen.setdefault(_read(shown.text), shown)
        if first is not shown and (shown.own or first.own):
            message = f'Two lines of one menu say "{shown.text}"; the other is in {first.file}, line {first.line}.'
            fix = f'Give "{name}" words of its own.'
            yield shown.error(subject, "words.same_label", message, fix)


def _read(text: str) -> str:
    """What a reader tells apart."""
    return " ".join(text.casefold().split()).strip(" .!?:")
