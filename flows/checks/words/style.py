"""The house style, as warnings: what is hard to follow on a small screen, what blames, what can be misread."""

from __future__ import annotations

import re
from collections.abc import Iterator

from flows.checks.subject import Subject
from flows.checks.words.places import Place, places
from flows.faults import Fault

MOST_WORDS = 12  # of a sentence
_ENDS = re.compile(r"(?<=[.!?:;])\s+|\n")
_WORD = re.compile(r"\S*[\w{]\S*")
_DATE = re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})(/\d{2,4})?(?![\d/])")
ALWAYS = ("24", "7")  # around the clock, and no day
BLAMING = {
    "en": re.compile(r"\b(invalid|illegal|erroneous)\b", re.IGNORECASE),
    "sw": re.compile(r"\b(batili)\b", re.IGNORECASE),
}


def findings(subject: Subject) -> Iterator[Fault]:
    for shown in places(subject):
        yield from _long_sentence(shown, subject)
        yield from _blaming(shown, subject)
        yield from _date(shown, subject)


def _long_sentence(shown: Place, subject: Subject) -> Iterator[Fault]:
    """The first one of a text; a name in braces counts as one word."""
    for sentence in _ENDS.split(shown.text):
        long = len(_WORD.findall(sentence))
        if long > MOST_WORDS:
            begins = " ".join(sentence.split()[:4])
            message = f'The sentence "{begins} …" has {long} words; more than {MOST_WORDS} are hard to follow.'
            yield shown.warning(subject, "words.long_sentence", message, "Make two of it, or say less.")
            return


def _blaming(shown: Place, subject: Subject) -> Iterator[Fault]:
    found = BLAMING[shown.language].search(shown.text) if shown.language in BLAMING else None
    if found:
        message = f'"{found[0]}" tells a client that something is wrong, and not what to do.'
        fix = 'Say what is right, with an example: "Type the amount in figures, like 1500".'
        yield shown.warning(subject, "words.blaming", message, fix)


def _date(shown: Place, subject: Subject) -> Iterator[Fault]:
    for found in _DATE.finditer(shown.text):
        low, high = sorted((int(found[1]), int(found[2])))
        if 1 <= low <= 12 and high <= 31 and found.groups() != (*ALWAYS, None):
            message = f'"{found[0]}" is read as another day in another country.'
            fix = 'Write the month as a word, "30 Nov", or the name of a known day in braces.'
            yield shown.warning(subject, "words.date", message, fix)
            return
