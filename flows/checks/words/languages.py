"""Is everything in the language that it says it is in? Copies of the source and the small words of languages tell."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from flows.checks.subject import Subject
from flows.checks.words.places import Place, places
from flows.faults import Fault, listed
from flows.words.spoken import NEEDED

FEWEST = 3  # words that are alike by no chance; capitals are names: "M-PESA PIN"
ENOUGH = 8  # small words of another language that a file must have before anything is said
_NAMES = re.compile(r"\{[^{}]*\}")
_WORD = re.compile(r"[^\W\d_]+")
_SMALL = {
    "en": "the you your is are not and to of we for it this with have will can on at from or",
    "sw": "ya wa na kwa ni yako za hii au si kwenye cha yetu wako hapa tu bado kama zako",
    "fr": "le les vous votre est sont ne pas et de des nous pour une avec au dans ou sur",
}
SMALL = {language: frozenset(words.split()) for language, words in _SMALL.items()}
"""Words that are frequent in a language and in none of the others here."""


def findings(subject: Subject) -> Iterator[Fault]:
    yield from _no_system(subject)
    yield from _unspoken(subject)
    small: dict[tuple[str, str], Counter[str]] = {}
    first: dict[tuple[str, str], Place] = {}
    for shown in places(subject):
        at = (shown.language, shown.file)
        first.setdefault(at, shown)
        small.setdefault(at, Counter()).update(_small(shown.text))
        yield from _copied(shown, subject)
    for at, shown in first.items():
        yield from _other_language(shown, small[at], subject)


def _no_system(subject: Subject) -> Iterator[Fault]:
    for language in subject.institution.languages:
        if language not in subject.system:
            message = f'What the engine itself says ("Back", "More", a wrong PIN) is not there in "{language}".'
            fix = "Write this file. Until then it is said in the first language."
            file = f"messages/{language}/system.yaml"
            yield Fault(file, 1, "warning", "words.no_system", message, fix, language=language)


def _unspoken(subject: Subject) -> Iterator[Fault]:
    """What the engine must say and no language has: the call would break off there."""
    said = {key for texts in subject.system.values() for key in texts}
    if lacking := sorted(NEEDED - said):
        message = f"What the engine itself says is not there in any language: {listed(lacking)}. Calls break off there."
        first = subject.institution.languages[0]
        fix = "Write these keys with their words; those that are shipped show how they read."
        yield Fault(f"messages/{first}/system.yaml", 1, "error", "words.unspoken", message, fix, language=first)


def _copied(shown: Place, subject: Subject) -> Iterator[Fault]:
    if shown.language == shown.flow.language:
        return
    source = subject.translations[shown.language][shown.flow.name][shown.key].from_text
    if shown.text == source and _words(source) >= FEWEST:
        message = f'This is the text of the flow itself, in "{shown.flow.language}": it was not translated.'
        fix = "Translate it, or take the entry away: the flow's own words are shown then, and are listed as missing."
        yield shown.warning(subject, "words.not_translated", message, fix)


def _words(text: str) -> int:
    return sum(not word.isupper() for word in _WORD.findall(_NAMES.sub(" ", text)))


def _small(text: str) -> Iterator[str]:
    """For each small word the languages that it belongs to."""
    for word in _WORD.findall(_NAMES.sub(" ", text).casefold()):
        yield from (language for language, words in SMALL.items() if word in words)


def _other_language(shown: Place, counts: Counter[str], subject: Subject) -> Iterator[Fault]:
    """A guess, and only where both languages are known here and the other one clearly prevails."""
    if shown.language not in SMALL or not counts:
        return
    other, many = counts.most_common(1)[0]
    if many >= ENOUGH and many > 3 * counts[shown.language]:
        message = f'This file reads like "{other}", and it is shown to those who chose "{shown.language}".'
        fix = f'Put it where "{other}" belongs, or translate it.'
        faults = subject.faults(shown.flow, shown.language)
        yield faults.warning(None, "words.other_language", message, fix, 1, shown.file)
