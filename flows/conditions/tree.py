"""A condition as a tree: what the parser gives and the compiler takes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Written:
    """A value as it was written; ``quoted`` ones are words, never names or numbers."""

    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Test:
    """``name operator values``: ``is`` and ``has`` take one or more values, ``between`` two, the others one or none."""

    name: str
    operator: str
    values: tuple[Written, ...] = ()


@dataclass(frozen=True, slots=True)
class Not:
    part: Tree


@dataclass(frozen=True, slots=True)
class Both:
    parts: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Either:
    parts: tuple[Tree, ...]


Tree = Test | Not | Both | Either
