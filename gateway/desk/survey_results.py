"""What was said to each question, as a page shows it: counts, shares, scores; and with care what may tell of one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flows.values import Money
from gateway.desk.dictionary import PRINTER
from gateway.desk.figures import FEW, Score, Share, guarded, mean, median, promoter_score, wilson
from gateway.desk.survey_words import Question
from gateway.record.desk.surveys import Answer, Passed

SEVERAL = "choices"


@dataclass(frozen=True, slots=True)
class Bar:
    """One answer. ``count`` is None where it may not be told; ``share`` then too."""

    label: str
    count: int | None
    share: Share | None = None

    @property
    def told(self) -> bool:
        return self.count is not None


@dataclass(slots=True)
class Result:
    """``shown``: to how many. ``silent``: they saw it and the call ended there, or they left."""

    question: Question
    answered: int
    shown: int = 0
    skipped: int = 0
    refused: int = 0
    bars: list[Bar] = field(default_factory=list)
    middle: str = ""  # mean and median, where the answers are numbers
    score: Score | None = None
    kept: bool = False  # not shown, as a count that is kept back could be worked out by it

    @property
    def silent(self) -> int:
        return max(0, self.shown - self.answered - self.refused)

    @property
    def few(self) -> bool:
        return self.answered < FEW


def results(
    asked: Sequence[Question], said: Mapping[str, Sequence[Answer]], passed: Mapping[str, Passed], careful: bool
) -> list[Result]:
    """By step. ``careful``: for staff whom these answers are hidden from. How many were asked a question that hangs on
    an answer tells how many gave that one."""
    made: list[Result] = []
    for one in asked:
        found = _result(one, said.get(one.step, ()), passed.get(one.step), careful)
        told = any(before.kept or before.few or not all(bar.told for bar in before.bars) for before in made)
        if careful and one.only_if and told:
            found = Result(one, found.answered, kept=True)
        made.append(found)
    return made


def _result(question: Question, said: Sequence[Answer], passed: Passed | None, careful: bool) -> Result:
    told = [one for one in said if not one.absent]
    made = Result(question, sum(one.count for one in told))
    made.refused = sum(one.count for one in said if one.absent == "refused")
    again = sum(one.count for one in said if one.absent == "skipped")  # answered, and then it was not for them
    made.shown, made.skipped = (passed.shown, passed.skipped) if passed else (made.answered + made.refused + again, 0)
    made.shown, made.skipped = made.shown - again, made.skipped + again
    if careful and made.few:
        return made
    counts = _counted(told)
    if question.options or question.kind == "":
        made.bars = _bars(question, counts, made.answered, careful)
    # with the size of a group, or a mean, what is kept back could be worked out
    whole = not careful or (bool(made.bars) and all(bar.told for bar in made.bars))
    if question.kind in ("rating", "number", "money") and whole:
        made.middle = _middle(question, told, counts)
    made.score = promoter_score(counts) if question.is_score and whole else None
    return made


def _counted(told: Iterable[Answer]) -> Counter[Any]:
    """How many gave each answer; of several at once each counts."""
    counts: Counter[Any] = Counter()
    for one in told:
        for value in one.value if isinstance(one.value, list) else [one.value]:
            if value is not None:
                counts[value] += one.count
    return counts


def _bars(question: Question, counts: Counter[Any], answered: int, careful: bool) -> list[Bar]:
    """The options in their order, and then what was an option once."""
    known = dict(question.options)
    labels = known | {value: str(value).replace("_", " ") for value in sorted(counts, key=str) if value not in known}
    plain: list[int | None] = [counts[value] for value in labels]
    several = answered if question.kind == SEVERAL else 0
    seen = guarded([counts[value] for value in labels], several) if careful else plain
    return [
        Bar(label, count, None if count is None else wilson(count, answered))
        for label, count in zip(labels.values(), seen, strict=True)
    ]


def _middle(question: Question, told: Sequence[Answer], counts: Counter[Any]) -> str:
    numbers = Counter({value: count for value, count in counts.items() if isinstance(value, int | float)})
    if not numbers:
        return ""
    between, usual = median(numbers), mean(numbers)
    if question.kind == "money":
        unit = next(one.unit for one in told)
        return f"median {_money(between, unit)}, mean {_money(usual, unit)}"
    return f"mean {usual:.1f}, median {between:g}"


def _money(minor: float, currency: str) -> str:
    return PRINTER.money(Money(round(minor), currency))
