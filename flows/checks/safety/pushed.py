"""What is sent unasked says nothing that tells on the client, and asks for no answer that nobody would get."""

from __future__ import annotations

import re
from collections.abc import Iterator

from flows.checks.subject import Subject
from flows.checks.words.places import told_at
from flows.faults import Fault
from flows.model import Do, Flow, Text

PRODUCT, REPLY = "product_words", "reply_words"  # keys of the engine's words


def findings(subject: Subject) -> Iterator[Fault]:
    for flow in subject.flows.values():
        for step, text in _pushed(flow):
            for language, said in _in_all(flow, text, subject):
                yield from _said(flow, step, text, (language, said), subject)


def _pushed(flow: Flow) -> Iterator[tuple[str | None, Text]]:
    if flow.starts.invite is not None:
        yield None, flow.starts.invite
    for step in flow.steps.values():
        yield from ((step.name, text) for _, text in step.later) if isinstance(step, Do) else ()


def _in_all(flow: Flow, text: Text, subject: Subject) -> Iterator[tuple[str, str]]:
    yield flow.language, text.source
    for language, flows in subject.translations.items():
        found = flows.get(flow.name, {}).get(text.key)
        if found is not None:
            yield language, found.to


def _said(flow: Flow, step: str | None, text: Text, said: tuple[str, str], subject: Subject) -> Iterator[Fault]:
    language, words = said
    faults = subject.faults(flow, None if language == flow.language else language)
    plain = set(re.findall(r"\w+", re.sub(r"\{[^{}]*\}", " ", words).casefold()))
    told = sorted(plain & _words(PRODUCT, language, subject) | _products(words, subject))
    told += [name for name in text.names if name.endswith(".product")]
    if told:
        message = f'"{told[0]}" in a text tells whoever reads this phone what the client has with us.'
        fix = "Say it without the word, or tick this if your clients want it said."
        yield told_at(faults.warning(step, "safety.product_word", message, fix, text.line), subject, flow, text)
    for word in sorted(plain & _words(REPLY, language, subject)):
        message = f'"{word}" asks for an answer, and a text that comes from a name cannot be answered.'
        fix = "Let them dial {code}, or tick this if you send from a number that takes answers."
        yield told_at(faults.warning(step, "safety.reply", message, fix, text.line), subject, flow, text)


def _words(key: str, language: str, subject: Subject) -> set[str]:
    return set(subject.system.get(language, {}).get(key, "").casefold().split())


def _products(words: str, subject: Subject) -> set[str]:
    said = words.casefold()
    labels = (product.label for product in subject.products.values())
    return {label for label in labels if re.search(rf"\b{re.escape(label.casefold())}\b", said)}
