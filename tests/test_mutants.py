"""The shipped flows are broken in every way that stands in ``tests/mutants``, one fault at one place at a time: the
check must find it, and must blame nothing else.

Some places of each kind are tried, drawn by a seed that is printed; ``NJIA_MUTANTS=20 NJIA_MUTANTS_SEED=7`` tries
twenty of each, and others. ``NJIA_MUTANTS=all make test ARGS="-k mutants -s"`` tries all places of all kinds (about ten
minutes). With ``NJIA_MUTANTS_WRITE=1`` the table is written into docs/what-the-check-proves.md.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from mutants.judging import FAMILIES
from mutants.scoring import KINDS, Score, scores, table

from gateway.publishing import check

PAGE = Path(__file__).parent.parent / "docs/what-the-check-proves.md"
ASKED = os.environ.get("NJIA_MUTANTS", "3")
SEED = int(os.environ.get("NJIA_MUTANTS_SEED", "1"))
LEAST = 95  # per cent of each family
WHOLE = ASKED == "all"
WRITE = "NJIA_MUTANTS_WRITE" in os.environ


def test_there_are_enough_kinds_of_each_family() -> None:
    counts = {family: sum(kind.family == family for kind in KINDS) for family in FAMILIES}
    assert sum(counts.values()) > 140
    assert min(counts.values()) >= 8
    assert len({kind.what for kind in KINDS}) == len(KINDS)


def test_nothing_is_found_where_nothing_is_broken() -> None:
    """Neither of what is shipped as a whole, nor of the part of it that each fault is put into."""
    mutants = [next(iter(kind.make())) for kind in KINDS[:: len(KINDS) // 12]]
    for sources in (mutant.unbroken() for mutant in mutants):
        release, faults = check(sources)
        assert release is not None and faults == []


@pytest.mark.timeout(3600 if WHOLE else 300)
def test_faults_are_found_and_nothing_else_is_blamed(capsys: pytest.CaptureFixture[str]) -> None:
    told = scores(None if WHOLE else int(ASKED), SEED)
    lines = list(table(told.values()))
    with capsys.disabled():
        print(
            "\n"
            + "\n".join([*lines, "" if WHOLE else f"{ASKED} places of each kind, by the seed {SEED}", *_places(told)])
        )
    if WRITE:
        _write(lines)
    assert {family: score.percent for family, score in told.items() if score.percent < LEAST} == {}
    assert [place for score in told.values() for place in score.astray] == []
    assert [kind for score in told.values() for kind in score.nowhere] == []


def _places(told: dict[str, Score]) -> list[str]:
    return [f"missed: {place}" for score in told.values() for place in score.missed]


def _write(lines: list[str]) -> None:
    """In place of the table on the page."""
    text = PAGE.read_text()
    begins = text.index(lines[0])
    ends = text.index("\n\n", begins)
    PAGE.write_text(text[:begins] + "\n".join(lines) + text[ends:])


def test_the_page_has_the_score_of_all_kinds() -> None:
    """(How many places there are changes with every flow: that is not compared.)"""
    rows = re.findall(r"^\| (\w+) \| (\d+) \| \d+ \| \d+ \|", PAGE.read_text(), re.MULTILINE)
    counts = {family: sum(kind.family == family for kind in KINDS) for family in FAMILIES}
    assert {family: int(kinds) for family, kinds in rows} == counts
