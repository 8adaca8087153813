"""The ways through all flows: each step as one case, and where that leaves a doubt, answer by answer."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from flows.checks.knowing.cases import Ways
from flows.checks.knowing.doubts import doubts
from flows.checks.knowing.scope import Scope
from flows.checks.knowing.walk import Walk
from flows.checks.subject import Subject
from flows.model import Run


@dataclass(frozen=True, slots=True)
class Both:
    """``rough``: each step as one case. ``fine``: what it left in doubt, followed answer by answer (None: nothing)."""

    rough: Ways
    fine: Ways | None

    @property
    def at_end(self) -> int:
        """The units that are known wherever the flow ends."""
        return self.rough.at_end | (self.fine.at_end if self.fine else 0)


@lru_cache(maxsize=1)  # several families ask for them
def ways_of(subject: Subject) -> dict[str, Both]:
    """The ways through all flows, by name."""
    found: dict[str, Both] = {}
    for name in subject.flows:
        _ways(name, subject, found, frozenset())
    return found


def _ways(name: str, subject: Subject, found: dict[str, Both], above: frozenset[str]) -> Both | None:
    """Those of a flow that is run come first. None where flows run one another in a circle."""
    if name in above or name not in subject.flows:
        return None
    if name not in found:
        run: dict[str, Scope] = {}
        ends: dict[str, frozenset[str]] = {}
        for step in subject.flows[name].steps.values():
            theirs = _ways(step.flow, subject, found, above | {name}) if isinstance(step, Run) else None
            if isinstance(step, Run) and theirs is not None:
                run[step.flow] = scope = theirs.rough.scope
                ends[step.flow] = frozenset(unit for unit, bit in scope.units.items() if theirs.at_end & bit)
        found[name] = _both(Scope(subject.flows[name], subject, run), ends)
    return found[name]


def _both(scope: Scope, ends: dict[str, frozenset[str]]) -> Both:
    rough = Walk(scope, ends).ways()
    followed = doubts(rough)
    return Both(rough, Walk(scope, ends, followed).ways() if followed else None)
