"""The questions of a survey as the client saw them, in the words of one release and one language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flows.model import Ask, Flow, Menu, Text
from flows.release import Release
from flows.values import Kind
from flows.words.book import SYSTEM, MissingWords
from flows.words.printing import Unprintable

WORDS = ("text", "name", "phone", "place")  # kinds of answers that clients word themselves


@dataclass(frozen=True, slots=True)
class Question:
    """``options``: value and label of what can be answered, where that is a list or a scale."""

    step: str
    kind: str  # a word of ``flows.values.Kind``, or "" for what this release does not ask
    words: str
    options: tuple[tuple[Any, str], ...] = ()
    only_if: bool = False  # asked of those only who gave certain answers before

    @property
    def is_words(self) -> bool:
        return self.kind in WORDS

    @property
    def is_score(self) -> bool:
        """Whether it is asked as the net promoter score is: from 0 to 10."""
        return self.kind == "rating" and self.options[:1] == ((0, "0"),) and self.options[-1:] == ((10, "10"),)


def asks(flow: Flow) -> list[Menu | Ask]:
    """The questions whose answers are kept."""
    return [step for step in flow.steps.values() if isinstance(step, Menu | Ask) and step.saves]


def asks_opinion(flow: Flow) -> bool:
    """A survey, or a flow that keeps a rating."""
    return flow.purpose == "survey" or any(
        isinstance(step, Ask) and step.answer.kind is Kind.RATING for step in asks(flow)
    )


def questions(release: Release, flow: Flow, language: str) -> list[Question]:
    """In the order of the flow."""
    return [_question(release, flow, step, language) for step in asks(flow)]


def unasked(steps: Sequence[str]) -> list[Question]:
    """Those that were answered once and are no longer asked; they may have hung on an answer."""
    return [Question(step, "", step.replace("_", " "), only_if=True) for step in steps]


def _question(release: Release, flow: Flow, step: Menu | Ask, language: str) -> Question:
    kind = "choice" if isinstance(step, Menu) else step.answer.kind.value
    words, options = said(release, flow, step.text, language), _options(release, flow, step, language)
    return Question(step.name, kind, words, options, step.only_if is not None)


def _options(release: Release, flow: Flow, step: Menu | Ask, language: str) -> tuple[tuple[Any, str], ...]:
    if isinstance(step, Menu):
        return tuple((one.name, said(release, flow, one.label, language)) for one in step.options)
    answer = step.answer
    if answer.kind is Kind.YES_NO:
        return tuple(
            (value, release.words.render(language, SYSTEM, key, {})) for key, value in (("yes", True), ("no", False))
        )
    if answer.kind is Kind.MEDIA:
        return tuple((kind, release.words.render(language, SYSTEM, f"media_{kind}", {})) for kind in answer.of)
    if answer.kind is Kind.RATING:
        return tuple((value, str(value)) for value in range(int(answer.min), int(answer.max) + 1))
    return tuple((name, said(release, flow, label, language)) for name, label in answer.options)


def said(release: Release, flow: Flow, text: Text, language: str) -> str:
    """What this call has of its own (an amount, a name) is left as it stands in the flow."""
    try:
        return release.words.render(language, flow.name, text.key, release.names)
    except (MissingWords, Unprintable, LookupError):
        return text.source
