"""The score of each family: how many faults there are, how many of them are found, and how many misleadingly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from random import Random

from mutants import cost, fit, form, meaning, safety, structure, words  # noqa: F401 (each adds its kinds)
from mutants.judging import FAMILIES, KINDS, Kind, Mutant, judge


@dataclass(slots=True)
class Score:
    """Of one family. ``missed`` and ``astray`` tell the places."""

    family: str
    kinds: int = 0
    applied: int = 0
    found: int = 0
    harmless: int = 0
    missed: list[str] = field(default_factory=list)
    astray: list[str] = field(default_factory=list)
    nowhere: list[str] = field(default_factory=list)  # kinds that no place was found for

    @property
    def percent(self) -> float:
        return 100 * self.found / self.applied if self.applied else 0

    def take(self, kind: Kind, mutant: Mutant) -> None:
        if mutant.harmless or mutant.reads_the_same:
            self.harmless += 1
            return
        self.applied += 1
        verdict = judge(mutant)
        where = f"{kind.what}: {mutant.place}"
        if verdict.found:
            self.found += 1
        else:
            self.missed.append(where)
        self.astray += [f"{where}\n      {fault.code} {fault}" for fault in verdict.astray[:2]]


def scores(places: int | None, seed: int, kinds: Iterable[Kind] = KINDS) -> dict[str, Score]:
    """``places``: how many of each kind are tried (None: all)."""
    told = {family: Score(family) for family in FAMILIES}
    for kind in kinds:
        told[kind.family].kinds += 1
        made = list(kind.make())
        for mutant in _some(made, places, Random(f"{seed} {kind.what}")):
            told[kind.family].take(kind, mutant)
        if all(mutant.harmless for mutant in made):
            told[kind.family].nowhere.append(kind.what)
    return told


def _some(mutants: list[Mutant], places: int | None, chance: Random) -> list[Mutant]:
    return mutants if places is None or len(mutants) <= places else chance.sample(mutants, places)


def table(told: Iterable[Score]) -> Iterator[str]:
    yield "| family | kinds of fault | places | found | | misleading | no fault |"
    yield "|---|---|---|---|---|---|---|"
    for score in told:
        figures = (score.kinds, score.applied, score.found, f"{score.percent:.1f} %", len(score.astray), score.harmless)
        yield f"| {score.family} | {' | '.join(map(str, figures))} |"
