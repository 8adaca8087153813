"""Shares and scores with how sure they are, and counts that tell of nobody. Pure arithmetic, no I/O."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

Z = 1.959963984540054  # of 95 %: the normal distribution has that much within so many standard deviations
FEW = 5  # fewer than so many are no figure to lean on, and may tell of one client
BATCH = 10  # clients by which results go on, for staff whom they are hidden from


class Share(NamedTuple):
    """A part of a whole, with the bounds between which the true part lies 19 times of 20. All from 0 to 1."""

    part: float
    low: float
    high: float


class Score(NamedTuple):
    """Net promoter score from -100 to 100, with its bounds, and how many said 9 or 10, 7 or 8, and 0 to 6."""

    value: float
    low: float
    high: float
    promoters: int
    passives: int
    detractors: int


def wilson(count: int, of: int) -> Share | None:
    """The score interval of a proportion; None where there is nothing to divide by.

    Centre (p + z²/2n) / (1 + z²/n), half width z/(1 + z²/n) · √(p(1-p)/n + z²/4n²): E. B. Wilson, "Probable
    inference, the law of succession, and statistical inference", Journal of the American Statistical Association 22
    (1927), pages 209-212. It never leaves 0 to 1, and holds for small counts where p ± z·√(p(1-p)/n) does not.
    """
    if of <= 0:
        return None
    p, extra = count / of, Z * Z / of
    centre = (p + extra / 2) / (1 + extra)
    half = Z / (1 + extra) * math.sqrt(p * (1 - p) / of + extra / (4 * of))
    return Share(p, 0.0 if count == 0 else centre - half, 1.0 if count == of else centre + half)


def promoter_score(counts: Mapping[int, int]) -> Score | None:
    """Of answers from 0 to 10; None where there are none.

    The bounds are the adjusted Wald interval: 3/4 of an answer is added to promoters and to detractors and 3/2 to those
    between, and then the variance is that of +1, 0 and -1. B. Rocks, "Interval estimation for the 'Net Promoter
    Score'", The American Statistician 70 (2016).
    """
    promoters = sum(count for said, count in counts.items() if said >= 9)
    detractors = sum(count for said, count in counts.items() if said <= 6)
    total = sum(counts.values())
    if not total:
        return None
    n, up, down = total + 3, promoters + 0.75, detractors + 0.75
    middle = (up - down) / n
    half = Z * math.sqrt((up + down) / n / n - middle * middle / n)
    bounds = (max(-100.0, 100 * (middle - half)), min(100.0, 100 * (middle + half)))
    value = 100 * (promoters - detractors) / total
    return Score(value, *bounds, promoters, total - promoters - detractors, detractors)


def mean(counts: Mapping[Any, int]) -> float:
    """Raises ZeroDivisionError where there are none."""
    return float(sum(said * count for said, count in counts.items()) / sum(counts.values()))


def median(counts: Mapping[Any, int]) -> float:
    """The answer in the middle, or halfway between the two there. Raises IndexError where there are none."""
    ordered = [said for said in sorted(counts) for _ in range(counts[said])]
    middle = len(ordered) // 2
    return float(ordered[middle]) if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def guarded(counts: Sequence[int], several_of: int = 0) -> list[int | None]:
    """Counts that may be shown to whom the answers are hidden from; None for what is not.

    Fewer than ``FEW`` are kept back. Where each client has given one answer, the rest tells what was kept back, so the
    smallest others are kept back too until that is at least two of them and ``FEW`` clients. ``several_of``: so many
    clients could give several; then a count that all but a few share tells as much of those few.
    """
    if several_of:
        return [count if FEW <= count <= several_of - FEW else None for count in counts]
    shown: list[int | None] = [count if count >= FEW else None for count in counts]
    for at in sorted(range(len(counts)), key=lambda n: counts[n]):
        kept = [n for n, count in enumerate(shown) if count is None]
        if not kept or (len(kept) > 1 and sum(counts[n] for n in kept) >= FEW):
            break
        shown[at] = None
    return shown
