"""Shares, scores and what is kept back: against published figures, and for every count by property."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.desk.figures import FEW, guarded, mean, median, promoter_score, wilson


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [
        # R. G. Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17 (1998),
        # table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (29, 29, 0.8830, 1.0),
    ],
)
def test_the_interval_of_a_share(count: int, of: int, low: float, high: float) -> None:
    share = wilson(count, of)
    assert share is not None
    assert (share.part, share.low, share.high) == pytest.approx((count / of, low, high), abs=5e-5)


def test_nobody_has_no_share() -> None:
    assert wilson(0, 0) is None


@given(st.integers(1, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_share_lies_within_its_interval(case: tuple[int, int]) -> None:
    share = wilson(*case)
    assert share is not None
    assert 0 <= share.low <= share.part <= share.high <= 1


@pytest.mark.parametrize(
    ("counts", "value", "groups"),
    [
        ({9: 5, 8: 2, 3: 3}, 20, (5, 2, 3)),
        ({10: 4}, 100, (4, 0, 0)),
        ({0: 1, 6: 1, 7: 1, 9: 1}, -25, (1, 1, 2)),
    ],
)
def test_the_net_promoter_score(counts: dict[int, int], value: float, groups: tuple[int, int, int]) -> None:
    score = promoter_score(counts)
    assert score is not None
    assert (score.value, (score.promoters, score.passives, score.detractors)) == (pytest.approx(value), groups)


def test_the_bounds_of_the_score_by_hand() -> None:
    """70 promoters, 20 passives, 10 detractors: n = 103, (70.75 - 10.75) / 103 ± z √((81.5/103 - 0.5825²) / 103)."""
    score = promoter_score({10: 70, 7: 20, 0: 10})
    assert score is not None
    assert (score.value, score.low, score.high) == pytest.approx((60.0, 45.27, 71.24), abs=0.01)
    assert promoter_score({}) is None


@given(st.dictionaries(st.integers(0, 10), st.integers(1, 500), min_size=1))
def test_the_score_is_within_its_range(counts: dict[int, int]) -> None:
    score = promoter_score(counts)
    assert score is not None
    assert -100 <= score.low < score.high <= 100
    assert min(counts) <= median(counts) <= max(counts) and min(counts) <= mean(counts) <= max(counts) + 1e-9


@pytest.mark.parametrize(("counts", "middle"), [({1: 1}, 1), ({1: 1, 2: 1}, 1.5), ({1: 3, 5: 2}, 1), ({4: 2, 5: 3}, 5)])
def test_the_answer_in_the_middle(counts: dict[int, int], middle: float) -> None:
    assert median(counts) == middle


@given(st.lists(st.integers(0, 40), min_size=1, max_size=11))
def test_what_is_kept_back_cannot_be_worked_out(counts: list[int]) -> None:
    """The total is known: whatever is kept back is at least two counts, of at least five clients, or all of them."""
    shown = guarded(counts)
    kept = [count for count, told in zip(counts, shown, strict=True) if told is None]
    assert [told for told in shown if told is not None] == [
        count for count, told in zip(counts, shown, strict=True) if told is not None
    ]
    assert all(told >= FEW for told in shown if told is not None)
    assert not kept or len(kept) == len(counts) or (len(kept) > 1 and sum(kept) >= FEW)


@given(st.lists(st.integers(0, 40), min_size=1, max_size=11))
def test_of_several_answers_neither_those_who_gave_it_nor_the_others_are_few(counts: list[int]) -> None:
    of = max(counts) + 1
    assert all(FEW <= told <= of - FEW for told in guarded(counts, of) if told is not None)


def test_nothing_is_kept_back_without_need() -> None:
    assert guarded([10, 20, 30]) == [10, 20, 30]
    assert guarded([27, 16, 0]) == [27, None, None]
    assert guarded([10, 10, 3, 4]) == [10, 10, None, None]
