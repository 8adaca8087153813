"""Every way through a flow, with what is known on it.

A *case* is a place on the way: a step, what the watched names can be there, and what is known there whatever else was
answered. First each step is one case. Where that leaves a doubt, the answers that it hangs on are followed one by one:
cases that no later condition tells apart are one. Where a step has too many of them they are followed as one again:
then less is known than there is, and what is said of it says so.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from flows.checks.graph import START, Edge
from flows.checks.knowing.conditions import Conditions, Values
from flows.checks.knowing.scope import Scope

BACK, RETURN = "back key", "another day"  # ways that stand in no file
HERE = Edge(START, "here", None)
Key = tuple[str, Values]


@dataclass(slots=True)
class Case:
    """``known``: the units (bits) that are there on all ways to here; ``may``: those that are on some. ``came``: one of
    these ways. ``again``: only by the back key or another day. ``joined``: several cases were followed as one."""

    key: Key
    values: Values
    known: int = 0
    may: int = 0
    came: tuple[Key, Edge] = (("", ()), HERE)
    again: bool = False
    joined: bool = False

    @property
    def step(self) -> str:
        return self.key[0]

    def take_in(self, other: Case) -> bool:
        """Comes to know that ``other`` is here too; False where that is nothing new."""
        values = tuple(mine | theirs for mine, theirs in zip(self.values, other.values, strict=True))
        if not (self.known & ~other.known or other.may & ~self.may or values != self.values):
            return False
        self.values = values
        if self.known & ~other.known:
            self.came, self.joined = other.came, self.joined or other.joined
        self.known &= other.known
        self.may |= other.may
        return True


@dataclass(slots=True)
class Ways:
    """``cases`` by place; ``done``: those in which the step itself was done, its condition being true, by step;
    ``down``: the same, before anybody went back or came again."""

    scope: Scope
    conditions: Conditions
    cases: dict[Key, Case] = field(default_factory=dict)
    done: dict[str, dict[Key, Case]] = field(default_factory=dict)
    down: dict[str, list[Case]] = field(default_factory=dict)
    visited: frozenset[str] = frozenset()  # the steps that were come to by then
    here: dict[Key, Values] = field(default_factory=dict)  # what the names could be by then, where they were come to
    held: frozenset[tuple[str, int]] = frozenset()  # the tests, by step and number, that were true of something by then
    at_end: int = -1  # the units that are known wherever the flow ends; -1 (all): it never does

    def way_to(self, case: Case) -> list[Edge]:
        """One way from the start to ``case``."""
        edges: list[Edge] = []
        seen: set[Key] = set()
        while True:
            before, edge = case.came
            edges += [edge] if edge is not HERE else []
            if before in seen or before not in self.cases:
                return edges[::-1]
            seen.add(before)
            case = self.cases[before]
